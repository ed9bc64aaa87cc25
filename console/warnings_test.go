package console_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/console"
	"github.com/goasyncio/asyncio/console/internal/wire"
)

// A troubled program is one with a trouble that a console warns of, and what the warning
// says.
type troubled struct {
	kind string
	task string   // the name that the warning has
	says []string // parts of its text
	main func(ctx context.Context) error
}

// forever sleeps until the test is over.
func forever(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }

func troubles() []troubled {
	return []troubled{
		{wire.WarnNeverWaits, "miner", []string{"has not waited once", "ToThread"}, func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				for {
					for began := time.Now(); time.Since(began) < 20*time.Millisecond; {
					}
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
				}
			}, asyncio.TaskName("miner"))
			return forever(ctx)
		}},
		{wire.WarnSelfWakes, "poller", []string{"only given way"}, func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				for {
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
				}
			}, asyncio.TaskName("poller"))
			return forever(ctx)
		}},
		{wire.WarnLockHeld, "holder", []string{"holds a Lock for which 2 wait", "Release the lock"}, func(ctx context.Context) error {
			lock := new(asyncio.Lock)
			asyncio.Go(ctx, func(ctx context.Context) error {
				if err := lock.Acquire(ctx); err != nil {
					return err
				}
				defer lock.Release()
				return forever(ctx)
			}, asyncio.TaskName("holder"))
			for range 2 {
				asyncio.Go(ctx, func(ctx context.Context) error { return withLock(ctx, lock) })
			}
			return forever(ctx)
		}},
		{wire.WarnUnseen, "failing", []string{"nobody has looked", "no such file"}, func(ctx context.Context) error {
			asyncio.Go(ctx, func(context.Context) error { return errors.New("no such file") }, asyncio.TaskName("failing"))
			return forever(ctx)
		}},
		{wire.WarnQueueGrows, "Queue", []string{"never fell", "Give it a bound"}, func(ctx context.Context) error {
			queue := asyncio.NewQueue[int](asyncio.Unbounded)
			asyncio.Go(ctx, func(ctx context.Context) error {
				for {
					if _, err := queue.Get(ctx); err != nil {
						return err
					}
					if err := asyncio.Sleep(ctx, 20*time.Millisecond); err != nil {
						return err
					}
				}
			}, asyncio.TaskName("slow"))
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
			for {
				for range 10 {
					if err := queue.Put(ctx, 1); err != nil {
						return err
					}
				}
				if err := asyncio.Sleep(ctx, 10*time.Millisecond); err != nil {
					return err
				}
			}
		}},
		{wire.WarnCycle, "A", []string{`"A" waits for`, `"B" waits for`}, func(ctx context.Context) error {
			first, second := new(asyncio.Lock), new(asyncio.Lock)
			asyncio.Go(ctx, lockBoth(first, second), asyncio.TaskName("A"))
			asyncio.Go(ctx, lockBoth(second, first), asyncio.TaskName("B"))
			return forever(ctx)
		}},
		{wire.WarnReport, "", []string{"panic in a callback", "boom"}, func(ctx context.Context) error {
			for {
				asyncio.CallSoon(ctx, func() { panic("boom") })
				if err := asyncio.Sleep(ctx, 50*time.Millisecond); err != nil {
					return err
				}
			}
		}},
	}
}

func lockBoth(a, b *asyncio.Lock) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := a.Acquire(ctx); err != nil {
			return err
		}
		defer a.Release()
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		return withLock(ctx, b)
	}
}

// watched runs main while look, on another goroutine, looks at its loop.
func watched(t *testing.T, main func(context.Context) error, look func(s *console.Server, of func(string) string)) {
	t.Helper()
	s := serve(t)
	defer s.Close()
	ctx, stop := context.WithCancel(context.Background())
	begun, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		defer stop()
		<-begun
		look(s, theLoop(t, s))
	}()
	err := asyncio.Run(ctx, func(ctx context.Context) error {
		close(begun)
		return main(ctx)
	}, asyncio.OnError(func(asyncio.Report) {}))
	<-done
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestTroubledProgramsHaveWarnings(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	defer console.SetImpatience(10)()
	for _, trouble := range troubles() {
		t.Run(trouble.kind, func(t *testing.T) {
			watched(t, trouble.main, func(s *console.Server, of func(string) string) {
				st := follow(t, s, of("stream"))
				defer st.close()
				var w wire.Warning
				var last []wire.Warning
				eventually(t, "there is a warning", func() bool {
					last = answer[wire.Warnings](t, s, of("warnings")).Warnings
					i := slices.IndexFunc(last, func(w wire.Warning) bool { return w.Kind == trouble.kind })
					if i >= 0 {
						w = last[i]
					}
					return i >= 0
				})
				expect(t, "name", w.Name, trouble.task)
				for _, part := range trouble.says {
					if !strings.Contains(w.Text, part) {
						t.Errorf("it says %q, without %q", w.Text, part)
					}
				}
				for _, other := range last {
					if other.Kind != trouble.kind {
						t.Errorf("it also warns of %s: %s", other.Kind, other.Text)
					}
				}
				if line := st.until(`"warning":{"kind":"` + trouble.kind); !strings.Contains(line, trouble.says[0][:5]) && !strings.Contains(line, `\"`) {
					t.Errorf("the stream says %s", line)
				}
			})
		})
	}
}

