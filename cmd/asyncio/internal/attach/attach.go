// Package attach finds the program that a command of the terminal looks at: by its
// address, by its process, or because it is the only one; and says what to do where
// there is none.
package attach

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/cli"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/plain"
	"github.com/goasyncio/asyncio/console/client"
)

// Help is what the help of each of these commands says of its argument.
const Help = `The program is the one whose console listens at ADDRESS: a HOST:PORT, or the URL
that it has printed. Or it is process --pid of yours on this machine. With
neither it is the only one of yours that has its console on.

A program has its console on if it was started with
ASYNCIO_CONSOLE=127.0.0.1:8765 (or another address; port 0 is a free one) in its
environment, or if it calls console.Serve.`

// turnOn is the end of each message about a console that is not there.
const turnOn = "start the program with ASYNCIO_CONSOLE=127.0.0.1:0 in its environment, or call console.Serve in it"

// Flags say which program, and which of its loops.
type Flags struct {
	target client.Target
	loop   uint32
	pid    *pflag.Flag
}

// Add gives c the flags, and room for an address.
func (f *Flags) Add(c *cobra.Command) {
	c.Args = cobra.MaximumNArgs(1)
	c.ValidArgsFunction = cobra.NoFileCompletions // an address is no file
	flags := c.Flags()
	flags.SortFlags = false
	flags.IntVarP(&f.target.PID, "pid", "p", 0, "look at process `N` of this machine")
	f.pid = flags.Lookup("pid")
	flags.StringVar(&f.target.Token, "token", "", "the console's `TOKEN`, where it is not found by itself (also "+client.TokenVariable+")")
	flags.Uint32Var(&f.loop, "loop", 0, "look at loop `N` of the program alone")
}

// A Program is a program that has answered.
type Program struct {
	*client.Client
	Info client.Program
	loop uint32 // the one that is asked for, 0 for all
}

// Open asks the program who it is. It waits for the answer until ctx ends.
func (f *Flags) Open(ctx context.Context, args []string) (*Program, error) {
	switch {
	case len(args) > 0 && f.pid.Changed:
		return nil, cli.Usage(errors.New("an address and --pid are given: one is enough"))
	case len(args) > 0 && args[0] == "":
		return nil, cli.Usage(errors.New("the address is empty: give HOST:PORT, or nothing at all"))
	case f.pid.Changed && f.target.PID <= 0:
		return nil, cli.Usage(fmt.Errorf("--pid %d: give the number of a process", f.target.PID))
	case len(args) > 0:
		f.target.Address = args[0]
	}
	c, err := f.find()
	if err != nil {
		return nil, notFound(err)
	}
	p := &Program{Client: c, loop: f.loop}
	if err := p.Refresh(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return p, nil
}

// find makes a client of the program that is meant. What a program leaves behind that was
// killed stays where its number is another process's by now, as it soon is in a container:
// of several programs those count at whose address somebody listens.
func (f *Flags) find() (*client.Client, error) {
	c, err := client.Find(f.target)
	several := new(client.SeveralError)
	if !errors.As(err, &several) {
		return c, err
	}
	var there []client.Process
	for _, p := range several.Processes {
		if conn, err := net.DialTimeout("tcp", p.Address, time.Second); err == nil {
			conn.Close()
			there = append(there, p)
		}
	}
	switch len(there) {
	case 0:
		return nil, err
	case 1:
		return client.Find(client.Target{PID: there[0].PID, Token: f.target.Token})
	}
	return nil, &client.SeveralError{Processes: there}
}

// patience is how long a program may take to say who it is.
var patience = 10 * time.Second

// Refresh asks again. A program that is stopped never answers: then it is given up.
func (p *Program) Refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience,
		fmt.Errorf("%s has not answered within %v: is the program stopped?", p.Address(), patience))
	defer cancel()
	info, err := p.Program(ctx)
	if err != nil {
		return p.Explain(err)
	}
	if info.PID == 0 { // any server could answer so
		return p.Explain(client.ErrNoConsole)
	}
	p.Info = info
	return nil
}

// Title names the program for people.
func (p *Program) Title() string {
	return fmt.Sprintf("%s, process %d", plain.Clean(p.Info.Program), p.Info.PID)
}

