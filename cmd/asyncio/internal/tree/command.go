// Package tree is the command that draws who has started whom, and who waits for whom.
package tree

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/attach"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/cli"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/listing"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/plain"
	"github.com/goasyncio/asyncio/console/client"
)

const long = `Draw the tasks of a program as a tree: each under the one that has started it,
or with --awaits each under those who wait for it, so that what everybody waits
for in the end stands at the tips. Rings of tasks that wait for each other,
which never end, are marked and named.

` + attach.Help + `

Many tasks that are alike but for their numbers are counted after the third;
--all tells each. What holds up the whole loop is told first, on standard error.`

const examples = `  asyncio tree
  asyncio tree 127.0.0.1:8765 --awaits
  asyncio tree --pid 4711 --root 5 --depth 2 --all
  asyncio tree --json`

// options are what the command line asks for.
type options struct {
	attach.Flags
	awaits bool
	root   uint64
	depth  int
	all    bool
	json   bool
}

// New returns the command "tree".
func New() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:     "tree [flags] [ADDRESS]",
		Short:   "Who has started whom, and who waits for whom",
		Long:    long,
		Example: examples,
		RunE: func(c *cobra.Command, args []string) error {
			return o.run(c.Context(), args, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	o.Add(c)
	f := c.Flags()
	f.BoolVar(&o.awaits, "awaits", false, "each task under those who wait for it")
	f.Uint64Var(&o.root, "root", 0, "only task `ID` and what is below it")
	f.IntVar(&o.depth, "depth", 0, "at most `N` levels; 0 is all")
	f.BoolVar(&o.all, "all", false, "tell each of many tasks that are alike")
	f.BoolVar(&o.json, "json", false, "as JSON")
	return c
}

func (o *options) run(ctx context.Context, args []string, out, errs io.Writer) error {
	if o.depth < 0 {
		return cli.Usage(fmt.Errorf("--depth %d: give a number of levels, or 0 for all", o.depth))
	}
	p, err := o.Open(ctx, args)
	if err != nil {
		return err
	}
	defer p.Close()
	var grown []grove
	err = p.Each(func(l client.Loop) error {
		g, err := o.grow(ctx, p, l)
		if err == nil {
			grown = append(grown, g)
		}
		return err
	})
	if err != nil {
		return err
	}
	if o.root != 0 {
		if grown = having(grown); len(grown) == 0 {
			return fmt.Errorf("%s has no task %d now", p.Title(), o.root)
		}
	}
	if o.json {
		return printJSON(out, p, grown)
	}
	return o.draw(plain.NewScreen(out), plain.NewScreen(errs), p, grown)
}

// grove is a loop with its trees.
type grove struct {
	loop      client.Loop
	at        time.Time
	truncated bool // the trees are not whole
	trees     []*node
	cycles    []string
}

func (o *options) grow(ctx context.Context, p *attach.Program, l client.Loop) (g grove, err error) {
	tasks, err := listing.All(ctx, p.Client, l.Number, client.TasksQuery{}, 0)
	if err != nil {
		return g, err
	}
	graph, err := p.Graph(ctx, l.Number)
	if err != nil {
		return g, err
	}
	f := byParent(tasks.Tasks)
	if o.awaits {
		f = byWait(tasks.Tasks)
	}
	f.depth = o.depth
	g = grove{loop: l, at: listing.Clock(l, tasks.At), truncated: tasks.Truncated}
	if o.root == 0 {
		g.trees = f.all()
	} else if _, ok := f.tasks[o.root]; ok {
		g.trees = []*node{f.grow(o.root)}
	}
	for _, ring := range graph.Cycles {
		g.cycles = append(g.cycles, cycle(ring, f.tasks))
	}
	return g, nil
}

// having leaves out loops without a tree.
func having(all []grove) (some []grove) {
	for _, g := range all {
		if len(g.trees) > 0 {
			some = append(some, g)
		}
	}
	return some
}

// cycle names a ring of tasks: A (1) → B (2) → A (1).
func cycle(ring []uint64, tasks map[uint64]client.Task) string {
	if len(ring) > 0 {
		ring = append(ring[:len(ring):len(ring)], ring[0])
	}
	var names []string
	for _, id := range ring {
		names = append(names, listing.Name(tasks[id].Name, id))
	}
	return strings.Join(names, " → ")
}

func (o *options) draw(out, notes *plain.Screen, p *attach.Program, grown []grove) error {
	notes.Printf("%s\n", notes.Strong(p.Title()))
	for _, g := range grown {
		listing.Tell(notes, g.loop)
		if g.truncated {
			notes.Printf("%s\n", listing.TooMany)
		}
		for _, c := range g.cycles {
			notes.Printf("%s\n", notes.Warn("A ring of tasks that wait for each other: "+c))
		}
		d := drawer{out: bufio.NewWriter(out), paint: out, at: g.at, all: o.all}
		if err := d.forest(g.trees); err != nil {
			return err
		}
	}
	return nil
}

// jsonNode is a node as programs read it.
type jsonNode struct {
	client.Task
	Below    int         `json:"below,omitempty"` // tasks directly below it, which --depth leaves out
	Again    bool        `json:"again,omitempty"` // it stands elsewhere, with what is below it
	Cycle    bool        `json:"cycle,omitempty"` // it is above itself
	Children []*jsonNode `json:"children,omitempty"`
}

func toJSON(nodes []*node) []*jsonNode {
	all := []*jsonNode{}
	for _, n := range nodes {
		all = append(all, &jsonNode{Task: n.task, Below: n.cut, Again: n.again, Cycle: n.cycle, Children: toJSON(n.children)})
	}
	return all
}

func printJSON(out io.Writer, p *attach.Program, grown []grove) error {
	type loop struct {
		client.Loop
		Truncated bool        `json:"truncated,omitempty"`
		Rings     []string    `json:"rings,omitempty"`
		Trees     []*jsonNode `json:"trees"`
	}
	answer := struct {
		Program string `json:"program"`
		PID     int    `json:"pid"`
		Loops   []loop `json:"loops"`
	}{Program: p.Info.Program, PID: p.Info.PID}
	for _, g := range grown {
		answer.Loops = append(answer.Loops, loop{Loop: g.loop, Truncated: g.truncated, Rings: g.cycles, Trees: toJSON(g.trees)})
	}
	return plain.JSON(out, answer)
}
