package asyncio_test

import (
	"context"
	"testing"

	"github.com/goasyncio/asyncio"
)

// allocates checks how many allocations one call of f makes in the long run.
func allocates(t *testing.T, want float64, what string, f func()) {
	t.Helper()
	if got := testing.AllocsPerRun(200, f); got != want {
		t.Errorf("%s allocates %v times, want %v", what, got, want)
	}
}

func TestSyncWaitsThatEndAtOnceAllocateNothing(t *testing.T) {
	onStage(t, func(s *stage) {
		ctx := s.ctx
		var lock asyncio.Lock
		allocates(t, 0, "a free Lock", func() { lock.Acquire(ctx); lock.Release() })
		var event asyncio.Event
		event.Set()
		allocates(t, 0, "an Event that is set", func() { event.Wait(ctx) })
		sem := asyncio.NewSemaphore(3)
		allocates(t, 0, "a Semaphore", func() { sem.AcquireN(ctx, 2); sem.ReleaseN(2) })
		var rw asyncio.RWLock
		allocates(t, 0, "a RWLock", func() {
			rw.AcquireRead(ctx)
			rw.ReleaseRead()
			rw.AcquireWrite(ctx)
			rw.Downgrade()
			rw.ReleaseRead()
		})
		limiter := asyncio.NewCapacityLimiter(1)
		allocates(t, 0, "a CapacityLimiter", func() { limiter.Acquire(ctx); limiter.Release() })
		cond := asyncio.NewCondition(nil)
		allocates(t, 0, "a Condition that holds", func() {
			cond.Acquire(ctx)
			cond.WaitFor(ctx, func() bool { return true })
			cond.Notify(1)
			cond.Release()
		})
		var once asyncio.Once[int]
		allocates(t, 0, "a Once", func() { once.Do(ctx, func(context.Context) (int, error) { return 1, nil }) })
	})
}

// Each of these is one round trip in which both tasks wait.
func TestSyncWaitsThatSuspendAllocateNothing(t *testing.T) {
	for _, c := range []struct {
		name string
		// turn is one pass of one task, which gives way to the other one.
		turn func() func(ctx context.Context)
	}{
		{"Lock", func() func(ctx context.Context) {
			var l asyncio.Lock
			return func(ctx context.Context) { l.Acquire(ctx); asyncio.Yield(ctx); l.Release() }
		}},
		{"Semaphore", func() func(ctx context.Context) {
			sem := asyncio.NewSemaphore(1)
			return func(ctx context.Context) { sem.Acquire(ctx); asyncio.Yield(ctx); sem.Release() }
		}},
		{"RWLock", func() func(ctx context.Context) {
			var l asyncio.RWLock
			return func(ctx context.Context) { l.AcquireWrite(ctx); asyncio.Yield(ctx); l.ReleaseWrite() }
		}},
		{"CapacityLimiter", func() func(ctx context.Context) {
			l := asyncio.NewCapacityLimiter(1)
			return func(ctx context.Context) { l.Acquire(ctx); asyncio.Yield(ctx); l.Release() }
		}},
		{"Condition", func() func(ctx context.Context) {
			c := asyncio.NewCondition(nil)
			return func(ctx context.Context) { c.Acquire(ctx); c.Notify(1); c.Wait(ctx); c.Release() }
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			onStage(t, func(s *stage) {
				turn, over := c.turn(), false
				s.task("other", func(ctx context.Context) error {
					for !over {
						turn(ctx)
					}
					return nil
				})
				s.round()
				allocates(t, 0, "a round trip through "+c.name, func() { turn(s.ctx) })
				over = true
			})
		})
	}
}

func TestEventWaitThatSuspendsAllocatesNothing(t *testing.T) {
	onStage(t, func(s *stage) {
		var e asyncio.Event
		s.task("other", func(ctx context.Context) error {
			for e.Wait(ctx) == nil {
				e.Clear()
			}
			return ctx.Err()
		})
		s.round()
		allocates(t, 0, "waking a waiter", func() { e.Set(); s.round() })
	})
}

func BenchmarkLock(b *testing.B) {
	for name, tasks := range map[string]int{"free": 1, "wanted by 100 tasks": 100} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			asyncio.Run(b.Context(), func(ctx context.Context) error {
				var l asyncio.Lock
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
					for range tasks {
						g.Go(func(ctx context.Context) error {
							for range b.N / tasks {
								if err := l.Acquire(ctx); err != nil {
									return err
								}
								if tasks > 1 {
									asyncio.Yield(ctx)
								}
								l.Release()
							}
							return nil
						})
					}
					return nil
				})
			})
		})
	}
}
