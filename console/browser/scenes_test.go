package browser_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/goasyncio/asyncio"
)

// scenes are the programs that are watched.
var scenes = map[string]func(ctx context.Context, d *director) error{
	"mixed":    mixed,
	"blocked":  blocked,
	"deadlock": deadlock,
	"leak":     leak,
	"crowd":    crowd,
	"hostile":  hostile,
}

// mixed has some tasks of each kind, all of which wait once it has begun.
func mixed(ctx context.Context, d *director) error {
	var lock asyncio.Lock
	queue := asyncio.NewQueue[int](3)
	if err := lock.Acquire(ctx); err != nil {
		return err
	}
	defer lock.Release()
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		for i := range 4 {
			g.Go(func(ctx context.Context) error {
				_, err := queue.Get(ctx)
				return err
			}, asyncio.TaskName(fmt.Sprintf("consumer %d", i)))
		}
		g.Go(func(ctx context.Context) error {
			if err := lock.Acquire(ctx); err != nil {
				return err
			}
			lock.Release()
			return nil
		}, asyncio.TaskName("writer"))
		for i := range 3 {
			g.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Duration(i+1)*time.Hour) },
				asyncio.TaskName(fmt.Sprintf("sleeper %d", i)))
		}
		err := d.obey(ctx)
		g.Cancel(nil)
		return err
	})
}

// blocked has, at the order "block", a task that computes until the line "release", and
// at "sleep" one that sleeps without the loop until then.
func blocked(ctx context.Context, d *director) error {
	var released atomic.Bool
	begin := func(name string, hold func(released *atomic.Bool)) func() any {
		gate := new(asyncio.Event)
		asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
			if err := gate.Wait(ctx); err != nil {
				return 0, err
			}
			hold(&released)
			return 0, nil
		}, asyncio.TaskName(name))
		return func() any {
			released.Store(false)
			gate.Set()
			return "held"
		}
	}
	d.orders["block"] = begin("culprit", computesForLong)
	d.orders["sleep"] = begin("sleepyhead", sleepsForLong)
	d.outside["release"] = func() { released.Store(true) }
	asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return 0, asyncio.Sleep(ctx, time.Hour) }, asyncio.TaskName("victim"))
	return d.obey(ctx)
}

//go:noinline
func computesForLong(released *atomic.Bool) {
	for n := uint64(1); !released.Load(); {
		for range 1000 {
			n = n*6364136223846793005 + 1
		}
	}
}

//go:noinline
func sleepsForLong(released *atomic.Bool) {
	for !released.Load() {
		time.Sleep(20 * time.Millisecond)
	}
}

// deadlock has three tasks that wait for each other's locks once it was told "end".
func deadlock(ctx context.Context, d *director) error {
	if err := d.obey(ctx); err != nil {
		return err
	}
	locks := make([]asyncio.Lock, 3)
	names := []string{"ann", "ben", "cem"}
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		for i, name := range names {
			g.Go(func(ctx context.Context) error {
				if err := locks[i].Acquire(ctx); err != nil {
					return err
				}
				defer locks[i].Release()
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
				if err := locks[(i+1)%len(locks)].Acquire(ctx); err != nil {
					return err
				}
				locks[(i+1)%len(locks)].Release()
				return nil
			}, asyncio.TaskName(name))
		}
		return nil
	})
}

// leak forgets, at each order "grow", a hundred tasks, and puts a hundred things more
// into a queue than are taken out.
func leak(ctx context.Context, d *director) error {
	queue, never := asyncio.NewQueue[int](asyncio.Unbounded), new(asyncio.Event)
	asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
		for {
			if _, err := queue.Get(ctx); err != nil {
				return 0, err
			}
			if err := asyncio.Sleep(ctx, 20*time.Millisecond); err != nil {
				return 0, err
			}
		}
	}, asyncio.TaskName("slow consumer"))
	d.orders["grow"] = func() any {
		for i := range 100 {
			asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return 0, never.Wait(ctx) }, asyncio.TaskName(fmt.Sprintf("forgotten %d", i)))
			queue.TryPut(i)
		}
		return len(asyncio.AllTasks(ctx))
	}
	return d.obey(ctx)
}

// crowd has a hundred thousand tasks that wait, and one that looks each millisecond how
// late it is. The order "lag" tells, and begins anew.
func crowd(ctx context.Context, d *director) error {
	const most = 100_000
	late := make([]float64, 0, 1<<20)
	d.orders["lag"] = func() any {
		defer func() { late = late[:0] }()
		if len(late) == 0 {
			return map[string]float64{}
		}
		return map[string]float64{"n": float64(len(late)), "median": quantile(late, .5), "p99": quantile(late, .99), "max": quantile(late, 1)}
	}
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		gate := new(asyncio.Event)
		for i := range most {
			switch i % 10 {
			case 0:
				g.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Duration(i+1)*time.Hour) }, asyncio.TaskName(fmt.Sprintf("sleeper %06d", i)))
			default:
				g.Go(gate.Wait, asyncio.TaskName(fmt.Sprintf("session %06d", i)))
			}
		}
		g.Go(func(ctx context.Context) error {
			for {
				due := asyncio.Now(ctx).Add(time.Millisecond)
				if err := asyncio.SleepUntil(ctx, due); err != nil {
					return err
				}
				late = append(late, float64(time.Since(due).Microseconds())/1000)
			}
		}, asyncio.TaskName("ticker"))
		err := d.obey(ctx)
		g.Cancel(nil)
		return err
	})
}

// hostileNames are what nobody should give to a task, and somebody will.
var hostileNames = []string{
	`<script>window.hacked = "script"</script>`,
	`<img src=x onerror="window.hacked='image';alert(1)">`,
	`"><svg onload="window.hacked='svg';alert(2)">`,
	`javascript:window.hacked='link'`,
	`{{constructor.constructor("window.hacked='template'")()}}`,
	"__proto__", "constructor", "toString",
	"\x1b[31mred\x1b[0m\x1b]0;title\x07\x08\x08",
	"photo\u202egpj.exe", "\u2067\u2067\u2067turned", "zero\u200bwidth\ufeff\u2060",
	"line\nbreak\r\ttab\x00nul",
	"\xff\xfe\x80 no UTF-8 \xc3",
	"Z" + strings.Repeat("\u0301\u0334", 400),
	"名前がとても長いタスク" + strings.Repeat("長", 200),
	strings.Repeat("A", 1<<20),
	strings.Repeat("<b>", 1<<18),
	"", " ", strings.Repeat(" ", 300),
}

// hostile has a task of each hostile name, and some that fail with one as their error.
func hostile(ctx context.Context, d *director) error {
	never := new(asyncio.Event)
	for _, name := range hostileNames {
		asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return 0, never.Wait(ctx) }, asyncio.TaskName(name))
		asyncio.CreateTask(ctx, func(context.Context) (int, error) { return 0, errors.New(name) }, asyncio.TaskName("fails with "+name))
	}
	return d.obey(ctx)
}
