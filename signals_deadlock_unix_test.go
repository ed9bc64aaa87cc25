//go:build unix

package asyncio_test

import (
	"context"
	"errors"
	"syscall"
	"testing"

	"github.com/goasyncio/asyncio"
)

// interruptSelf is Ctrl-C.
func interruptSelf(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGINT); err != nil {
		t.Error(err)
	}
}

// A server whose main waits for nothing but its end is not deadlocked where a
// signal may still end it.
func TestRuleL5WhereASignalMayStillComeTheLoopWaits(t *testing.T) {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.CallSoon(ctx, func() { go interruptSelf(t) })
		var never asyncio.Event
		return never.Wait(ctx)
	}, asyncio.HandleSignals())
	var signal *asyncio.SignalError
	if !errors.As(err, &signal) || signal.Signal != syscall.SIGINT || !errors.Is(err, context.Canceled) {
		t.Errorf("Run returned %v, want the cancellation by SIGINT", err)
	}
}

// What main does after the signal is its own: if it then waits for nobody, that is
// a deadlock as any other.
func TestAMainThatWaitsForNobodyAfterTheSignalIsDeadlocked(t *testing.T) {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		interruptSelf(t)
		var never asyncio.Event
		if err := never.Wait(ctx); err == nil {
			t.Error("the wait has ended without an error")
		}
		return never.Wait(context.WithoutCancel(ctx))
	}, asyncio.HandleSignals())
	if !errors.Is(err, asyncio.ErrDeadlock) {
		t.Errorf("Run returned %v, want a deadlock", err)
	}
}

// Without a handler for signals there is nothing to wait for.
func TestWithoutHandleSignalsAMainThatWaitsForNobodyIsDeadlocked(t *testing.T) {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		var never asyncio.Event
		return never.Wait(ctx)
	})
	if !errors.Is(err, asyncio.ErrDeadlock) {
		t.Errorf("Run returned %v, want a deadlock", err)
	}
}
