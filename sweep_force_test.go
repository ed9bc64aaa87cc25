package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A forcer ends all tasks of a loop by force at one point, and counts the points.
type forcer struct {
	t     *testing.T
	ctx   context.Context
	at    int
	point int
	lives map[uint64]int
}

func (f *forcer) Observe(e asyncio.LoopEvent) {
	switch e.Kind {
	case asyncio.EventCreated:
		f.lives[e.Task] = 0
	case asyncio.EventDone:
		f.lives[e.Task]++
	case asyncio.EventStepBegin, asyncio.EventStepEnd:
		if f.point++; f.point == f.at {
			inside.EndByForce(f.ctx, "because the test says so")
		}
	}
}

// run runs the program and reports whether there was such a point.
func (f *forcer) run(program func(context.Context) error) bool {
	var books inside.Books
	ctx := inside.WithAudit(asynciotest.Context(context.Background()), func(b inside.Books) { books = b })
	err := asyncio.Run(ctx, func(ctx context.Context) error {
		f.ctx = ctx
		return program(ctx)
	}, asyncio.Observe(f), asyncio.OnError(func(asyncio.Report) {}))
	if errors.Is(err, asyncio.ErrDeadlock) {
		f.t.Errorf("ended by force at point %d: %v", f.at, err)
	}
	if books.Tasks+books.Ready+books.Timers > 0 { // nobody waits for the threads any more
		f.t.Errorf("ended by force at point %d: %+v", f.at, books)
	}
	for id, ends := range f.lives {
		if ends != 1 {
			f.t.Errorf("ended by force at point %d: task %d ended %d times", f.at, id, ends)
		}
	}
	return f.at <= f.point
}

// everything uses a bit of everything.
func everything(ctx context.Context) error {
	var l asyncio.Lock
	q := asyncio.NewQueue[int](1)
	h := asyncio.OpenHandle(ctx)
	defer h.Close()
	return together(ctx, func(ctx context.Context) error {
		if err := l.Acquire(ctx); err != nil {
			return err
		}
		defer l.Release()
		defer asyncio.Sleep(context.WithoutCancel(ctx), time.Millisecond)
		return q.Put(ctx, 1)
	}, func(ctx context.Context) error {
		if err := l.Acquire(ctx); err != nil {
			return err
		}
		defer l.Release()
		_, err := q.Get(ctx)
		return err
	}, func(ctx context.Context) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return 1, nil })
		return err
	}, func(ctx context.Context) error {
		_, err := asyncio.Race(ctx, sleeper(2), sleeper(1))
		return err
	}, func(ctx context.Context) error {
		for _, err := range asyncio.AsCompleted(ctx, sleepers(ctx, 3)...) {
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func TestSweepEndByForceAtEveryPoint(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	at := 3 // main's first step has two points, and its context is known after it
	for (&forcer{t: t, at: at, lives: make(map[uint64]int)}).run(everything) {
		at++
	}
	if at < 40 {
		t.Errorf("the program has only %d points", at)
	}
}
