package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestSweepThreads(t *testing.T) {
	sweepInOrder(t, []swept{
		{"threads beside tasks", func(ctx context.Context, trial *asynciotest.Trial) error {
			return together(ctx, times(3, func(ctx context.Context, i int) error {
				v, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return i, nil })
				if err == nil && v != i {
					t.Errorf("got %d, want %d", v, i)
				}
				return err
			})...)
		}},
		{"threads with a limiter of one", func(ctx context.Context, trial *asynciotest.Trial) error {
			limiter := asyncio.NewCapacityLimiter(1)
			trial.After(func() error { return equal("tokens out", limiter.Stats().Borrowed, 0) })
			return together(ctx, times(3, func(ctx context.Context, i int) error {
				_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return i, nil }, asyncio.ThreadLimiter(limiter))
				return err
			})...)
		}},
		{"a thread that waits for the end of its context", func(ctx context.Context, trial *asynciotest.Trial) error {
			ctx, cancel := asyncio.WithCancel(ctx)
			defer cancel(nil)
			err := together(ctx, func(ctx context.Context) error {
				asyncio.ToThread(ctx, func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, ctx.Err() })
				return nil
			}, func(ctx context.Context) error {
				defer cancel(errSwept)
				return asyncio.Yield(ctx)
			})
			if !errors.Is(err, errSwept) {
				return err
			}
			return nil
		}},
		{"values from a Go channel, none lost", func(ctx context.Context, trial *asynciotest.Trial) error {
			ch := make(chan int, 4)
			l := ledger{put: 4}
			for i := range l.put {
				ch <- i
			}
			trial.After(l.balance(func() int { return len(ch) }))
			return together(ctx, times(2, func(ctx context.Context, _ int) error {
				for range 2 {
					if _, _, err := asyncio.Receive(ctx, ch); err != nil {
						return err
					}
					l.got++
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
				}
				return nil
			})...)
		}},
		{"values that a goroutine sends, none lost", func(ctx context.Context, trial *asynciotest.Trial) error {
			var (
				l    ledger
				ch   = make(chan int)
				quit = make(chan struct{})
				over = make(chan struct{})
			)
			go func() {
				defer close(over)
				for ; l.put < 3; l.put++ {
					select {
					case ch <- l.put:
					case <-quit:
						return
					}
				}
			}()
			trial.After(func() error {
				close(quit)
				<-over
				return l.balance(func() int { return 0 })()
			})
			return together(ctx, steps, func(ctx context.Context) error {
				for range 3 {
					if _, _, err := asyncio.Receive(ctx, ch); err != nil {
						return err
					}
					l.got++
				}
				return nil
			})
		}},
		{"a wait for a Go channel that gives nothing", func(ctx context.Context, trial *asynciotest.Trial) error {
			ch := make(chan int)
			ctx, cancel := asyncio.WithCancel(ctx)
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_, _, err := asyncio.Receive(ctx, ch)
				return err
			})
			err := asyncio.Yield(ctx)
			cancel(errSwept)
			if _, err := task.Await(context.WithoutCancel(ctx)); !errors.Is(err, asyncio.ErrTaskCancelled) {
				t.Errorf("the wait ended with %v", err)
			}
			return err
		}},
		{"a goroutine that posts and submits through a handle", func(ctx context.Context, trial *asynciotest.Trial) error {
			h := asyncio.OpenHandle(ctx)
			defer h.Close()
			posted, accepted := 0, 0
			trial.After(func() error { return equal("accepted posts that ran", posted, accepted) })
			over := make(chan error, 1)
			go func() {
				if h.CallSoonThreadsafe(func() { posted++ }) == nil {
					accepted++
				}
				_, err := asyncio.Submit(context.Background(), h, func(ctx context.Context) (int, error) { return 1, steps(ctx) })
				over <- err
			}()
			_, _, err := asyncio.Receive(context.WithoutCancel(ctx), over)
			return err
		}},
		{"a thread whose result comes after its caller has left", func(ctx context.Context, trial *asynciotest.Trial) error {
			ctx, timeout := asyncio.WithTimeout(ctx, time.Millisecond)
			defer timeout.Cancel()
			if _, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return 1, nil }); err != nil {
				return err
			}
			if err := asyncio.Sleep(ctx, time.Second); !timeout.Caused(err) {
				return err
			}
			return nil
		}},
	})
}
