package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// film is a screen that keeps what was drawn. It may take its time: it is on a thread.
type film struct {
	frames []frame
	closed bool
	hold   chan struct{} // draw waits for it; nil: does not
}

func (f *film) draw(x frame) {
	if f.hold != nil {
		<-f.hold
	}
	f.frames = append(f.frames, x)
}

func (f *film) close() { f.closed = true }

func (f *film) lines() (list []string) {
	for _, x := range f.frames {
		for _, l := range x.lines {
			list = append(list, l.text)
		}
	}
	return list
}

func TestTheDisplayShowsEachLineOnceAndInOrder(t *testing.T) {
	for _, bars := range []bool{false, true} {
		t.Run(fmt.Sprintf("with bars %v", bars), func(t *testing.T) {
			screen := &film{}
			var want []string
			asynciotest.Run(t, func(ctx context.Context) {
				v := &display{screen: screen, bars: bars}
				v.during(ctx, func(ctx context.Context) error {
					for i := range 50 {
						d := &Download{Address: fmt.Sprint(i), State: Failed, Err: errors.New("broken")}
						want = append(want, failLine(d))
						v.Ended(d)
						asyncio.Sleep(ctx, time.Duration(i%3)*redraw)
					}
					return nil
				})
			})
			if got := screen.lines(); !slices.Equal(got, want) {
				t.Errorf("got %q\nwant %q", got, want)
			}
			if !screen.closed {
				t.Error("the screen was not closed")
			}
		})
	}
}

func TestTheLastLinesAreShownAfterAnInterrupt(t *testing.T) {
	screen := &film{}
	asynciotest.Run(t, func(ctx context.Context) {
		v := &display{screen: screen}
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			return v.during(ctx, func(ctx context.Context) error {
				err := asyncio.Sleep(ctx, time.Hour)
				v.Ended(&Download{Address: "x", State: Interrupted, Began: asyncio.Now(ctx)})
				v.Ended(&Download{Address: "queued", State: Interrupted})
				return err
			})
		})
		asyncio.Sleep(ctx, time.Second)
		task.Cancel(errors.New("enough"))
		if _, err := task.Await(ctx); !errors.Is(err, asyncio.ErrTaskCancelled) {
			t.Errorf("got %v, want the cancellation", err)
		}
	})
	if got := screen.lines(); len(got) != 1 || !strings.HasPrefix(got[0], "stopped x") {
		t.Errorf("got %q, want the line about x", got)
	}
}

func TestAScreenThatIsStuckDoesNotHoldUpTheLoop(t *testing.T) {
	screen := &film{hold: make(chan struct{})}
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		v := &display{screen: screen}
		return v.during(ctx, func(ctx context.Context) error {
			v.Ended(&Download{Address: "x", State: Failed, Err: errors.New("broken")})
			for range 1000 { // the screen hangs all the while
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
			close(screen.hold)
			return nil
		})
	})
	if err != nil || len(screen.lines()) != 1 {
		t.Errorf("%v, lines %q", err, screen.lines())
	}
}

func TestAFrameShowsTheDownloadsAtWork(t *testing.T) {
	now := time.Now()
	v := &display{bars: true, list: []*Download{
		{Name: "queued"},
		{Name: "asks", Began: now, State: Connecting, Total: -1},
		{Name: "long", Began: now, State: Receiving, Got: 1_500_000, Total: 3_000_000_000},
		{Name: "open", Began: now, State: Receiving, Got: 1_500, Total: -1},
		{Name: "again", Began: now, State: Pausing, Got: 5, Total: 10},
		{Name: "done", Began: now, State: Done},
		{Name: "failed", Began: now, State: Failed},
	}}
	f := v.frame()
	var got []string
	for _, b := range f.bars {
		got = append(got, b.label+": "+b.note)
	}
	want := []string{"asks: connecting", "long: 1.5 MB of 3.0 GB", "open: 1.5 KB", "again: waiting to retry"}
	if !slices.Equal(got, want) || f.ended != 2 || f.size != 7 {
		t.Errorf("got %q, %d of %d, want %q, 2 of 7", got, f.ended, f.size, want)
	}
}

func TestPaperSendsFailuresToStandardError(t *testing.T) {
	var out, err bytes.Buffer
	s, bars := newScreen(&out, &err)
	if bars {
		t.Error("a buffer is taken for a terminal")
	}
	s.draw(frame{lines: []line{{"good", false}, {"bad", true}}})
	s.close()
	if out.String() != "good\n" || err.String() != "bad\n" {
		t.Errorf("out %q, err %q", out.String(), err.String())
	}
}
