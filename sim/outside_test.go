package sim

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
)

func TestAThreadTakesNoTimeOfTheWorldAndNothingHappensBesideIt(t *testing.T) {
	if f := quietly(t, 30, func(w *World) {
		busy := false
		ticks := 0
		w.Host("h", func(ctx context.Context) error {
			for {
				if ticks++; busy {
					w.Errorf("a step beside a thread")
				}
				if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
					return err
				}
			}
		})
		for range 5 {
			before := w.Now()
			n, err := asyncio.ToThread(w.Context(), func(context.Context) (int, error) {
				busy = true
				time.Sleep(time.Millisecond)
				busy = false
				return 7, nil
			})
			if n != 7 || err != nil || w.Now() != before {
				w.Errorf("%d, %v, after %v", n, err, w.Now()-before)
			}
			wait(w, 3*time.Millisecond)
		}
	}); f != nil {
		t.Error(f)
	}
}

func TestAThreadThatAsksTheLoopIsAnswered(t *testing.T) {
	if f := quietly(t, 30, func(w *World) {
		handle := asyncio.OpenHandle(w.Context())
		defer handle.Close()
		got, err := asyncio.ToThread(w.Context(), func(ctx context.Context) (int, error) {
			first, err := asyncio.Submit(ctx, handle, func(ctx context.Context) (int, error) {
				return 20, asyncio.Yield(ctx)
			})
			time.Sleep(time.Millisecond)
			return first + 1, err
		})
		if got != 21 || err != nil {
			w.Errorf("%d, %v", got, err)
		}
	}); f != nil {
		t.Error(f)
	}
}

func TestASimulatedHostHasNoChildProcessesAndNoSignals(t *testing.T) {
	if f := once(t, func(w *World) {
		_, err := aioexec.Command("true").Output(w.Context())
		if !errors.Is(err, aioexec.ErrSimulated) || !errors.Is(err, errors.ErrUnsupported) {
			w.Errorf("a child: %v", err)
		}
		s, err := asyncio.OpenSignals(w.Context(), os.Interrupt)
		if err != nil {
			w.Fatalf("signals: %v", err)
		}
		ctx, limit := asyncio.WithTimeout(w.Context(), time.Second)
		defer limit.Cancel()
		if sig, err := s.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			w.Errorf("%v, %v", sig, err)
		}
		s.Close()
	}); f != nil {
		t.Error(f)
	}
}

func TestAnotherHostMayStartATaskOfTheTest(t *testing.T) {
	if f := quietly(t, 30, func(w *World) {
		ran := false
		w.Host("h", func(ctx context.Context) error {
			w.Go("of h", func(context.Context) error { ran = true; return nil })
			return nil
		})
		wait(w, time.Second)
		if !ran {
			w.Errorf("it has not run")
		}
	}); f != nil {
		t.Error(f)
	}
}
