//go:build unix

package asyncio_test

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// sendMe sends the process a signal.
func sendMe(t testing.TB, s syscall.Signal) {
	t.Helper()
	must(t, syscall.Kill(os.Getpid(), s))
}

// listenTo receives a signal on a channel of the standard library, so that it does
// not end the process, and shows what comes.
func listenTo(t testing.TB, s os.Signal) <-chan os.Signal {
	t.Helper()
	c := make(chan os.Signal, 1)
	signal.Notify(c, s)
	t.Cleanup(func() { signal.Stop(c) })
	return c
}

func TestATaskWaitsForSignals(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
		s, err := asyncio.OpenSignals(ctx, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGUSR1)
		must(t, err)
		defer s.Close()
		for _, sig := range []syscall.Signal{syscall.SIGUSR2, syscall.SIGUSR1, syscall.SIGUSR1} {
			waiter := asyncio.CreateTask(ctx, s.Wait)
			must(t, asyncio.Yield(ctx))
			sendMe(t, sig)
			got, err := waiter.Await(ctx)
			expect(t, "the signal", got, os.Signal(sig))
			must(t, err)
		}
		return nil
	}))
}

func TestASignalThatComesBeforeTheWaitIsRemembered(t *testing.T) {
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
		other := listenTo(t, syscall.SIGUSR1)
		s, err := asyncio.OpenSignals(ctx, syscall.SIGUSR1)
		must(t, err)
		defer s.Close()
		sendMe(t, syscall.SIGUSR1)
		<-other
		got, err := s.Wait(ctx)
		expect(t, "the signal", got, os.Signal(syscall.SIGUSR1))
		return err
	}))
}

func TestACancelledWaitForASignalTakesNone(t *testing.T) {
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
		s, err := asyncio.OpenSignals(ctx, syscall.SIGUSR1)
		must(t, err)
		defer s.Close()
		waiter := asyncio.CreateTask(ctx, s.Wait)
		must(t, asyncio.Yield(ctx))
		other := listenTo(t, syscall.SIGUSR1)
		sendMe(t, syscall.SIGUSR1)
		<-other
		waiter.Cancel(nil)
		_, _ = waiter.Await(ctx)
		if !waiter.Cancelled() {
			return nil // the signal was first
		}
		got, err := s.Wait(ctx)
		expect(t, "the signal", got, os.Signal(syscall.SIGUSR1))
		return err
	}))
}

func TestWhatSignalsRefuse(t *testing.T) {
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
		_, err := asyncio.OpenSignals(ctx)
		expect(t, "no signal is an error", err != nil, true)
		_, err = asyncio.OpenSignals(ctx, syscall.SIGUSR1, os.Kill)
		expect(t, "SIGKILL is an error", err != nil, true)
		s, err := asyncio.OpenSignals(ctx, syscall.SIGUSR1)
		must(t, err)
		waiter := asyncio.CreateTask(ctx, s.Wait)
		must(t, asyncio.Yield(ctx))
		_, err = s.Wait(ctx)
		expectIs(t, "a second waiter", err, asyncio.ErrBusy)
		must(t, s.Close())
		must(t, s.Close())
		_, err = waiter.Await(ctx)
		expectIs(t, "the first, after Close", err, os.ErrClosed)
		_, err = s.Wait(ctx)
		expectIs(t, "Wait after Close", err, os.ErrClosed)
		return nil
	}))
}

func TestRuleL5WhereSomebodyWaitsForASignalTheLoopWaits(t *testing.T) {
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
		s, err := asyncio.OpenSignals(ctx, syscall.SIGUSR1)
		must(t, err)
		asyncio.CallSoon(ctx, func() {
			go func() {
				time.Sleep(5 * time.Millisecond)
				sendMe(t, syscall.SIGUSR1)
			}()
		})
		_, err = s.Wait(ctx)
		return err
	}))
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		_, err := asyncio.OpenSignals(ctx, syscall.SIGUSR1) // and nobody waits for it
		must(t, err)
		var never asyncio.Event
		return never.Wait(ctx)
	})
	if !errors.Is(err, asyncio.ErrDeadlock) {
		t.Errorf("Run returned %v, want a deadlock", err)
	}
}

