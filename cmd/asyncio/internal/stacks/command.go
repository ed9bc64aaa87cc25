// Package stacks is the command that prints where each task of a program is.
package stacks

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/attach"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/cli"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/listing"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/plain"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/traceback"
	"github.com/goasyncio/asyncio/console/client"
)

const long = `Print where each task of a program is: its stack, from the innermost call. What
blocks the loop comes first. Tasks with the same stack are told together, the
largest group first; frames of the runtime are left out.

` + attach.Help + `

Each task tells its own stack, a few at a time, between the steps of the loop,
and nothing stops meanwhile. It works while the loop is blocked, too: then they
come from the Go runtime, which stops the program for some microseconds for each
goroutine it has.`

const examples = `  asyncio stacks
  asyncio stacks 127.0.0.1:8765 --task 5
  asyncio stacks --pid 4711 --raw > stacks.txt`

// options are what the command line asks for.
type options struct {
	attach.Flags
	task    uint64
	raw     bool
	printed bool // a loop
}

// New returns the command "stacks".
func New() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:     "stacks [flags] [ADDRESS]",
		Short:   "Where each task of a program is",
		Long:    long,
		Example: examples,
		RunE: func(c *cobra.Command, args []string) error {
			return o.run(c.Context(), args, plain.NewScreen(c.OutOrStdout()))
		},
	}
	o.Add(c)
	f := c.Flags()
	f.Uint64Var(&o.task, "task", 0, "only task `ID`")
	f.BoolVar(&o.raw, "raw", false, "each task by itself, with all frames, as the console tells them")
	return c
}

func (o *options) run(ctx context.Context, args []string, out *plain.Screen) error {
	if o.task != 0 && o.raw {
		return cli.Usage(errors.New("--task and --raw are given: one is enough"))
	}
	p, err := o.Open(ctx, args)
	if err != nil {
		return err
	}
	defer p.Close()
	if o.task != 0 {
		return o.one(ctx, p, out)
	}
	return p.Each(func(l client.Loop) error {
		text, err := fetch(ctx, p, l)
		if err != nil {
			return err
		}
		return o.print(text, out)
	})
}

// maxText bounds what is read of a console's text.
const maxText = 256 << 20

// fetch asks for the stacks of a loop.
func fetch(ctx context.Context, p *attach.Program, l client.Loop) (string, error) {
	body, err := p.Stacks(ctx, l.Number)
	if err != nil {
		return "", err
	}
	defer body.Close()
	text, err := io.ReadAll(io.LimitReader(body, maxText))
	return string(text), err
}

// print prints them, and an empty line between loops.
func (o *options) print(text string, out *plain.Screen) error {
	w := bufio.NewWriter(out)
	if o.printed {
		fmt.Fprintln(w)
	}
	o.printed = true
	if o.raw {
		for _, line := range plain.Lines(text) {
			fmt.Fprintln(w, line)
		}
		return w.Flush()
	}
	before, sections, more := parse(text)
	printHead(w, out, before)
	if more {
		fmt.Fprintf(w, "Only %d of them follow: a console tells of no more at a time.\n", len(sections))
	}
	for _, g := range grouped(sections) {
		fmt.Fprintf(w, "\n%s\n", out.Strong(g.title()))
		for _, line := range g.stack {
			fmt.Fprintf(w, "    %s\n", line)
		}
	}
	return w.Flush()
}

// printHead prints what comes before the tasks: which loop it is, and what blocks it.
func printHead(w io.Writer, out *plain.Screen, lines []string) {
	for i, line := range lines {
		if strings.HasPrefix(line, "BLOCKED") {
			why := traceback.Waiting(lines[i:])
			fmt.Fprintln(w, out.Warn(line+why))
			for _, call := range traceback.Calls(lines[i+1:]) {
				fmt.Fprintf(w, "    %s\n", call)
			}
			return
		}
		fmt.Fprintln(w, line)
	}
}

// one prints the stack of a task, on whichever loop it is.
func (o *options) one(ctx context.Context, p *attach.Program, out *plain.Screen) error {
	var found *client.Detail
	err := p.Each(func(l client.Loop) error {
		d, err := p.Task(ctx, l.Number, o.task)
		status := new(client.StatusError)
		switch {
		case errors.As(err, &status) && status.Status == http.StatusNotFound:
			return nil
		case err == nil && found == nil:
			found = &d
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case found == nil:
		return fmt.Errorf("%s has no task %d now", p.Title(), o.task)
	}
	return printTask(out, *found)
}

func printTask(out *plain.Screen, d client.Detail) error {
	w := bufio.NewWriter(out)
	state := plain.Clean(d.Task.State)
	if d.Task.WaitsFor != "" {
		state += " for " + plain.Clean(d.Task.WaitsFor)
	}
	fmt.Fprintln(w, out.Strong(listing.Name(d.Task.Name, d.Task.ID)+": "+state))
	for _, f := range d.Stack {
		if traceback.Machinery(f.Function) {
			continue
		}
		fmt.Fprintf(w, "    %s\n        %s:%d\n", plain.Clean(f.Function), plain.Clean(f.File), f.Line)
	}
	if len(d.Stack) == 0 && d.Traceback != "" {
		for _, line := range traceback.Calls(plain.Lines(d.Traceback)) {
			fmt.Fprintf(w, "    %s\n", line)
		}
	}
	return w.Flush()
}
