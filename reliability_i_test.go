package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/driver"
)

func TestReliabilityI1_NothingIsLeftAfterARunThatUsedEverything(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	for range 3 {
		err := asyncio.Run(context.Background(), func(ctx context.Context) error {
			h := asyncio.OpenHandle(ctx)
			defer h.Close()
			ctx, cancel := context.WithTimeout(ctx, time.Hour)
			defer cancel()
			asyncio.Go(ctx, func(ctx context.Context) error { _, _, err := asyncio.Receive(ctx, make(chan int)); return err })
			asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			asyncio.CallLater(ctx, time.Hour, func() {})
			return together(ctx, times(5, func(ctx context.Context, i int) error {
				_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return i, nil })
				return err
			})...)
		}, asyncio.HandleSignals(), asyncio.Debug(true))
		if err != nil {
			t.Error(err)
		}
	}
}

// everyWait is a wait of each kind that nobody ends.
func everyWait(ctx context.Context) map[string]func(ctx context.Context) error {
	lock, cond := new(asyncio.Lock), asyncio.NewCondition(nil)
	lock.TryAcquire()
	queue, full := asyncio.NewQueue[int](1), asyncio.NewQueue[int](1)
	full.TryPut(1)
	future := asyncio.NewFuture[int](ctx)
	sender, receiver := asyncio.NewChannel[int](0)
	return map[string]func(ctx context.Context) error{
		"sleep":     func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) },
		"lock":      lock.Acquire,
		"semaphore": asyncio.NewSemaphore(0).Acquire,
		"event":     new(asyncio.Event).Wait,
		"notify":    new(asyncio.Notify).Wait,
		"limiter":   asyncio.NewCapacityLimiter(0).Acquire,
		"get":       func(ctx context.Context) error { _, err := queue.Get(ctx); return err },
		"put":       func(ctx context.Context) error { return full.Put(ctx, 2) },
		"join":      full.Join,
		"future":    func(ctx context.Context) error { _, err := future.Await(ctx); return err },
		"send":      func(ctx context.Context) error { return sender.Send(ctx, 1) },
		"receive":   func(ctx context.Context) error { _, err := receiver.Clone().Receive(ctx); return err },
		"watch":     func(ctx context.Context) error { _, err := asyncio.NewWatch(0).Watcher().Changed(ctx); return err },
		"channel":   func(ctx context.Context) error { _, _, err := asyncio.Receive(ctx, make(chan int)); return err },
		"condition": func(ctx context.Context) error {
			if err := cond.Acquire(ctx); err != nil {
				return err
			}
			defer cond.Release()
			return cond.Wait(ctx)
		},
		"thread": func(ctx context.Context) error {
			_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, nil })
			return err
		},
		"group": func(ctx context.Context) error {
			return together(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		},
	}
}

func TestReliabilityI3_TheEndOfMainEndsEveryKindOfWait(t *testing.T) {
	for _, own := range []string{"send", "receive"} { // rendezvous: they would meet
		t.Run("without "+own, func(t *testing.T) {
			defer asynciotest.CheckLeaks(t)()
			cleaned, want := 0, 0
			asynciotest.Run(t, func(ctx context.Context) {
				for name, wait := range everyWait(ctx) {
					if name == own {
						continue
					}
					want++
					asyncio.Go(ctx, func(ctx context.Context) error {
						defer func() { cleaned++ }()
						err := wait(ctx)
						if !errors.Is(err, context.Canceled) {
							t.Errorf("%s ended with %v", name, err)
						}
						return err
					}, asyncio.TaskName(name))
				}
				if err := asynciotest.WaitIdle(ctx); err != nil {
					t.Error(err)
				}
			})
			if cleaned != want {
				t.Errorf("%d of %d tasks cleaned up", cleaned, want)
			}
		})
	}
}

