package browser_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/goasyncio/asyncio"
)

// sceneVariable makes the test's binary the program of a scene.
const sceneVariable = "ASYNCIO_BROWSER_SCENE"

// scenes are the programs that are watched. Nothing in them knows of the console: the
// environment turns it on.
var scenes = map[string]func(ctx context.Context, d *director) error{
	"mixed": mixed,
}

// A director obeys the lines of the standard input while the scene's tasks go on.
type director struct {
	orders map[string]func() any // what a line does, on the loop; its answer
	done   *asyncio.Event        // set by the line "end"
}

func playScene(name string) int {
	scene := scenes[name]
	if scene == nil {
		fmt.Fprintf(os.Stderr, "there is no scene %q\n", name)
		return 2
	}
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		return scene(ctx, &director{orders: map[string]func() any{}, done: new(asyncio.Event)})
	}, asyncio.SlowStep(100*time.Millisecond), asyncio.LoopName(name))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// A counted task is one as the runtime itself tells of it.
type counted struct {
	ID       uint64
	Name     string
	State    string
	Parent   uint64
	WaitsFor string
}

// obey runs the orders until the line "end". They run in callbacks: every task is then
// ready or waits, as it is when the console asks.
func (d *director) obey(ctx context.Context) error {
	h := asyncio.OpenHandle(ctx)
	defer h.Close()
	d.orders["tasks"] = func() any { return allTasks(ctx) }
	d.orders["count"] = func() any { return len(asyncio.AllTasks(ctx)) }
	go func() {
		out := json.NewEncoder(os.Stdout)
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			order, line := d.orders[lines.Text()], lines.Text()
			h.CallSoonThreadsafe(func() {
				switch {
				case line == "end":
					d.done.Set()
				case order == nil:
					out.Encode("there is no order " + line)
				default:
					out.Encode(order())
				}
			})
		}
	}()
	return d.done.Wait(ctx)
}

func allTasks(ctx context.Context) (all []counted) {
	for _, t := range asyncio.AllTasks(ctx) {
		i := t.Info()
		all = append(all, counted{i.ID, i.Name, i.State, i.Parent, i.WaitsFor})
	}
	return all
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
			g.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Duration(i+1)*time.Hour) }, asyncio.TaskName(fmt.Sprintf("sleeper %s", strings.Repeat("z", i+1))))
		}
		err := d.obey(ctx)
		g.Cancel(nil)
		return err
	})
}