// Loops are the loops to look at: those that run, or the one that was asked for. That
// there is none is an error.
func (p *Program) Loops() ([]client.Loop, error) {
	var found []client.Loop
	var ended *client.Loop
	for _, l := range p.Info.Loops {
		switch {
		case p.loop != 0 && l.Number != p.loop:
		case l.State == client.Ended:
			ended = cmp.Or(ended, &l) // the last one is told first
		default:
			found = append(found, l)
		}
	}
	switch {
	case len(found) > 0:
		return found, nil
	case ended != nil && ended.Error != "":
		return nil, fmt.Errorf("loop %d of %s has ended: %s", ended.Number, p.Title(), strings.Join(plain.Lines(ended.Error), "\n"))
	case ended != nil:
		return nil, fmt.Errorf("loop %d of %s has ended", ended.Number, p.Title())
	case p.loop != 0:
		return nil, fmt.Errorf("%s has no loop %d; see 'asyncio ps'", p.Title(), p.loop)
	}
	return nil, fmt.Errorf("%s runs no loop now", p.Title())
}

// Each asks about each of the loops. One that ends meanwhile is passed over, unless all
// do: a program may run many short ones.
func (p *Program) Each(ask func(client.Loop) error) error {
	loops, err := p.Loops()
	if err != nil {
		return err
	}
	var gone error
	left := len(loops)
	for _, l := range loops {
		err := ask(l)
		switch status := new(client.StatusError); {
		case errors.As(err, &status) && status.Status == http.StatusGone:
			gone = err
			left--
		case err != nil:
			return p.Explain(err)
		}
	}
	if left == 0 {
		return p.Explain(gone)
	}
	return nil
}

// Loop is the one loop to look at. That there are several is an error which lists them.
func (p *Program) Loop() (client.Loop, error) {
	loops, err := p.Loops()
	if err != nil {
		return client.Loop{}, err
	}
	if len(loops) > 1 {
		return client.Loop{}, cli.Usage(fmt.Errorf("%s runs %d loops; say which one with --loop: %s", p.Title(), len(loops), names(loops)))
	}
	return loops[0], nil
}

func names(loops []client.Loop) string {
	var all []string
	for _, l := range loops {
		all = append(all, fmt.Sprintf("%d (%s)", l.Number, plain.Clean(l.Name)))
	}
	return strings.Join(all, ", ")
}

// notFound says what to do where no program is found.
func notFound(err error) error {
	several := new(client.SeveralError)
	switch {
	case errors.As(err, &several):
		return cli.Usage(errors.New(listed(several)))
	case errors.Is(err, client.ErrNoProgram), errors.Is(err, client.ErrNotOn):
		return fmt.Errorf("%w; %s", err, turnOn)
	case errors.Is(err, client.ErrNoAddress):
		return cli.Usage(err)
	}
	return err
}

// listed is the list of the programs that may be meant.
func listed(several *client.SeveralError) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v; give the address of one, or its --pid:\n", several)
	columns := []plain.Column{{Title: "PID", Right: true}, {Title: "ADDRESS"}, {Title: "PROGRAM"}}
	var rows [][]string
	for _, e := range several.Processes {
		rows = append(rows, []string{fmt.Sprint(e.PID), plain.Clean(e.Address), plain.Clean(e.Program)})
	}
	plain.Table(&b, columns, rows, 0)
	return strings.TrimSuffix(b.String(), "\n")
}

// Explain makes of what a question ended with what a person can act on.
func (p *Program) Explain(err error) error {
	failed, status := new(net.OpError), new(client.StatusError)
	switch at := p.Address(); {
	case errors.Is(err, client.ErrUnauthorized):
		return fmt.Errorf("the console at %s wants its token: give --token, set %s, or give the URL that the program has printed", at, client.TokenVariable)
	case errors.Is(err, client.ErrNoConsole):
		return fmt.Errorf("%s: %w; this command is version %s", at, err, cli.Version())
	case errors.As(err, &status):
		return errors.New(plain.Clean(status.Error()))
	case errors.As(err, &failed) && failed.Op == "dial":
		return fmt.Errorf("nobody answers at %s: %w; %s", at, err, turnOn)
	case Ended(err):
		return fmt.Errorf("the program at %s has ended, or has closed its console", at)
	}
	return err
}

// Ended tells that err is that of a program that has ended: the connection broke, or
// nobody listens any more.
func Ended(err error) bool {
	for _, end := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.ECONNREFUSED, syscall.EPIPE} {
		if errors.Is(err, end) {
			return true
		}
	}
	return false
}
