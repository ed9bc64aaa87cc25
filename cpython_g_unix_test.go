//go:build unix

package asyncio_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// interrupt sends the process what Ctrl-C does.
func interrupt(t *testing.T) {
	t.Helper()
	must(t, syscall.Kill(os.Getpid(), syscall.SIGINT))
}

func TestG05_CtrlCCancelsMain(t *testing.T) {
	var tr trail
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		interrupt(t)
		err := asyncio.Sleep(ctx, time.Hour)
		tr.log("main cancelled")
		must(t, asyncio.Sleep(context.WithoutCancel(ctx), time.Millisecond))
		tr.log("cleaned")
		return err
	}, asyncio.HandleSignals())
	tr.want(t, "main cancelled", "cleaned")
	expectIs(t, "Run", err, context.Canceled)
	var why *asyncio.SignalError
	expect(t, "tells the signal", errors.As(err, &why) && why.Signal == os.Interrupt, true)
}

func TestG06_MainMayKeepCtrlCToItself(t *testing.T) {
	v, err := asyncio.RunValue(t.Context(), func(ctx context.Context) (string, error) {
		interrupt(t)
		_ = asyncio.Sleep(ctx, time.Hour)
		return "value", nil
	}, asyncio.HandleSignals())
	must(t, err)
	expect(t, "value", v, "value")
}

// asyncio has a callback for a signal; here a task waits for it.
func TestG11_ASignalIsReceivedByATask(t *testing.T) {
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
		signals, err := asyncio.OpenSignals(ctx, syscall.SIGUSR1)
		must(t, err)
		defer signals.Close()
		must(t, syscall.Kill(os.Getpid(), syscall.SIGUSR1))
		s, err := signals.Wait(ctx)
		expect(t, "received", s, os.Signal(syscall.SIGUSR1))
		return err
	}))
}

// The second Ctrl-C ends the process, so this one has a process of its own.
func TestG15_TheSecondCtrlCEndsAtOnce(t *testing.T) {
	const inside = "ASYNCIO_TEST_SECOND_CTRL_C"
	if os.Getenv(inside) != "" {
		_ = asyncio.Run(t.Context(), func(ctx context.Context) error {
			interrupt(t)
			_ = asyncio.Sleep(ctx, time.Hour) // the first ends this
			interrupt(t)
			return asyncio.Sleep(context.WithoutCancel(ctx), time.Hour) // and nothing this
		}, asyncio.HandleSignals())
		os.Exit(0) // not reached
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), inside+"=1")
	out, err := cmd.CombinedOutput()
	exit, ok := err.(*exec.ExitError)
	if !ok {
		t.Fatalf("ended with %v: %s", err, out)
	}
	status := exit.Sys().(syscall.WaitStatus)
	expect(t, "ended by the signal", status.Signaled() && status.Signal() == syscall.SIGINT || status.ExitStatus() == 130, true)
}
