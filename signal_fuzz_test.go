package asyncio_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// The fuzz targets of what tells tasks that something happened: Event, Notify, Watch
// and Once. A crowd of tasks waits; after each operation the loop runs until nothing
// moves, and every task must be where a reference of a few lines says.

// A crowd is the tasks that wait, and where the reference says they are.
type crowd struct {
	t       *testing.T
	ctx     context.Context
	tasks   []*asyncio.Task[int]
	want    []string // "waits", "ok", "cancelled" or "failed"
	waiting []int    // the numbers of those that wait, in the order in which they came
}

// onCrowd runs the operations, two bytes each, and then cancels whoever is left.
func onCrowd(t *testing.T, ops []byte, step func(c *crowd, op, arg byte), end func(c *crowd)) {
	if len(ops) > 400 {
		t.Skip("too long")
	}
	asynciotest.Run(t, func(ctx context.Context) {
		c := &crowd{t: t, ctx: ctx}
		for ; len(ops) >= 2 && !t.Failed(); ops = ops[2:] {
			step(c, ops[0], ops[1])
			c.check()
		}
		for len(c.waiting) > 0 && !t.Failed() {
			c.cancel(c.waiting[0])
			c.check()
		}
		end(c)
	})
}

// join adds a task; the reference says whether it has to wait.
func (c *crowd) join(waits bool, wait func(ctx context.Context) (int, error)) {
	c.tasks = append(c.tasks, asyncio.CreateTask(c.ctx, wait))
	c.want = append(c.want, "ok")
	if waits {
		c.want[len(c.want)-1] = "waits"
		c.waiting = append(c.waiting, len(c.tasks)-1)
	}
}

// now says where those that wait are from now on.
func (c *crowd) now(where string, ids ...int) {
	for _, id := range slices.Clone(ids) {
		c.want[id] = where
		c.waiting = slices.DeleteFunc(c.waiting, func(w int) bool { return w == id })
	}
}

func (c *crowd) cancel(id int) {
	c.tasks[id].Cancel(nil)
	c.now("cancelled", id)
}

// pick is one of those that wait, or -1.
func (c *crowd) pick(arg byte) int {
	if len(c.waiting) == 0 {
		return -1
	}
	return c.waiting[int(arg)%len(c.waiting)]
}

// check lets the loop come to rest and compares.
func (c *crowd) check() {
	c.t.Helper()
	if err := asynciotest.WaitIdle(c.ctx); err != nil {
		c.t.Fatal(err)
	}
	for id, task := range c.tasks {
		got := "waits"
		switch {
		case task.Cancelled():
			got = "cancelled"
		case task.Done() && task.Err() != nil:
			got = "failed"
		case task.Done():
			got = "ok"
		}
		if got != c.want[id] {
			c.t.Fatalf("task %d: %s, want %s", id, got, c.want[id])
		}
	}
}

// seedCrowd adds random operations that run with every go test.
func seedCrowd(f *testing.F) {
	r := rand.New(rand.NewPCG(7, 11))
	for range 100 {
		ops := make([]byte, 2*(1+r.IntN(40)))
		for i := range ops {
			ops[i] = byte(r.Uint32())
		}
		f.Add(ops)
	}
}

func FuzzEvent(f *testing.F) {
	seedCrowd(f)
	f.Fuzz(func(t *testing.T, ops []byte) {
		var e asyncio.Event
		onCrowd(t, ops, func(c *crowd, op, arg byte) {
			switch who := c.pick(arg); op % 8 {
			case 0, 1, 2:
				c.join(!e.IsSet(), func(ctx context.Context) (int, error) { return 0, e.Wait(ctx) })
			case 3:
				e.Set()
				c.now("ok", c.waiting...)
			case 4:
				e.Clear()
			case 5: // who waits at a set is woken, even if it is cleared in the same step
				e.Set()
				e.Clear()
				c.now("ok", c.waiting...)
			case 6:
				if who >= 0 {
					c.cancel(who)
				}
			case 7: // between wake-up and resumption the cancellation wins
				e.Set()
				if who >= 0 {
					c.cancel(who)
				}
				c.now("ok", c.waiting...)
			}
		}, func(c *crowd) {
			if n := e.Stats().Waiting; n != 0 {
				t.Errorf("%d still wait", n)
			}
		})
	})
}

