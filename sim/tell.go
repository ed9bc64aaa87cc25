package sim

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goasyncio/asyncio/sim/internal/explore"
	"github.com/goasyncio/asyncio/sim/internal/report"
)

// tell makes a failure short and prints it.
func (c *campaign) tell(f *finding) {
	c.t.Helper()
	l := newLane(c.opts, c.body)
	defer l.close()
	if f.is(errUndetermined) || f.is(errForeign) {
		c.t.Error(c.undetermined(l, f))
		return
	}
	l.chooser.Replay(f.tape)
	if got, _ := l.run(c.opts.seed, false); got.hash != f.hash || !f.failure.alike(got.failure) {
		c.t.Error(c.undetermined(l, f))
		return
	}
	if c.opts.shrink <= 0 {
		c.print(l, &report.Block{}, f, f.tape)
		return
	}
	begin := time.Now()
	small, stats := explore.Shrink(l.chooser, f.tape, explore.Limits{For: c.opts.shrink}, func() bool {
		got, _ := l.run(c.opts.seed, false)
		return f.failure.alike(got.failure)
	})
	b := &report.Block{Before: stats.Before, After: stats.After, Cut: stats.Cut, Shrinking: time.Since(begin)}
	c.print(l, b, f, small)
}

// print prints what is known of a schedule that fails, which is the finding f or what
// it was shrunk to.
func (c *campaign) print(l *lane, b *report.Block, f *finding, tape explore.Tape) {
	c.t.Helper()
	r := l.record(tape)
	if r.failure == nil {
		c.t.Error(c.undetermined(l, f))
		return
	}
	r.schedule.Program, r.schedule.Strategy, r.schedule.Schedule = c.program(), f.strategy, f.number
	b.Log = r.log
	b.Log.Test, b.Log.Strategy, b.Log.Schedule = c.program(), f.strategy, f.number
	b.Of, b.Each = c.size()
	b.Hash = fmt.Sprintf("%016x", r.hash)
	b.Command = report.Command(c.test(), report.Package(), c.opts.seed, c.token(r.tape.String()))
	b.Flips = l.flips(r.tape)
	if !c.start.IsZero() {
		b.Summary = c.tally.words(c.took)
	}
	for _, g := range r.strange {
		b.Notes = append(b.Notes, g+": what it does does not follow the seed")
	}
	var err error
	if b.Path, err = keep(r.schedule, r.hash); err != nil {
		b.Notes = append(b.Notes, fmt.Sprintf("there is no recording: %v; SIM_DIR names another directory", err))
	} else if len(b.Command) > longCommand {
		b.Command = report.Command(c.test(), report.Package(), c.opts.seed, "@"+b.Path)
	}
	if c.opts.picture != "" {
		if b.Diagram, err = draw(b, c.opts.picture); err != nil {
			b.Notes = append(b.Notes, fmt.Sprintf("there is no diagram: %v", err))
		}
	}
	c.t.Error(b)
}

// draw writes the diagram of a failure into a file: a picture where its name ends in
// .svg, and else a page.
func draw(b *report.Block, file string) (path string, err error) {
	if path, err = filepath.Abs(file); err != nil {
		return "", err
	}
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	if strings.HasSuffix(path, ".svg") {
		err = report.SVG(f, b.Log, b.Marginal())
	} else {
		err = report.HTML(f, b.Log, b.Marginal(), b.String())
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return path, err
}

// size is how many schedules there were to be, and how long one took.
func (c *campaign) size() (of string, each time.Duration) {
	if c.start.IsZero() {
		return "", 0 // it is a replay
	}
	of = fmt.Sprint(c.opts.runs)
	if c.opts.time > 0 {
		of = c.opts.time.String()
	}
	return of, c.took / time.Duration(max(c.done.Load(), 1))
}

const (
	longCommand = 4000 // bytes: a longer one names the recording instead

	maxFlips = 24              // more than that nobody reads
	flipTime = 2 * time.Second // of real time
)

// flips runs the schedule again, once for each decision that is not the default, with
// that one set back. Where there are too many of them it is those before the failure.
func (l *lane) flips(tape explore.Tape) (all []report.Flip) {
	begin := time.Now()
	for i, c := range slices.Backward(tape) {
		if c.Pick == 0 || len(all) >= maxFlips || time.Since(begin) > flipTime {
			continue
		}
		flipped := slices.Clone(tape)
		flipped[i] = explore.Choice{N: c.N}
		r := l.record(flipped)
		all = append(all, report.Flip{Choice: i + 1, Passes: r.failure == nil, Instead: r.log})
	}
	if i := slices.IndexFunc(all, func(f report.Flip) bool { return f.Passes }); i >= 0 {
		all[i].Nearest = true
	}
	slices.Reverse(all)
	return all
}
