// Package top is the command that shows a program live: its loop's numbers and its
// tasks, in a terminal.
//
// A [model] is everything that is shown, without a terminal; a [fetcher] asks the program
// on a goroutine of its own; watch brings both and the terminal together.
package top

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gdamore/tcell/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/attach"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/cli"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/listing"
	"github.com/goasyncio/asyncio/console/client"
)

const long = `Show a program live: how busy its loop is and how late, its tasks with what they
wait for, and on Enter one task with its stack. "?" lists the keys.

` + attach.Help + `

A loop that is blocked is told in red, with the stack of what blocks it. When
the program ends, its last picture stays until you quit.`

const examples = `  asyncio top
  asyncio top 127.0.0.1:8765 --interval 200ms
  asyncio top --pid 4711 --sort busy --filter worker`

// options are what the command line asks for.
type options struct {
	attach.Flags
	every time.Duration
	query client.TasksQuery
}

// New returns the command "top".
func New() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:     "top [flags] [ADDRESS]",
		Short:   "A program live: how busy its loop is, and its tasks",
		Long:    long,
		Example: examples,
		RunE: func(c *cobra.Command, args []string) error {
			return o.run(c.Context(), args, c.OutOrStdout())
		},
	}
	o.Add(c)
	f := c.Flags()
	f.DurationVarP(&o.every, "interval", "i", time.Second, "look each `TIME`")
	f.StringVar(&o.query.Sort, "sort", "id", "begin in the order of this `COLUMN`: "+strings.Join(listing.SortKeys(), ", "))
	f.BoolVar(&o.query.Desc, "desc", false, "the greatest first")
	f.StringVar(&o.query.Match, "filter", "", "only tasks whose name, wait or function contains this `TEXT`")
	cli.Choices(c, "sort", listing.SortKeys())
	return c
}

func (o *options) check() error {
	switch {
	case o.every < fastest || o.every > slowest:
		return cli.Usage(fmt.Errorf("--interval %v: give a time from %v to %v", o.every, fastest, slowest))
	case !slices.Contains(listing.SortKeys(), o.query.Sort):
		return cli.Usage(fmt.Errorf("--sort %s: give one of %s", o.query.Sort, strings.Join(listing.SortKeys(), ", ")))
	case len(o.query.Match) > maxFilter:
		return cli.Usage(fmt.Errorf("--filter: give at most %d bytes", maxFilter))
	}
	return nil
}

// terminal is an error where there is none to show something in.
func terminal(out io.Writer) error {
	file, ok := out.(*os.File)
	switch {
	case !ok || !term.IsTerminal(int(file.Fd())):
		return errors.New("standard output is no terminal; 'asyncio ps' prints a list")
	case !term.IsTerminal(int(os.Stdin.Fd())):
		return errors.New("standard input is no terminal, and keys come from there")
	case os.Getenv("TERM") == "dumb":
		return errors.New("a dumb terminal (TERM) cannot show it; 'asyncio ps' prints a list")
	}
	return nil
}

func (o *options) run(ctx context.Context, args []string, out io.Writer) error {
	if err := o.check(); err != nil {
		return err
	}
	if err := terminal(out); err != nil {
		return err
	}
	p, err := o.Open(ctx, args)
	if err != nil {
		return err
	}
	defer p.Close()
	loops, err := p.Loops()
	if err != nil {
		return err
	}
	tty, err := tcell.NewStdIoTty()
	if err != nil {
		return err
	}
	screen, err := tcell.NewTerminfoScreenFromTty(tty)
	if err != nil {
		return fmt.Errorf("this terminal cannot be used: %w", err)
	}
	m := newModel(loops[0].Number, o.query, o.every)
	if err := watch(ctx, screen, m, newFetcher(p)); err != nil {
		return err // of the terminal: what the program answers is on the screen
	}
	if m.gone != "" {
		_, err = fmt.Fprintln(out, m.gone)
	}
	return err
}
