package sim

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiofs"
	"github.com/goasyncio/asyncio/aionet"
)

// serve is the main of a host that takes connections and says nothing.
func serve(ctx context.Context) error {
	l, err := aionet.Listen(ctx, "tcp", ":9")
	if err != nil {
		return err
	}
	for {
		c, err := l.AcceptContext(ctx)
		if err != nil {
			return err
		}
		defer c.Close() // with the server
	}
}

// receive connects and reads.
func receive(ctx context.Context, address string) error {
	c, err := aionet.Dial(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.ReadContext(ctx, make([]byte, 1))
	return err
}

// wait lets time pass in the body of a test.
func wait(w *World, d time.Duration) { asyncio.Sleep(w.Context(), d) }

func TestACrashTakesTheMemoryAndTheDiskKeepsWhatWasSynced(t *testing.T) {
	if f := quietly(t, 50, func(w *World) {
		starts := 0
		h := w.Host("h", func(ctx context.Context) error {
			starts++
			disk := aiofs.FromContext(ctx)
			data, err := aiofs.ReadFile(ctx, disk, "/synced")
			switch {
			case starts == 1 && !errors.Is(err, fs.ErrNotExist):
				w.Fatalf("the first start found %q, %v", data, err)
			case starts == 2 && string(data) != "kept":
				w.Fatalf("the second start found %q, %v", data, err)
			}
			if err := aiofs.WriteFileAtomic(ctx, disk, "/synced", []byte("kept"), 0o600); err != nil {
				w.Fatalf("writing: %v", err)
			}
			return idle(ctx)
		})
		wait(w, time.Second)
		w.Crash(h)
		if h.Running() {
			w.Fatalf("it runs after the crash")
		}
		wait(w, time.Second)
		w.Restart(h)
		wait(w, time.Second)
		if starts != 2 {
			w.Fatalf("%d starts", starts)
		}
	}, WithFaults(Faults{})); f != nil {
		t.Error(f)
	}
}

func TestDeferredFunctionsOfACrashedHostReachNothingOutside(t *testing.T) {
	if f := once(t, func(w *World) {
		var wrote, dialled error
		h := w.Host("h", func(ctx context.Context) error {
			defer func() {
				wrote = aiofs.WriteFile(ctx, aiofs.FromContext(ctx), "/late", []byte("x"), 0o600)
				_, dialled = aionet.Dial(ctx, "tcp", "test:9")
			}()
			return idle(ctx)
		})
		wait(w, time.Second)
		w.Crash(h)
		w.Restart(h)
		wait(w, time.Second)
		if wrote != nil || dialled != nil {
			w.Errorf("a wait has returned: %v, %v", wrote, dialled) // it ends the goroutine instead
		}
		h.disk.Walk(func(path string, _ []byte) { w.Errorf("there is %s", path) })
	}); f != nil {
		t.Error(f)
	}
}

func TestAPeerOfACrashedHostLearnsOfIt(t *testing.T) {
	for _, end := range []struct {
		name string
		do   func(w *World, h *Host)
	}{
		{"Kill", func(w *World, h *Host) { w.Kill(h) }},
		{"Crash", func(w *World, h *Host) { w.Crash(h) }},
		{"Crash and Restart", func(w *World, h *Host) { w.Crash(h); w.Restart(h) }},
	} {
		t.Run(end.name, func(t *testing.T) {
			if f := quietly(t, 50, func(w *World) {
				h := w.Host("h", serve)
				wait(w, time.Second)
				client := w.Go("client", func(ctx context.Context) error {
					c, err := aionet.Dial(ctx, "tcp", "h:9")
					if err != nil {
						return err
					}
					defer c.Close()
					for err == nil {
						if err = asyncio.Sleep(ctx, time.Second); err == nil {
							_, err = c.WriteContext(ctx, []byte("x"))
						}
					}
					return nil
				})
				wait(w, time.Second)
				end.do(w, h)
				if _, err := client.Await(w.Context()); err != nil {
					w.Errorf("%v", err)
				}
			}, WithFaults(Faults{})); f != nil {
				t.Error(f)
			}
		})
	}
}

// A host without power says nothing: its peers learn of it by what they send, or late.
func TestSomeCrashesAreSilent(t *testing.T) {
	silent, told := 0, 0
	if f := quietly(t, 100, func(w *World) {
		h := w.Host("h", serve)
		wait(w, time.Second)
		c, err := aionet.Dial(w.Context(), "tcp", "h:9")
		if err != nil {
			w.Fatalf("%v", err)
		}
		defer c.Close()
		w.Crash(h)
		ctx, limit := asyncio.WithTimeout(w.Context(), 5*time.Second)
		defer limit.Cancel()
		if _, err := c.ReadContext(ctx, make([]byte, 1)); errors.Is(err, context.DeadlineExceeded) {
			silent++
		} else {
			told++
		}
	}, WithFaults(Faults{})); f != nil {
		t.Error(f)
	}
	if silent == 0 || told == 0 {
		t.Errorf("%d crashes were silent, %d were not", silent, told)
	}
}

func TestAHostMayEndItself(t *testing.T) {
	if f := quietly(t, 50, func(w *World) {
		starts := 0
		var h *Host
		h = w.Host("h", func(ctx context.Context) error {
			if starts++; starts < 3 {
				w.Restart(h)
				asyncio.Yield(ctx)
				w.Errorf("it went on")
			}
			return idle(ctx)
		})
		wait(w, time.Second)
		if starts != 3 || !h.Running() {
			w.Errorf("%d starts, running: %v", starts, h.Running())
		}
	}, WithFaults(Faults{})); f != nil {
		t.Error(f)
	}
}

func TestAPausedHostDoesNothingAndItsClockGoesOn(t *testing.T) {
	if f := quietly(t, 50, func(w *World) {
		ticks := 0
		var gap time.Duration
		h := w.Host("h", func(ctx context.Context) error {
			for last := asyncio.Now(ctx); ; ticks++ {
				if err := asyncio.Sleep(ctx, time.Second); err != nil {
					return err
				}
				now := asyncio.Now(ctx)
				gap, last = max(gap, now.Sub(last)), now
			}
		})
		wait(w, 10500*time.Millisecond)
		before := ticks
		w.Pause(h)
		wait(w, time.Minute)
		if ticks != before {
			w.Errorf("it went on: %d ticks, then %d", before, ticks)
		}
		w.Resume(h)
		wait(w, 2*time.Second)
		if ticks <= before || gap < time.Minute {
			w.Errorf("%d ticks, then %d; the longest second was %v", before, ticks, gap)
		}
	}, WithFaults(Faults{})); f != nil {
		t.Error(f)
	}
}

func TestStopCancelsTheMainOfAHost(t *testing.T) {
	if f := quietly(t, 50, func(w *World) {
		graceful := false
		h := w.Host("h", func(ctx context.Context) error {
			err := idle(ctx)
			graceful = errors.Is(err, context.Canceled)
			return nil
		})
		wait(w, time.Second)
		w.Stop(h)
		wait(w, time.Second)
		if !graceful || h.Running() {
			w.Errorf("graceful: %v, running: %v", graceful, h.Running())
		}
		w.Stop(h)
		w.Crash(h)
		w.Kill(h)
	}); f != nil {
		t.Error(f)
	}
}

func TestHostsThatArePartitionedDoNotHearOfEachOther(t *testing.T) {
	if f := quietly(t, 50, func(w *World) {
		h := w.Host("h", serve)
		wait(w, time.Second)
		w.Partition(w.test, h)
		ctx, limit := asyncio.WithTimeout(w.Context(), time.Minute)
		if err := receive(ctx, "h:9"); !errors.Is(err, context.DeadlineExceeded) {
			w.Errorf("during the partition: %v", err)
		}
		limit.Cancel()
		w.Heal()
		c, err := aionet.Dial(w.Context(), "tcp", "h:9")
		if err != nil {
			w.Fatalf("after it: %v", err)
		}
		c.Close()
	}, WithFaults(Faults{})); f != nil {
		t.Error(f)
	}
}

func TestTwoHostsOfOneNameAreAMistake(t *testing.T) {
	f := once(t, func(w *World) {
		w.Host("h", idle)
		w.Host("h", idle)
	})
	if f == nil {
		t.Error("it was not told")
	}
}
