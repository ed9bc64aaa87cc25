// Package record is the command that saves what a loop does for a while.
package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/attach"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/cli"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/human"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/plain"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/save"
	"github.com/goasyncio/asyncio/console/client"
)

const long = `Save what a loop does for a while: every step, wait and wake-up.

` + attach.Help + `

Formats: "asyncio" is lines of JSON, which the page of a console plays step by
step, forwards and backwards; "perfetto" is for ui.perfetto.dev and
chrome://tracing.

Details: "coarse" has the order of everything and the time of some, and costs
the program least; "exact" has the time of each step; "stacks" has the stack of
each wait too.

--flight saves what a flight recorder of the program, which ASYNCIO_FLIGHT turns
on, has kept of the last seconds, and records nothing.

The file appears when it is complete. Where the loop ends before, the recording
ends with it. In the format "asyncio" what there is until then is saved also
where Ctrl-C ends the recording, or the program is killed, which is exit status
1.`

const examples = `  asyncio record
  asyncio record 127.0.0.1:8765 --for 30s --detail stacks -o slow.ndjson
  asyncio record --pid 4711 --format perfetto -o trace.json
  asyncio record --flight -o - | gzip > last.ndjson.gz`

// options are what the command line asks for.
type options struct {
	attach.Flags
	client.RecordingQuery
	out    string
	flight bool
}

var (
	formats = []string{"asyncio", "perfetto"}
	details = []string{"coarse", "exact", "stacks"}
)

// New returns the command "record".
func New() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:     "record [flags] [ADDRESS]",
		Short:   "Save what a loop does for a while",
		Long:    long,
		Example: examples,
		RunE: func(c *cobra.Command, args []string) error {
			if f := c.Flags(); o.flight && (f.Changed("for") || f.Changed("detail")) {
				return cli.Usage(errors.New("--flight saves what there is, as it was kept: leave out --for and --detail"))
			}
			return o.run(c.Context(), args, c.OutOrStdout(), plain.NewScreen(c.ErrOrStderr()))
		},
	}
	o.Add(c)
	f := c.Flags()
	f.DurationVar(&o.For, "for", 5*time.Second, "record for this `TIME`")
	f.StringVar(&o.Format, "format", "asyncio", "in this `FORMAT`: "+strings.Join(formats, ", "))
	f.StringVar(&o.Detail, "detail", "exact", "in this `DETAIL`: "+strings.Join(details, ", "))
	f.StringVarP(&o.out, "output", "o", "", "save it as `FILE`; - is standard output (default: named after the program and the time)")
	f.BoolVar(&o.flight, "flight", false, "save what the program has kept of the last seconds")
	cli.Choices(c, "format", formats)
	cli.Choices(c, "detail", details)
	return c
}

// maxTime is the longest recording that a console makes.
const maxTime = 10 * time.Minute

func (o *options) check() error {
	switch {
	case !slices.Contains(formats, o.Format):
		return cli.Usage(fmt.Errorf("--format %s: give one of %s", o.Format, strings.Join(formats, ", ")))
	case !slices.Contains(details, o.Detail):
		return cli.Usage(fmt.Errorf("--detail %s: give one of %s", o.Detail, strings.Join(details, ", ")))
	case !o.flight && (o.For <= 0 || o.For > maxTime):
		return cli.Usage(fmt.Errorf("--for %v: give a time up to %v, or --flight for what there is now", o.For, maxTime))
	}
	if o.flight {
		o.For, o.Detail = 0, ""
	}
	return nil
}

func (o *options) run(ctx context.Context, args []string, out io.Writer, notes *plain.Screen) error {
	if err := o.check(); err != nil {
		return err
	}
	p, err := o.Open(ctx, args)
	if err != nil {
		return err
	}
	defer p.Close()
	loop, err := p.Loop()
	if err != nil {
		return err
	}
	if o.out == "-" {
		return p.Explain(o.fetch(ctx, p, loop.Number, out, notes))
	}
	if o.out == "" {
		o.out = name(p.Info, o.Format, time.Now())
	}
	file, err := save.Create(o.out) // first, so that a name that cannot be is told before the recording
	if err != nil {
		return err
	}
	defer file.Discard()
	return o.save(ctx, p, loop.Number, file, notes)
}

// save fetches the recording into the file. One that breaks off, because the program has
// ended or somebody has had enough, is saved nevertheless where its format allows.
func (o *options) save(ctx context.Context, p *attach.Program, loop uint32, file *save.File, notes *plain.Screen) error {
	whole := &lines{}
	var broke error
	err := file.Commit(func(w io.Writer) error {
		whole.out = w
		err := o.fetch(ctx, p, loop, whole, notes)
		if o.Format == "asyncio" && whole.size > 0 && whole.err == nil && (attach.Ended(err) || interrupted(err)) {
			broke, err = err, nil
		} else if err == nil {
			err = whole.finish()
		}
		return err
	})
	size := human.Size(whole.size)
	switch {
	case whole.err != nil:
		return whole.err // of the file: whatever it is, the program has not ended
	case err != nil:
		return p.Explain(err)
	case interrupted(broke):
		notes.Printf("%s saved as %s, what there was until then. %s\n", size, o.out, o.howToOpen(p))
		return broke
	case broke != nil:
		return fmt.Errorf("the program ended before the recording did; what it had sent, %s, is saved as %s", size, o.out)
	}
	notes.Printf("%s saved as %s. %s\n", size, o.out, o.howToOpen(p))
	return nil
}

func interrupted(err error) bool {
	interrupt := new(cli.Interrupt)
	return errors.As(err, &interrupt)
}

// howToOpen says what to do with the file.
func (o *options) howToOpen(p *attach.Program) string {
	if o.Format == "perfetto" {
		return "Open it at https://ui.perfetto.dev or in chrome://tracing."
	}
	return "Open it in the page of a console, such as http://" + plain.Clean(p.Address()) + "/: drop it there."
}

// fetch writes the recording to w, and tells how far it is.
func (o *options) fetch(ctx context.Context, p *attach.Program, loop uint32, w io.Writer, notes *plain.Screen) error {
	body, err := p.Recording(ctx, loop, o.RecordingQuery)
	if err != nil {
		return err
	}
	defer body.Close()
	progress := newProgress(notes, o.For)
	defer progress.stop()
	_, err = io.Copy(io.MultiWriter(w, progress), body)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// name is the name of the file where none is given: of the program and the time, so that
// no recording replaces another.
func name(p client.Program, format string, now time.Time) string {
	base := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' {
			return r
		}
		return '_'
	}, p.Program)
	base = strings.TrimLeft(base[:min(len(base), 64)], ".-")
	if base == "" {
		base = "asyncio"
	}
	end := ".ndjson"
	if format == "perfetto" {
		end = ".perfetto.json"
	}
	name := fmt.Sprintf("%s-%d-%s", base, p.PID, now.Format("20060102-150405"))
	for n := 2; ; n++ {
		if _, err := os.Lstat(name + end); errors.Is(err, os.ErrNotExist) || n > 100 {
			return name + end
		}
		name = fmt.Sprintf("%s-%d-%s-%d", base, p.PID, now.Format("20060102-150405"), n)
	}
}
