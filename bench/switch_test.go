package main

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// A stopwatch takes the time of many short samples and keeps the best: what a step costs
// where nobody else had the processor, even on a machine that is busy.
type stopwatch struct {
	begin time.Time
	best  float64
}

// lap ends a sample of ops operations and begins the next.
func (s *stopwatch) lap(ops int) {
	now := time.Now()
	if took := float64(now.Sub(s.begin)) / float64(ops); !s.begin.IsZero() && (s.best == 0 || took < s.best) {
		s.best = took
	}
	s.begin = now
}

// switches are loops of one kind of step each, in laps of some 50 µs.
var switches = []struct {
	name string
	run  func(ctx context.Context, laps int, s *stopwatch) error
}{
	{"yield", func(ctx context.Context, laps int, s *stopwatch) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for i := range 20 {
				g.Go(func(ctx context.Context) error {
					for range laps {
						for range 20 {
							asyncio.Yield(ctx)
						}
						if i == 0 {
							s.lap(20 * 20)
						}
					}
					return nil
				})
			}
			return nil
		})
	}},
	{"handoff", func(ctx context.Context, laps int, s *stopwatch) error {
		there, back := asyncio.NewQueue[int](1), asyncio.NewQueue[int](1)
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(func(ctx context.Context) error {
				for range laps {
					for range 200 {
						there.Put(ctx, 1)
						back.Get(ctx)
					}
					s.lap(200)
				}
				return nil
			})
			for range laps * 200 {
				there.Get(ctx)
				back.Put(ctx, 1)
			}
			return nil
		})
	}},
	{"lock", func(ctx context.Context, laps int, s *stopwatch) error {
		var lock asyncio.Lock
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for i := range 20 {
				g.Go(func(ctx context.Context) error {
					for range laps {
						for range 10 {
							lock.Acquire(ctx)
							asyncio.Yield(ctx)
							lock.Release()
						}
						if i == 0 {
							s.lap(20 * 10)
						}
					}
					return nil
				})
			}
			return nil
		})
	}},
	{"queue", func(ctx context.Context, laps int, s *stopwatch) error {
		q := asyncio.NewQueue[int](100)
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for range 4 {
				g.Go(func(ctx context.Context) error {
					for range laps * 500 {
						q.Put(ctx, 1)
					}
					return nil
				})
			}
			for i := range 4 {
				g.Go(func(ctx context.Context) error {
					for range laps {
						for range 500 {
							q.Get(ctx)
						}
						if i == 0 {
							s.lap(4 * 500)
						}
					}
					return nil
				})
			}
			return nil
		})
	}},
	{"create", func(ctx context.Context, laps int, s *stopwatch) error {
		tasks := make([]*asyncio.Task[struct{}], 200)
		for range laps {
			for i := range tasks {
				tasks[i] = asyncio.Go(ctx, func(context.Context) error { return nil })
			}
			asyncio.Yield(ctx)
			for _, t := range tasks {
				t.Err()
			}
			s.lap(len(tasks))
		}
		return nil
	}},
	{"sleep", func(ctx context.Context, laps int, s *stopwatch) error {
		for range laps {
			for range 20 {
				asyncio.Sleep(ctx, 1)
			}
			s.lap(20)
		}
		return nil
	}},
}

// BenchmarkSwitch is the best of many samples: compare it between builds that lie
// differently in memory (go test -c -ldflags=-randlayout=N), in turn.
func BenchmarkSwitch(b *testing.B) {
	for _, w := range switches {
		b.Run("of="+w.name, func(b *testing.B) { benchmarkSwitch(b, w.run) })
	}
}

func benchmarkSwitch(b *testing.B, run func(context.Context, int, *stopwatch) error) {
	best := math.Inf(1)
	for b.Loop() {
		var s stopwatch
		err := asyncio.Run(context.Background(), func(ctx context.Context) error { return run(ctx, 400, &s) })
		if err != nil {
			b.Fatal(err)
		}
		best = min(best, s.best)
	}
	b.ReportMetric(best, "best-ns")
}
