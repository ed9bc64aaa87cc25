// Package tutorial is the classic lesson about event loops as one command: two
// tasks compute factorials with a pause per step, first with a sleep that keeps
// the loop, then with one that waits on it.
package tutorial

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/cli"
)

const long = `Two tasks compute factorial(3) and factorial(4), with a pause of one second per
step. They run twice on one event loop:

  1. with a sleep that blocks the loop: nobody else can run, the pauses add up
  2. with asyncio.Sleep, which waits: the loop runs the others meanwhile

The steps are printed as they happen. The picture under them is drawn from what
the loop was observed to do.

With --watch the browser shows both runs side by side, as they happen: the
queue, who runs and which line of the code, who waits and for what. When they
are over they can be replayed there, step by step, forwards and backwards.
Ctrl-C ends the command.`

const examples = `  asyncio tutorial
  asyncio tutorial --watch
  asyncio tutorial --watch --virtual
  asyncio tutorial -n 3,4,10 --step 200ms
  asyncio tutorial --virtual -n 0,1,30 --svg picture.svg`

// options are what the command line asks for.
type options struct {
	numbers []int
	step    time.Duration
	virtual bool
	svg     string // where to save the picture; empty for nowhere
	json    string // where to save the recordings
	watch   bool
	noOpen  bool
	open    func(address string) error // in a browser
}

// New returns the command "tutorial".
func New() *cobra.Command { return newCommand(&options{open: openBrowser}) }

func newCommand(o *options) *cobra.Command {
	numbers := numberList{&o.numbers}
	o.numbers = []int{3, 4}
	c := &cobra.Command{
		Use:     "tutorial",
		Short:   "Two factorials on one loop: what blocking costs and waiting saves",
		Long:    long,
		Example: examples,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.run(c.Context(), c.OutOrStdout())
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.VarP(numbers, "numbers", "n", "a task for each of these `numbers` computes its factorial")
	flags.DurationVar(&o.step, "step", time.Second, "the pause per step")
	flags.BoolVar(&o.virtual, "virtual", false, "in virtual time: the same run, at once")
	flags.StringVar(&o.svg, "svg", "", "save the picture as `FILE`")
	flags.StringVar(&o.json, "json", "", "save what the loop was observed to do as `FILE`")
	flags.BoolVar(&o.watch, "watch", false, "show both runs in the browser, as they happen and then step by step, until Ctrl-C")
	flags.BoolVar(&o.noOpen, "no-open", false, "with --watch: print the address, open no browser")
	return c
}

// Limits of what the command takes on.
const (
	maxStep = time.Hour
	minStep = time.Millisecond
)

func (o *options) check() error {
	if o.step < minStep || o.step > maxStep {
		return cli.Usage(fmt.Errorf("--step %v: give a pause from %v to %v", o.step, minStep, maxStep))
	}
	if o.svg != "" && o.svg == o.json {
		return cli.Usage(fmt.Errorf("--svg and --json cannot both be saved as %s", o.svg))
	}
	return o.checkWatch()
}

// run gives the lesson. What it shall save is prepared first, so that a name
// that cannot be written is told before the lesson and not after it.
func (o *options) run(ctx context.Context, out io.Writer) error {
	if err := o.check(); err != nil {
		return err
	}
	files, err := o.prepare()
	if err != nil {
		return err
	}
	defer files.discard()
	screen := newScreen(out)
	watching, err := o.watching(screen)
	if err != nil {
		return err
	}
	defer watching.close()
	var runs []result
	for i, sleep := range sleepers {
		screen.printf("%s%d. %s\n", strings.Repeat("\n", min(i, 1)), i+1, screen.strong(sleep.title))
		r, err := o.lesson(ctx, screen, sleep, watching.rehearsal(sleep))
		if err != nil {
			return err
		}
		screen.printf("Total time: %s\n", tenths(r.total))
		runs = append(runs, r)
	}
	if err := screen.show(o.picture(runs)); err != nil {
		return err
	}
	if err := files.commit(o, runs, screen); err != nil {
		return err
	}
	return watching.stay(ctx, screen)
}