func TestAWarningHoldsAsLongAsItsTrouble(t *testing.T) {
	defer console.SetImpatience(10)()
	release := make(chan struct{})
	watched(t, func(ctx context.Context) error {
		lock := new(asyncio.Lock)
		holder := asyncio.Go(ctx, func(ctx context.Context) error {
			if err := lock.Acquire(ctx); err != nil {
				return err
			}
			defer lock.Release()
			_, _, err := asyncio.Receive(ctx, release)
			return err
		})
		asyncio.Go(ctx, func(ctx context.Context) error { return withLock(ctx, lock) })
		if _, err := holder.Await(ctx); err != nil {
			return err
		}
		return forever(ctx)
	}, func(s *console.Server, of func(string) string) {
		all := func() []wire.Warning { return answer[wire.Warnings](t, s, of("warnings")).Warnings }
		eventually(t, "there is a warning", func() bool { return len(all()) > 0 })
		since := all()[0].Since
		time.Sleep(300 * time.Millisecond) // looks in between
		expect(t, "its beginning, later", all()[0].Since, since)
		close(release)
		eventually(t, "there is none", func() bool { return len(all()) == 0 })
	})
}

// healthy is a program with a bit of everything, and no trouble.
func healthy(ctx context.Context) error {
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		lock, bounded, unbounded := new(asyncio.Lock), asyncio.NewQueue[int](10), asyncio.NewQueue[int](asyncio.Unbounded)
		limit := asyncio.NewSemaphore(1)
		g.Go(func(ctx context.Context) error { // a lock that nobody else wants may be held
			own := new(asyncio.Lock)
			if err := own.Acquire(ctx); err != nil {
				return err
			}
			defer own.Release()
			return forever(ctx)
		})
		for range 5 {
			g.Go(func(ctx context.Context) error {
				for {
					if err := withLock(ctx, lock); err != nil {
						return err
					}
					if err := asyncio.Sleep(ctx, 5*time.Millisecond); err != nil {
						return err
					}
				}
			})
			g.Go(func(ctx context.Context) error { // who holds a semaphore may wait
				if err := limit.Acquire(ctx); err != nil {
					return err
				}
				defer limit.Release()
				return forever(ctx)
			})
			g.Go(func(ctx context.Context) error {
				for {
					if err := asyncio.Yield(ctx); err != nil { // now and then, among others
						return err
					}
					if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
						return err
					}
				}
			})
		}
		for _, q := range []*asyncio.Queue[int]{bounded, unbounded} {
			g.Go(func(ctx context.Context) error {
				for i := 0; ; i++ {
					if err := q.Put(ctx, i); err != nil {
						return err
					}
					if i%3 == 0 {
						if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
							return err
						}
					}
				}
			})
			g.Go(func(ctx context.Context) error {
				for range q.All(ctx) {
				}
				return ctx.Err()
			})
		}
		g.Go(func(ctx context.Context) error { // a failure that somebody looks at, not at once
			for {
				failed := asyncio.Go(ctx, func(context.Context) error { return errors.New("as expected") })
				if err := asyncio.Sleep(ctx, 20*time.Millisecond); err != nil {
					return err
				}
				failed.Err()
			}
		})
		return nil
	})
}

func TestHealthyProgramsHaveNoWarnings(t *testing.T) {
	defer console.SetImpatience(10)()
	watched(t, healthy, func(s *console.Server, of func(string) string) {
		looks := 0
		for began := time.Now(); time.Since(began) < 3*time.Second; time.Sleep(50 * time.Millisecond) {
			for _, w := range answer[wire.Warnings](t, s, of("warnings")).Warnings {
				if w.Kind != wire.WarnBlocked && w.Kind != wire.WarnReport { // a busy machine may block it
					t.Errorf("%s: %s %s", w.Kind, w.Name, w.Text)
				}
			}
			looks++
		}
		if looks < 3 {
			t.Errorf("only %d looks", looks)
		}
	})
}
