// Package ps is the command that lists the tasks of a program.
package ps

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/attach"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/cli"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/human"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/listing"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/plain"
	"github.com/goasyncio/asyncio/console/client"
)

const long = `List the tasks of a program that runs on the loop: what each waits for and since
when, how many steps it has run and how long they took on the loop together, and
who has started it.

` + attach.Help + `

Steps and time are counted since the console has begun to look; "-" is what is
not known, and "≥" says that the loop does more than can be counted. A loop that
is blocked is told first, with the stack of what blocks it, on standard error. A
list that goes to a terminal is cut to its width, another is not.`

const examples = `  asyncio ps
  asyncio ps 127.0.0.1:8765 --state waiting --filter Queue
  asyncio ps --pid 4711 --sort busy --limit 20
  asyncio ps --json | jq '.loops[].tasks[].name'`

// options are what the command line asks for.
type options struct {
	attach.Flags
	query client.TasksQuery
	limit int
	json  bool
}

// New returns the command "ps".
func New() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:     "ps [flags] [ADDRESS]",
		Short:   "The tasks of a program: what each waits for, and since when",
		Long:    long,
		Example: examples,
		RunE: func(c *cobra.Command, args []string) error {
			return o.run(c.Context(), args, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	o.Add(c)
	f := c.Flags()
	f.StringVar(&o.query.State, "state", "", "only tasks in this `STATE`: "+strings.Join(listing.States, ", "))
	f.StringVar(&o.query.Match, "filter", "", "only tasks whose name, wait or function contains this `TEXT`")
	f.StringVar(&o.query.Sort, "sort", "", "in the order of this `COLUMN`: "+strings.Join(listing.SortKeys(), ", "))
	f.BoolVar(&o.query.Desc, "desc", false, "the greatest first")
	f.IntVar(&o.limit, "limit", 0, "at most `N` tasks of a loop; 0 is all")
	f.BoolVar(&o.json, "json", false, "as JSON, with everything that is known")
	cli.Choices(c, "state", listing.States)
	cli.Choices(c, "sort", listing.SortKeys())
	return c
}

// check refuses what no list can be made of.
func (o *options) check() error {
	switch {
	case o.query.State != "" && !slices.Contains(listing.States, o.query.State):
		return cli.Usage(fmt.Errorf("--state %s: give one of %s", o.query.State, strings.Join(listing.States, ", ")))
	case o.query.Sort != "" && !slices.Contains(listing.SortKeys(), o.query.Sort):
		return cli.Usage(fmt.Errorf("--sort %s: give one of %s", o.query.Sort, strings.Join(listing.SortKeys(), ", ")))
	case o.limit < 0:
		return cli.Usage(fmt.Errorf("--limit %d: give a number of tasks, or 0 for all", o.limit))
	}
	if o.query.Sort == "" && o.query.Desc {
		o.query.Sort = "id"
	}
	return nil
}

// list is a loop with its tasks.
type list struct {
	client.Loop
	At        time.Time     `json:"at"`
	Matching  int           `json:"matching"`
	Truncated bool          `json:"truncated,omitempty"` // there are more than a console looks at
	Tasks     []client.Task `json:"tasks"`
}

func (o *options) run(ctx context.Context, args []string, out, errs io.Writer) error {
	if err := o.check(); err != nil {
		return err
	}
	p, err := o.Open(ctx, args)
	if err != nil {
		return err
	}
	defer p.Close()
	var lists []list
	err = p.Each(func(l client.Loop) error {
		tasks, err := listing.All(ctx, p.Client, l.Number, o.query, o.limit)
		if err == nil {
			lists = append(lists, list{Loop: l, At: listing.Clock(l, tasks.At), Matching: tasks.Matching, Truncated: tasks.Truncated, Tasks: tasks.Tasks})
		}
		return err
	})
	if err != nil {
		return err
	}
	if o.json {
		return printJSON(out, p, lists)
	}
	return printTables(plain.NewScreen(out), plain.NewScreen(errs), p, lists, o.limit)
}

func printJSON(out io.Writer, p *attach.Program, lists []list) error {
	return plain.JSON(out, struct {
		Program string `json:"program"`
		PID     int    `json:"pid"`
		Loops   []list `json:"loops"`
	}{p.Info.Program, p.Info.PID, lists})
}

// printTables writes one table to out, and everything else to notes, so that what reads
// the table meets nothing but it.
func printTables(out, notes *plain.Screen, p *attach.Program, lists []list, limit int) error {
	notes.Printf("%s\n", notes.Strong(p.Title()))
	columns, several := listing.Columns, len(lists) > 1
	if several {
		columns = append([]plain.Column{{Title: "LOOP", Right: true}}, columns...)
	}
	var rows [][]string
	for _, l := range lists {
		listing.Tell(notes, l.Loop)
		if n := l.Matching - len(l.Tasks); n > 0 && limit > 0 {
			notes.Printf("and %s (--limit)\n", human.Plural(n, "more task"))
		}
		if l.Truncated {
			notes.Printf("%s\n", listing.TooMany)
		}
		for _, t := range l.Tasks {
			row := listing.Row(t, l.At)
			if several {
				row = append([]string{fmt.Sprint(l.Number)}, row...)
			}
			rows = append(rows, row)
		}
	}
	return plain.Table(out, columns, rows, out.Width)
}