func TestTheEndOfTheLoopClosesItsSignals(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	var s *asyncio.Signals
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) (err error) {
		s, err = asyncio.OpenSignals(ctx, syscall.SIGUSR1)
		asyncio.Go(ctx, func(ctx context.Context) error { _, err := s.Wait(ctx); return err })
		return err
	}))
	must(t, s.Close())
}

func TestReliabilityH1_AStormOfOneSignalHidesNoOther(t *testing.T) {
	storm := 100_000
	if testing.Short() {
		storm = 10_000
	}
	listenTo(t, syscall.SIGUSR1) // the last may come late
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
		s, err := asyncio.OpenSignals(ctx, syscall.SIGUSR1, syscall.SIGTERM)
		must(t, err)
		defer s.Close()
		senders := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
				for i := range storm {
					if i == storm/2 {
						sendMe(t, syscall.SIGTERM)
					}
					sendMe(t, syscall.SIGUSR1)
				}
				return 0, nil
			})
			return err
		})
		seen := map[os.Signal]int{}
		within, timeout := asyncio.WithTimeout(ctx, time.Minute) // else it was lost
		defer timeout.Cancel()
		for seen[syscall.SIGTERM] == 0 || seen[syscall.SIGUSR1] == 0 {
			got, err := s.Wait(within)
			if err != nil {
				t.Fatalf("after %v: %v", seen, err)
			}
			seen[got]++
		}
		expect(t, "SIGTERM", seen[syscall.SIGTERM], 1)
		_, err = senders.Await(ctx)
		return err
	}))
}

func TestReliabilityH2_TwoLoopsReceiveOneSignal(t *testing.T) {
	ready, got := make(chan bool), make(chan os.Signal)
	for range 2 {
		go asyncio.Run(t.Context(), func(ctx context.Context) error {
			s, err := asyncio.OpenSignals(ctx, syscall.SIGUSR1)
			if err != nil {
				t.Error(err)
			}
			ready <- true
			sig, _ := s.Wait(ctx)
			got <- sig
			return s.Close()
		})
	}
	<-ready
	<-ready
	sendMe(t, syscall.SIGUSR1)
	expect(t, "one", <-got, os.Signal(syscall.SIGUSR1))
	expect(t, "the other", <-got, os.Signal(syscall.SIGUSR1))
}

// Before the init that runs one of them.
var _ = func() bool {
	signalled["closes its signals"] = func() { // the signal has its usual effect again
		asyncio.Run(context.Background(), func(ctx context.Context) error {
			s, _ := asyncio.OpenSignals(ctx, syscall.SIGTERM)
			s.Close()
			os.Stdout.WriteString("ready\n")
			return asyncio.Sleep(ctx, time.Minute)
		})
	}
	signalled["closes without taking"] = func() { // it comes again, and ends the process
		asyncio.Run(context.Background(), func(ctx context.Context) error {
			s, _ := asyncio.OpenSignals(ctx, syscall.SIGTERM)
			seen := make(chan os.Signal, 1)
			signal.Notify(seen, syscall.SIGTERM)
			os.Stdout.WriteString("ready\n")
			<-seen
			signal.Stop(seen)
			s.Close()
			return asyncio.Sleep(ctx, time.Minute)
		})
	}
	signalled["leaves it to HandleSignals"] = func() { // which has received it too: once is enough
		err := asyncio.Run(context.Background(), func(ctx context.Context) error {
			asyncio.OpenSignals(ctx, syscall.SIGTERM)
			os.Stdout.WriteString("ready\n")
			return asyncio.Sleep(ctx, time.Minute)
		}, asyncio.HandleSignals())
		os.Stdout.WriteString(err.Error() + "\n")
		time.Sleep(50 * time.Millisecond) // a second one would be on its way
	}
	return true
}()

func TestReliabilityH2_AfterCloseASignalHasItsUsualEffect(t *testing.T) {
	for _, program := range []string{"closes its signals", "closes without taking"} {
		t.Run("of a process that "+program, func(t *testing.T) {
			_, state := send(t, program)
			if ws := state.Sys().(syscall.WaitStatus); !ws.Signaled() || ws.Signal() != syscall.SIGTERM {
				t.Errorf("ended with %v, want by SIGTERM", state)
			}
		})
	}
	t.Run("once, where HandleSignals has it too", func(t *testing.T) {
		said, state := send(t, "leaves it to HandleSignals")
		if len(said) != 1 || !state.Success() {
			t.Errorf("said %q, ended with %v", said, state)
		}
	})
}