func TestReliabilityI4_ACleanUpThatWaitsForEverIsAbandoned(t *testing.T) {
	for _, c := range []struct {
		name  string
		hangs func(context.Context)
		after time.Duration
	}{
		{"after the grace period", sleepsForEver, 3 * time.Second},
		{"at once where nothing could ever wake it", hangsForEver, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer asynciotest.CheckLeaks(t)()
			var (
				reports  []asyncio.Report
				outer    bool
				finished time.Duration
			)
			err := asyncio.Run(asynciotest.Context(context.Background()), func(ctx context.Context) error {
				start := asyncio.Now(ctx)
				asyncio.Go(ctx, func(ctx context.Context) error {
					defer func() { outer, finished = true, asyncio.Now(ctx).Sub(start) }()
					defer c.hangs(ctx)
					return asyncio.Sleep(ctx, time.Hour)
				}, asyncio.TaskName("stubborn"))
				return asyncio.Yield(ctx)
			}, asyncio.GracePeriod(3*time.Second), asyncio.OnError(func(r asyncio.Report) { reports = append(reports, r) }))
			if !errors.Is(err, asyncio.ErrNotEnded) || !outer || finished != c.after {
				t.Errorf("%v; outer clean-up ran: %v, after %v", err, outer, finished)
			}
			if len(reports) != 1 || reports[0].Task != "stubborn" || !strings.Contains(string(reports[0].Stack), "ForEver") {
				t.Errorf("reports: %v", reports)
			}
		})
	}
}

func hangsForEver(ctx context.Context) {
	asyncio.NewFuture[int](ctx).Await(context.WithoutCancel(ctx))
}

func sleepsForEver(ctx context.Context) {
	asyncio.Sleep(context.WithoutCancel(ctx), 1<<62)
}

func TestReliabilityI5_HoweverMainEndsItsChildrenAreCancelledAndAwaited(t *testing.T) {
	run := func(end func() error) (cleaned bool, raised any, returned bool, err error) {
		over := make(chan struct{})
		go func() { // a goroutine that Goexit may end
			defer close(over)
			defer func() { raised = recover() }()
			err = asyncio.Run(asynciotest.Context(context.Background()), func(ctx context.Context) error {
				asyncio.Go(ctx, func(ctx context.Context) error {
					defer func() { cleaned = asyncio.Sleep(context.WithoutCancel(ctx), time.Second) == nil }()
					return asyncio.Sleep(ctx, time.Hour)
				})
				asyncio.Yield(ctx)
				return end()
			})
			returned = true
		}()
		<-over
		return cleaned, raised, returned, err
	}

	t.Run("with an error", func(t *testing.T) {
		cleaned, raised, _, err := run(func() error { return errSwept })
		if !errors.Is(err, errSwept) || !cleaned || raised != nil {
			t.Errorf("%v, cleaned: %v, raised: %v", err, cleaned, raised)
		}
	})

	t.Run("with a panic, whose stack is kept", func(t *testing.T) {
		cleaned, raised, _, _ := run(func() error { return panicsInMain() })
		p, ok := raised.(*asyncio.PanicError)
		if !ok || !cleaned || p.Value != "main" || !strings.Contains(string(p.Stack), "panicsInMain") {
			t.Errorf("cleaned: %v, raised: %v", cleaned, raised)
		}
	})

	t.Run("with Goexit, which goes on after Run", func(t *testing.T) {
		cleaned, raised, returned, _ := run(goexit)
		if !cleaned || raised != nil || returned {
			t.Errorf("cleaned: %v, raised: %v, returned: %v", cleaned, raised, returned)
		}
	})
}

func panicsInMain() error { panic("main") }

func TestReliabilityI6_AnErrorThatNobodyLookedAtIsReportedOnce(t *testing.T) {
	var reports []string
	err := asyncio.Run(asynciotest.Context(context.Background()), func(ctx context.Context) error {
		fail := func(context.Context) error { return io.ErrUnexpectedEOF }
		asyncio.Go(ctx, fail, asyncio.TaskName("forgotten"))
		seen := asyncio.Go(ctx, fail, asyncio.TaskName("awaited"))
		seen.Await(ctx)
		looked := asyncio.Go(ctx, fail, asyncio.TaskName("looked at"))
		asyncio.Yield(ctx)
		if looked.Err() == nil {
			t.Error("no error")
		}
		return nil
	}, asyncio.OnError(func(r asyncio.Report) { reports = append(reports, fmt.Sprint(r.Task, ": ", r.Err)) }))
	if err != nil || len(reports) != 1 || reports[0] != "forgotten: unexpected EOF" {
		t.Errorf("%v; reports %q", err, reports)
	}
}

func TestReliabilityI8_AnIdleLoopDoesNotPoll(t *testing.T) {
	clock := &countingClock{virtualDriver: driver.NewVirtual()}
	runOn(t, clock, func(ctx context.Context) {
		before := clock.waits
		asyncio.Sleep(ctx, 1000*time.Hour)
		if n := clock.waits - before; n > 1 {
			t.Errorf("%d waits of the loop in one long sleep", n)
		}
	})
}