func FuzzNotify(f *testing.F) {
	seedCrowd(f)
	f.Fuzz(func(t *testing.T, ops []byte) {
		var n asyncio.Notify
		stored := false
		notify := func(c *crowd) { // the reference of one notification
			if len(c.waiting) > 0 {
				c.now("ok", c.waiting[0])
			} else {
				stored = true
			}
		}
		onCrowd(t, ops, func(c *crowd, op, arg byte) {
			switch who := c.pick(arg); op % 8 {
			case 0, 1, 2:
				c.join(!stored, func(ctx context.Context) (int, error) { return 0, n.Wait(ctx) })
				stored = false
			case 3:
				n.Notify()
				notify(c)
			case 4:
				n.NotifyAll()
				c.now("ok", c.waiting...)
			case 5:
				n.Notify()
				n.Notify()
				notify(c)
				notify(c)
			case 6:
				if who >= 0 {
					c.cancel(who)
				}
			case 7: // the one that is notified is cancelled: the next gets it, or it is kept
				n.Notify()
				if len(c.waiting) > 0 {
					c.cancel(c.waiting[0])
				}
				notify(c)
			}
		}, func(c *crowd) {
			c.join(!stored, func(ctx context.Context) (int, error) { return 0, n.Wait(ctx) })
			c.check()
			for len(c.waiting) > 0 {
				c.cancel(c.waiting[0])
			}
		})
	})
}

func FuzzWatch(f *testing.F) {
	seedCrowd(f)
	f.Fuzz(func(t *testing.T, ops []byte) {
		w := asyncio.NewWatch(0)
		last := 0
		onCrowd(t, ops, func(c *crowd, op, arg byte) {
			set := func() {
				last++
				w.Set(last)
			}
			switch who := c.pick(arg); op % 6 {
			case 0, 1:
				seen := w.Watcher()
				c.join(true, func(ctx context.Context) (int, error) {
					v, err := seen.Changed(ctx)
					if err == nil && v != last {
						t.Errorf("told of %d, the newest is %d", v, last)
					}
					return v, err
				})
			case 2:
				set()
				c.now("ok", c.waiting...)
			case 3: // only the newest is seen
				set()
				set()
				c.now("ok", c.waiting...)
			case 4:
				if who >= 0 {
					c.cancel(who)
				}
			case 5:
				set()
				if who >= 0 {
					c.cancel(who)
				}
				c.now("ok", c.waiting...)
			}
		}, func(*crowd) {
			if w.Get() != last {
				t.Errorf("the value is %d, want %d", w.Get(), last)
			}
		})
	})
}

func FuzzOnce(f *testing.F) {
	seedCrowd(f)
	f.Fuzz(func(t *testing.T, ops []byte) {
		var once asyncio.Once[int]
		done, computing := false, 0
		var gate *asyncio.Future[int] // of the computation under way
		compute := func(ctx context.Context) (int, error) {
			if computing++; computing > 1 {
				t.Error("two tasks compute")
			}
			defer func() { computing-- }()
			gate = asyncio.NewFuture[int](ctx)
			return gate.Await(ctx)
		}
		onCrowd(t, ops, func(c *crowd, op, arg byte) {
			switch who := c.pick(arg); {
			case op%6 < 3:
				c.join(!done, func(ctx context.Context) (int, error) { return once.Do(ctx, compute) })
			case len(c.waiting) == 0:
			case op%6 == 3: // the first of them computes
				gate.SetResult(7)
				done = true
				c.now("ok", c.waiting...)
			case op%6 == 4: // its error is its own, and the next one tries
				gate.SetError(errors.New("failed"))
				c.now("failed", c.waiting[0])
			case op%6 == 5:
				c.cancel(who)
			}
		}, func(*crowd) {
			if v, ok := once.Get(); ok != done || done && v != 7 {
				t.Errorf("value %d, there %v, want it there %v", v, ok, done)
			}
		})
	})
}
