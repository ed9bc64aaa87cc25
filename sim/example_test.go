package sim_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/sim"
)

// inTest stands for the *testing.T of these examples, which have none. Of a failure it
// prints what has failed.
type inTest struct{ testing.TB }

func (inTest) Name() string        { return "Test" }
func (inTest) Helper()             {}
func (inTest) Cleanup(func())      {}
func (inTest) Logf(string, ...any) {}
func (inTest) Error(args ...any) {
	_, rest, _ := strings.Cut(fmt.Sprintln(args...), "\n  ")
	what, _, _ := strings.Cut(rest, "\n")
	fmt.Println(what)
}

var t inTest

// transfers are two tasks that read, wait and write. In the order of production the
// second one reads what the first has written.
func transfers(w *sim.World) {
	balance := 0
	add := func(ctx context.Context, n int) error {
		old := balance
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		balance = old + n
		return nil
	}
	ten := w.Go("ten", func(ctx context.Context) error { return add(ctx, 10) })
	five := w.Go("five", func(ctx context.Context) error {
		for range 3 {
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
		}
		return add(ctx, 5)
	})
	ten.Await(w.Context())
	five.Await(w.Context())
	if balance != 15 {
		w.Errorf("one of two transfers is lost")
	}
}

func ExampleCheck() {
	sim.Check(t, transfers)
	// Output: at t=0s on host "test": one of two transfers is lost
}

// The seed of a nightly campaign is another one every night; for a minute, by one
// strategy, in worlds that end early.
func ExampleCheck_options() {
	sim.Check(t, transfers,
		sim.Seed(20260101), sim.For(time.Minute), sim.Strategy("urw"),
		sim.MaxSteps(1000), sim.Limit(time.Minute), sim.Shrink(time.Second))
	// Output: at t=0s on host "test": one of two transfers is lost
}

// All orders in which a task is passed once by another.
func ExampleExhaust() {
	sim.Exhaust(t, transfers, sim.Delays(1))
	sim.Exhaust(t, transfers, sim.Preemptions(2), sim.Runs(1000))
	everything := sim.Exhaust(t, func(w *sim.World) {
		w.Go("greets", func(ctx context.Context) error { return asyncio.Yield(ctx) }).Await(w.Context())
	})
	fmt.Println("everything was seen:", everything)
	// Output:
	// at t=0s on host "test": one of two transfers is lost
	// at t=0s on host "test": one of two transfers is lost
	// everything was seen: true
}

// Two tasks that have nothing in common but the end, and say so, have few orders.
func ExampleDeclared() {
	everything := sim.Exhaust(t, func(w *sim.World) {
		var cups, plates int
		left := 2
		var done asyncio.WaitQueue
		wash := func(what *int) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				for range 8 {
					w.Touch(what)
					*what++
					asyncio.Yield(ctx)
				}
				w.Touch(what, &left)
				if left--; left == 0 {
					done.Wake(1)
				}
				return nil
			}
		}
		w.Go("cups", wash(&cups))
		w.Go("plates", wash(&plates))
		done.Park(w.Context(), "clean dishes")
	}, sim.Declared())
	fmt.Println("everything was seen:", everything)
	// Output: everything was seen: true
}

// The order of production is a world too: that of the strategy fifo.
func ExampleRun() {
	sim.Run(t, 1, func(w *sim.World) {
		transfers(w)
		fmt.Println("it is", w.Now(), "in the world")
	})
	// Output: it is 0s in the world
}

// A FuzzX function has no more than this. Then: go test -fuzz FuzzTransfers
func ExampleFuzz() {
	FuzzTransfers := func(f *testing.F) { sim.Fuzz(f, transfers) }
	_ = FuzzTransfers
}

// greet is a program: a server that says hello. It is what main would run.
func greet(ctx context.Context) error {
	l, err := aionet.Listen(ctx, "tcp", ":7000")
	if err != nil {
		return err
	}
	s := &aionet.Server{Handler: func(ctx context.Context, c aionet.Stream) error {
		if sim.Sometimes("the server hangs up") { // in production never
			return nil
		}
		_, err := c.WriteContext(ctx, []byte("hello"))
		return err
	}}
	return s.Serve(ctx, l)
}

// greeting asks once.
func greeting(ctx context.Context) (string, error) {
	c, err := aionet.Dial(ctx, "tcp", "server:7000")
	if err != nil {
		return "", err
	}
	defer c.Close()
	text, err := io.ReadAll(c)
	return string(text), err
}

// A server that may crash at any time, and a client that asks again.
func ExampleMortal() {
	sim.Check(t, func(w *sim.World) {
		w.Host("server", greet, sim.Mortal())
		greeted := false
		w.Go("client", func(ctx context.Context) error {
			for {
				if text, err := greeting(ctx); err == nil && text == "hello" {
					greeted = true
					return nil
				}
				sim.Reached("the client asks again")
				asyncio.Sleep(ctx, time.Second)
			}
		})
		asyncio.Sleep(w.Context(), time.Second)
		w.Quiet()
		w.Eventually(time.Minute, "greeted", func() error {
			if !greeted {
				return errors.New("not yet")
			}
			return nil
		})
	}, sim.WithFaults(sim.Faults{Hosts: sim.HostFaults{Crashes: 20, Down: time.Second}}))
	fmt.Println("greeted in all worlds")
	// Output: greeted in all worlds
}

func ExampleSometimes() {
	// A queue whose bound is rarely met in tests, but in worlds now and then.
	var queue []string
	put := func(item string) error {
		if len(queue) == 1000 || sim.Sometimes("the queue is full") {
			return errors.New("full")
		}
		queue = append(queue, item)
		return nil
	}
	fmt.Println(put("apple")) // not in a world
	// Output: <nil>
}

func ExampleReached() {
	sim.Reached("the cache was empty") // counted in a world, nothing elsewhere
	// Output:
}
