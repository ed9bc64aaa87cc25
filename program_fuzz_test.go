package asyncio_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/coro"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A score is a random program: its tasks take their instructions, one byte each with
// their arguments, from one list, in the order in which the loop lets them play.
type score struct {
	t interface {
		Errorf(format string, args ...any)
	}
	ops    []byte
	tasks  []*asyncio.Task[int]
	ended  []int // how often each task's body has ended
	called []int // how often each task's done callback was called
	log    []act // what the tasks did
}

// act is one instruction that a task has carried out.
type act struct {
	op int
	at time.Time
	by uint64
}

// maxScored is how many tasks a program has at most.
const maxScored = 100

func (s *score) next() int {
	if len(s.ops) == 0 {
		return -1
	}
	op := s.ops[0]
	s.ops = s.ops[1:]
	return int(op)
}

// duration is up to 7 ms.
func (s *score) duration() time.Duration { return time.Duration(s.next()&7) * time.Millisecond }

// start makes a task that plays. Everybody's done callback is called once.
func (s *score) start(create func(func(context.Context) (int, error)) *asyncio.Task[int]) {
	if len(s.tasks) == maxScored {
		return
	}
	id := len(s.tasks)
	s.tasks, s.ended, s.called = append(s.tasks, nil), append(s.ended, 0), append(s.called, 0)
	s.tasks[id] = create(func(ctx context.Context) (int, error) {
		defer func() { s.ended[id]++ }()
		return id, s.play(ctx)
	})
	s.tasks[id].AddDoneCallback(func(*asyncio.Task[int]) { s.called[id]++ })
}

// pick is some task, or nil.
func (s *score) pick() *asyncio.Task[int] {
	if i := s.next(); i >= 0 && len(s.tasks) > 0 {
		return s.tasks[i%len(s.tasks)]
	}
	return nil
}

// play follows the instructions until one says to stop. It goes on after an error, but
// not after its own cancellation.
func (s *score) play(ctx context.Context) error {
	for {
		op := s.next()
		if op < 0 || op%16 == 15 {
			return nil
		}
		if op%16 == 14 {
			return errSwept
		}
		s.log = append(s.log, act{op, asyncio.Now(ctx), asyncio.CurrentTask(ctx).ID()})
		if s.act(ctx, op%16); ctx.Err() != nil {
			return s.later(ctx)
		}
	}
}

// later checks that a task that was cancelled hears of it at every later wait. Where a
// scope further out has ended as well, its reason counts, which may be another one.
func (s *score) later(ctx context.Context) error {
	for _, err := range []error{asyncio.Sleep(ctx, time.Hour), asyncio.Yield(ctx), asyncio.Checkpoint(ctx)} {
		if !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
			s.t.Errorf("a wait under a context that has ended with %v returned %v", ctx.Err(), err)
		}
	}
	return ctx.Err()
}

func (s *score) act(ctx context.Context, op int) error {
	switch op {
	case 0, 1:
		return asyncio.Yield(ctx)
	case 2, 3:
		return s.sleep(ctx, s.duration())
	case 4, 5:
		s.start(func(fn func(context.Context) (int, error)) *asyncio.Task[int] { return asyncio.CreateTask(ctx, fn) })
	case 6:
		s.start(func(fn func(context.Context) (int, error)) *asyncio.Task[int] {
			return asyncio.CreateTask(context.WithoutCancel(ctx), fn, asyncio.Priority(s.next()))
		})
	case 7, 8:
		if task := s.pick(); task != nil && task.Cancel(nil) == task.Done() {
			s.t.Errorf("Cancel and Done disagree")
		}
	case 9, 10:
		return s.await(ctx, s.pick())
	case 11:
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for range 2 {
				s.start(func(fn func(context.Context) (int, error)) *asyncio.Task[int] { return asyncio.CreateTaskIn(g, fn) })
			}
			return s.play(ctx)
		})
	case 12:
		return s.limited(ctx, s.play)
	case 13:
		ctx, cancel := asyncio.Shield(ctx, s.duration())
		defer cancel()
		return asyncio.Sleep(ctx, s.duration())
	}
	return nil
}

