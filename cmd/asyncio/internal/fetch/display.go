package fetch

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/human"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/thread"
)

// redraw is the pause between two pictures of the bars.
const redraw = 100 * time.Millisecond

// A display is the [Reporter] of the program. It only takes notes: a terminal that is
// stopped, or a pipe that nobody reads, may make a write wait for ever, so a task of its
// own sends the notes to a screen on a thread.
type display struct {
	screen  screen
	bars    bool // the screen shows progress, so it is redrawn though no line is new
	list    []*Download
	lines   []line
	waiting asyncio.WaitQueue // the task, where it has nothing to show
}

// A screen shows frames. It is called on threads, one call at a time.
type screen interface {
	draw(f frame)
	close()
}

// A frame is what is new, copied so that the loop can go on while it is drawn.
type frame struct {
	lines       []line
	bars        []bar
	ended, size int // downloads
}

// line is a line for a person. What went wrong is for standard error.
type line struct {
	text  string
	wrong bool
}

// bar is the state of one download at work.
type bar struct {
	id         *Download // only its identity: its fields belong to the loop
	label      string
	note       string
	got, total int64
	resumed    int64
}

func (v *display) Began(*Download) {}

func (v *display) Retrying(d *Download, err error, pause time.Duration) {
	v.say(line{retryLine(d, err, pause), true})
}

// Ended says what became of d. What had not begun when the user interrupted is only
// counted, at the end: a long list would push everything else out of sight.
func (v *display) Ended(d *Download) {
	switch {
	case d.State == Done:
		v.say(line{doneLine(d), false})
	case d.State == Failed, !d.Began.IsZero():
		v.say(line{failLine(d), true})
	}
}

func (v *display) say(l line) {
	v.lines = append(v.lines, l)
	v.waiting.Wake(1)
}

// during runs work with the display beside it, and returns when everything has been shown.
func (v *display) during(ctx context.Context, work func(ctx context.Context) error) error {
	showing := asyncio.Go(context.WithoutCancel(ctx), v.run, asyncio.TaskName("display"))
	err := work(ctx)
	// The last lines are to be seen even if work was cancelled (C4).
	end := context.WithoutCancel(ctx)
	showing.Cancel(nil)
	showing.Await(end)
	v.show(end)
	thread.Do(end, func() error { v.screen.close(); return nil })
	return err
}

// run shows what is new, again and again, until it is cancelled.
func (v *display) run(ctx context.Context) error {
	for {
		if err := v.pause(ctx); err != nil {
			return err
		}
		if err := v.show(ctx); err != nil {
			return err
		}
	}
}

// pause waits until there is something to show.
func (v *display) pause(ctx context.Context) error {
	if v.bars {
		return asyncio.Sleep(ctx, redraw)
	}
	if len(v.lines) > 0 {
		return nil
	}
	// A wake-up stands for lines that stay in the list: there is nothing to hand on (C3).
	_, err := v.waiting.Park(ctx, v)
	return err
}

// String names what the task waits for.
func (v *display) String() string { return "something to show" }

// show draws one frame. The lines leave the list in the step in which the thread has
// them, so none is lost and none is drawn twice.
func (v *display) show(ctx context.Context) error {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return err
	}
	f := v.frame()
	return thread.Do(context.WithoutCancel(ctx), func() error { v.screen.draw(f); return nil })
}

func (v *display) frame() frame {
	f := frame{lines: v.lines, size: len(v.list)}
	v.lines = nil
	for _, d := range v.list {
		switch {
		case d.State.Ended():
			f.ended++
		case v.bars && !d.Began.IsZero():
			f.bars = append(f.bars, barOf(d))
		}
	}
	return f
}

func barOf(d *Download) bar {
	b := bar{id: d, label: oneLine(d.Name), got: d.Got, total: d.Total, resumed: d.Resumed}
	switch {
	case d.State != Receiving:
		b.note = d.State.String()
	case d.Total >= 0:
		b.note = human.Size(d.Got) + " of " + human.Size(d.Total)
	default:
		b.note = human.Size(d.Got)
	}
	return b
}

// paper is a screen of lines alone: files, pipes, and terminals that can do no more.
type paper struct{ out, err io.Writer }

func (p paper) draw(f frame) {
	for _, l := range f.lines {
		if l.wrong {
			fmt.Fprintln(p.err, l.text)
		} else {
			fmt.Fprintln(p.out, l.text)
		}
	}
}

func (p paper) close() {}
