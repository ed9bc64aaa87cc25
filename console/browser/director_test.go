package browser_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/goasyncio/asyncio"
)

// sceneVariable makes the test's binary the program of a scene.
const sceneVariable = "ASYNCIO_BROWSER_SCENE"

// A director obeys the lines of the standard input while the scene's tasks go on: see
// ask and program.tell.
type director struct {
	orders  map[string]func() any // what a line does, on the loop; its answer
	outside map[string]func()     // what a line does on another goroutine, without an answer
	done    *asyncio.Event        // set by the line "end"
	lines   chan string
}

// playScene is the main function of a scene's program. Nothing in it knows of the
// console: the environment turns it on. A program whose loop has ended goes on until its
// standard input is closed, as a server with other things to do would.
func playScene(name string) int {
	scene := scenes[name]
	if scene == nil {
		fmt.Fprintf(os.Stderr, "there is no scene %q\n", name)
		return 2
	}
	d := &director{orders: map[string]func() any{}, outside: map[string]func(){}, done: new(asyncio.Event), lines: make(chan string)}
	go func() {
		defer close(d.lines)
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			d.lines <- in.Text()
		}
	}()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error { return scene(ctx, d) },
		asyncio.SlowStep(100*time.Millisecond), asyncio.LoopName(name))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	for range d.lines {
	}
	if err != nil {
		return 1
	}
	return 0
}

// obey runs the orders until the line "end". They run in callbacks: every task is then
// ready or waits, as it is when the console asks.
func (d *director) obey(ctx context.Context) error {
	h := asyncio.OpenHandle(ctx)
	defer h.Close()
	d.orders["tasks"] = func() any { return allTasks(ctx) }
	d.orders["count"] = func() any { return len(asyncio.AllTasks(ctx)) }
	go d.pass(h, os.Stdout)
	return d.done.Wait(ctx)
}

// pass gives each line to the loop, up to the one that ends the scene.
func (d *director) pass(h *asyncio.LoopHandle, stdout io.Writer) {
	out := json.NewEncoder(stdout)
	for line := range d.lines {
		if f := d.outside[line]; f != nil {
			f()
			continue
		}
		if line == "end" {
			h.CallSoonThreadsafe(d.done.Set)
			return
		}
		h.CallSoonThreadsafe(func() {
			if order := d.orders[line]; order != nil {
				out.Encode(order())
			} else {
				out.Encode("there is no order " + line)
			}
		})
	}
}

// A counted task is one as the runtime itself tells of it.
type counted struct {
	ID       uint64
	Name     string
	State    string
	Parent   uint64
	WaitsFor string
}

func allTasks(ctx context.Context) (all []counted) {
	for _, t := range asyncio.AllTasks(ctx) {
		i := t.Info()
		all = append(all, counted{i.ID, i.Name, i.State, i.Parent, i.WaitsFor})
	}
	return all
}
