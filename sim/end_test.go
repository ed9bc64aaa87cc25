package sim

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// idle is the main of a host that only waits.
func idle(ctx context.Context) error { return asyncio.Sleep(ctx, 1000*time.Hour) }

// endings are the ways in which a world fails, and what its failure says.
var endings = []struct {
	name string
	body func(w *World)
	host string
	says string
}{
	{"Errorf in the body", func(w *World) { w.Errorf("it is %d", 3) }, "test", "it is 3"},
	{"Fatalf in the body", func(w *World) { w.Fatalf("it is %d", 4); panic("it went on") }, "test", "it is 4"},
	{"FailNow in a callback", func(w *World) {
		asyncio.CallSoon(w.Context(), w.FailNow)
		asyncio.Sleep(w.Context(), time.Hour)
	}, "test", "FailNow"},
	{"Fatalf in a task of a host", func(w *World) {
		w.Host("h", func(ctx context.Context) error { w.Fatalf("here"); return nil })
		asyncio.Sleep(w.Context(), time.Hour)
	}, "h", "here"},
	{"a panic in the body", func(w *World) { panic("no") }, "test", "no"},
	{"a panic in a task that nobody awaits", func(w *World) {
		w.Go("a", func(context.Context) error { panic("alas") })
		asyncio.Sleep(w.Context(), time.Hour)
	}, "test", "alas"},
	{"a panic in a host's main", func(w *World) {
		w.Host("h", func(ctx context.Context) error { panic("oh") })
		asyncio.Sleep(w.Context(), time.Hour)
	}, "h", "oh"},
	{"an error of a host's main", func(w *World) {
		w.Host("h", func(ctx context.Context) error { return errors.New("no config") })
		asyncio.Sleep(w.Context(), time.Hour)
	}, "h", "no config"},
	{"an error that nobody looks at", func(w *World) {
		w.Go("a", func(context.Context) error { return errors.New("forgotten") })
		asyncio.Sleep(w.Context(), time.Hour)
	}, "test", "forgotten"},
	{"Goexit in the body", func(w *World) { runtime.Goexit() }, "test", "Goexit"},
	{"Goexit in a host", func(w *World) {
		w.Host("h", func(ctx context.Context) error { runtime.Goexit(); return nil })
		asyncio.Sleep(w.Context(), time.Hour)
	}, "h", "Goexit"},
	{"a deadlock on one host", func(w *World) {
		var e asyncio.Event
		e.Wait(w.Context())
	}, "test", "deadlock"},
	{"a deadlock over two hosts", func(w *World) {
		w.Host("h", serve)
		receive(w.Context(), "h:9")
	}, "test", "h     main  a connection"},
	{"a law that does not hold", func(w *World) {
		x := 0
		w.Always("x is small", func() error {
			if x > 2 {
				return fmt.Errorf("it is %d", x)
			}
			return nil
		})
		for range 10 {
			x++
			asyncio.Yield(w.Context())
		}
		panic("it went on")
	}, "test", `always "x is small": it is 3`},
	{"a law that panics", func(w *World) {
		w.Always("nothing", func() error { panic("in the law") })
		asyncio.Sleep(w.Context(), time.Second)
	}, "test", "in the law"},
	{"what must come about and does not", func(w *World) {
		w.Eventually(time.Minute, "more", func() error { return errors.New("not yet") })
	}, "test", `eventually "more": not within 1m0s: not yet`},
	{"a world without an end", func(w *World) {
		for {
			asyncio.Yield(w.Context())
		}
	}, "test", "has not come to its end"},
	{"a world that takes a year", func(w *World) { asyncio.Sleep(w.Context(), 365*24*time.Hour) }, "test", "has not come to its end"},
}

func TestAWorldFailsWith(t *testing.T) {
	for _, e := range endings {
		t.Run(e.name, func(t *testing.T) {
			done := make(chan *Failure)
			go func() { // a Goexit ends the goroutine of the world
				var f *Failure
				defer func() { done <- f }()
				f = once(t, e.body, MaxSteps(10_000))
			}()
			f := <-done
			switch {
			case f == nil:
				t.Error("it has not failed")
			case f.Host != e.host || !strings.Contains(f.Error(), e.says):
				t.Errorf("on host %q, want %q: %v\nwant: %s", f.Host, e.host, f, e.says)
			}
		})
	}
}

func TestTheFirstFailureCounts(t *testing.T) {
	f := once(t, func(w *World) {
		w.Errorf("first")
		w.Errorf("second")
	})
	if f == nil || !strings.Contains(f.Error(), "first") {
		t.Error(f)
	}
}

func TestHostsEndWithTheTest(t *testing.T) {
	ended := 0
	if f := once(t, func(w *World) {
		for i := range 3 {
			w.Host(fmt.Sprint("h", i), func(ctx context.Context) error {
				defer func() { ended++ }()
				return idle(ctx)
			})
		}
		asyncio.Sleep(w.Context(), time.Second)
	}); f != nil {
		t.Error(f)
	}
	if ended != 3 {
		t.Errorf("%d hosts have unwound, want 3", ended)
	}
}

func TestEventuallyWaitsAsLongAsItTakes(t *testing.T) {
	var took time.Duration
	if f := once(t, func(w *World) {
		start := w.Now()
		w.Eventually(time.Hour, "half an hour is over", func() error {
			if took = w.Now() - start; took < 30*time.Minute {
				return errors.New("not yet")
			}
			return nil
		})
	}); f != nil || took > 31*time.Minute {
		t.Errorf("took %v: %v", took, f)
	}
}

func TestALawIsLookedAtBeforeTimePasses(t *testing.T) {
	f := once(t, func(w *World) {
		broken := false
		w.Always("whole", func() error {
			if broken {
				return errors.New("broken")
			}
			return nil
		})
		w.Host("h", func(ctx context.Context) error {
			asyncio.Sleep(ctx, time.Second)
			broken = true
			return idle(ctx)
		})
		wait(w, time.Hour)
	})
	if f == nil || f.At != time.Second || f.Host != "h" {
		t.Errorf("%v, want it at 1s on host h", f)
	}
}