// sleep checks that a sleep takes the time that it should.
func (s *score) sleep(ctx context.Context, d time.Duration) error {
	start := asyncio.Now(ctx)
	err := asyncio.Sleep(ctx, d)
	if took := asyncio.Now(ctx).Sub(start); err == nil && took != max(d, 0) || took > max(d, 0) {
		s.t.Errorf("a sleep of %v took %v, %v", d, took, err)
	}
	return err
}

// limited gives fn a few milliseconds.
func (s *score) limited(ctx context.Context, fn func(context.Context) error) error {
	ctx, timeout := asyncio.WithTimeout(ctx, s.duration()+time.Millisecond)
	defer timeout.Cancel()
	err := fn(ctx)
	if timeout.Caused(err) && !timeout.Expired() {
		s.t.Errorf("a timeout that has not expired is a cause")
	}
	return err
}

// await waits for a task, not for long: two tasks may wait for each other.
func (s *score) await(ctx context.Context, task *asyncio.Task[int]) error {
	if task == nil {
		return nil
	}
	return s.limited(ctx, func(ctx context.Context) error {
		id, err := task.Await(ctx)
		switch {
		case err == nil && (!task.Done() || s.tasks[id] != task):
			s.t.Errorf("a task that is not done, or another, has given a value")
		case errors.Is(err, asyncio.ErrTaskCancelled) && !task.Cancelled():
			s.t.Errorf("a task that is not cancelled says so")
		}
		return err
	})
}

// perform runs the program and returns what its tasks did.
func perform(t *testing.T, ops []byte, opts ...asyncio.Option) []act {
	s := &score{t: t, ops: ops}
	before := coro.Live()
	ctx := inside.WithAudit(asynciotest.Context(context.Background()), func(b inside.Books) {
		if err := b.Err(); err != nil {
			t.Error(err)
		}
	})
	opts = append(opts, asyncio.OnError(func(r asyncio.Report) {
		if errors.Is(r.Err, asyncio.ErrNotEnded) {
			t.Error(r.Message)
		}
	}))
	err := asyncio.Run(ctx, s.play, opts...)
	if errors.Is(err, asyncio.ErrDeadlock) || errors.Is(err, asyncio.ErrNotEnded) {
		t.Error(err)
	}
	for id, task := range s.tasks {
		if !task.Done() || s.ended[id] != 1 || s.called[id] != 1 {
			t.Errorf("task %d: done %v, its body has ended %d times, its callback was called %d times", id, task.Done(), s.ended[id], s.called[id])
		}
	}
	if n := coro.Live() - before; n != 0 {
		t.Errorf("%d coroutines are left", n)
	}
	return s.log
}

// FuzzPrograms runs random programs of tasks, observed and not, which the loop runs in
// ways of their own: each task ends once, nothing is left, nobody waits for ever, and
// the tasks do the same things at the same times in the same order.
func FuzzPrograms(f *testing.F) {
	f.Add([]byte{4, 4, 0, 2, 3, 7, 0, 9, 1, 5, 15, 2, 1, 15})
	f.Add([]byte{11, 2, 5, 14, 2, 7, 15, 15, 9, 0, 1, 12, 4, 2, 7, 15})
	f.Add([]byte{6, 3, 2, 7, 13, 2, 5, 7, 0, 15, 8, 0, 10, 0, 3})
	f.Add(slices.Repeat([]byte{4, 11, 12, 2, 3, 7, 1, 9, 2, 13, 6, 5}, 20))
	f.Fuzz(func(t *testing.T, ops []byte) {
		if len(ops) > 1000 {
			t.Skip("long enough")
		}
		var first, again trace
		acts := perform(t, ops, asyncio.Observe(&first))
		if same := perform(t, ops, asyncio.Observe(&again)); !slices.Equal(acts, same) || !slices.Equal(first, again) {
			t.Errorf("%d acts and %d events, and %d and %d in the second run", len(acts), len(first), len(same), len(again))
		}
		if plain := perform(t, ops); !slices.Equal(acts, plain) {
			t.Errorf("%d acts, and %d where nobody observes", len(acts), len(plain))
		}
	})
}
