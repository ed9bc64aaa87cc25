package sim_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/sim"
)

// undetermined are programs that do not only depend on the world's decisions, each with
// what has to be said of it.
var undetermined = []struct {
	name string
	body func(w *sim.World)
	says []string
}{
	{"a map range that reaches a wait", func(w *sim.World) {
		delays := map[string]time.Duration{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}
		for name, d := range delays {
			w.Go(name, func(ctx context.Context) error { return asyncio.Sleep(ctx, d) })
		}
		asyncio.Sleep(w.Context(), time.Second)
	}, []string{`In the first run comes then(.|\n)*In the second run comes then`, `map`}},
	{"the time of the system decides", func(w *sim.World) {
		if time.Now().UnixNano()/1000%2 == 0 {
			asyncio.Yield(w.Context())
		} else {
			asyncio.Sleep(w.Context(), 1)
		}
	}, []string{`starts -> twice_test.go:\d+`, `sim_test\..*\n.*twice_test.go:\d+`, `time.Now`}},
	{"math/rand decides", func(w *sim.World) {
		w.Host("h", func(ctx context.Context) error {
			for rand.IntN(2) == 0 {
				asyncio.Yield(ctx)
			}
			return asyncio.Sleep(ctx, 1)
		})
		asyncio.Sleep(w.Context(), time.Second)
	}, []string{`In the first run`, `h +main`, `math/rand`}},
	{"a variable outlives the world", func() func(w *sim.World) {
		var n atomic.Int64
		return func(w *sim.World) { asyncio.Sleep(w.Context(), time.Duration(n.Add(1))) }
	}(), []string{`In the second run`, `outlives the world`}},
	{"a goroutine reaches a loop", func(w *sim.World) {
		h := asyncio.OpenHandle(w.Context())
		defer h.Close()
		done := make(chan struct{})
		go func() {
			defer close(done)
			h.CallSoonThreadsafe(func() {})
		}()
		<-done
		asyncio.Yield(w.Context())
	}, []string{`a goroutine that the world has not made reaches the loop of a host, at twice_test.go:\d+; it was made at twice_test.go:\d+`}},
	{"a goroutine does something else", func(w *sim.World) {
		end := make(chan struct{})
		defer close(end)
		go func() { <-end }()
		asyncio.Yield(w.Context())
		asyncio.Yield(w.Context())
	}, []string{`a goroutine that the world has not made was made at twice_test.go:\d+, by .*sim_test`}},
}

func TestTheCheckFinds(t *testing.T) {
	recordings(t)
	t.Setenv("SIM_CHECK", "1")
	for _, p := range undetermined {
		t.Run(p.name, func(t *testing.T) {
			l := listen(t, "TestUndetermined", p.body)
			if !l.failed {
				t.Fatal("it was not found")
			}
			l.wants(t, p.says...)
		})
	}
}

func TestAFailureThatDoesNotComeAgainIsCalledUndetermined(t *testing.T) {
	recordings(t)
	var n atomic.Int64
	l := listen(t, "TestOnce", func(w *sim.World) {
		if n.Add(1) == 20 {
			w.Errorf("the twentieth")
		}
	})
	l.wants(t, `is not determined\n.*the twentieth`, `When the schedule was run again it was another one`)
}

func TestTheCheckIsSilentOnProgramsThatAreDetermined(t *testing.T) {
	recordings(t)
	t.Setenv("SIM_CHECK", "1")
	for name, body := range map[string]func(w *sim.World){
		"tasks, timers and scopes": func(w *sim.World) {
			asyncio.WithTaskGroup(w.Context(), func(ctx context.Context, g *asyncio.TaskGroup) error {
				for i := range 5 {
					g.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Duration(i)) })
				}
				return nil
			})
		},
		"a context of the standard library": func(w *sim.World) {
			ctx, cancel := context.WithCancel(w.Context())
			defer cancel()
			w.Go("canceller", func(context.Context) error { cancel(); return nil })
			asyncio.Sleep(ctx, time.Hour)
		},
		"a thread": func(w *sim.World) {
			v, err := asyncio.ToThread(w.Context(), func(context.Context) (int, error) { runtime.Gosched(); return 7, nil })
			if v != 7 || err != nil {
				w.Errorf("the thread: %d, %v", v, err)
			}
		},
		"hosts and sockets": func(w *sim.World) { exchange(w) },
	} {
		t.Run(name, func(t *testing.T) {
			if l := listen(t, "TestDetermined", body, sim.Runs(100)); l.failed {
				t.Errorf("it is not:\n%s", &l.said)
			}
		})
	}
	t.Run("and a failure is told as ever", func(t *testing.T) {
		listen(t, "TestLost", lost).wants(t, `x is 1, want 2`, `<- runs here`)
	})
}

func TestACampaignTellsWhatHappened(t *testing.T) {
	recordings(t)
	l := listen(t, "TestMarks", func(w *sim.World) {
		exchange(w)
		w.Reached("the answer")
		if w.Chance(0.01, "never mind") && w.Seed() == 0 {
			w.Reached("nowhere")
		}
		sim.Sometimes("rare")
		if w.Chance(0.01, "break") { // late: by then faults have struck
			w.Errorf("broken")
		}
	}, sim.Runs(400))
	l.wants(t, `campaign: +\d+ schedules, \d+/s; \d+ steps; .* of virtual time`, `marks.*rare`, `faults that never struck: `)
}

// exchange sends a word to a server on another host, whatever goes wrong.
func exchange(w *sim.World) {
	w.Host("server", serveEcho)
	asyncio.Sleep(w.Context(), time.Second)
	_, _ = echo(w.Context(), "server:7", "hello")
}
