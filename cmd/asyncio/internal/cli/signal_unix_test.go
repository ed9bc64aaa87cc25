//go:build unix

package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"syscall"
	"testing"
	"time"
)

func TestTheFirstSignalEndsTheContext(t *testing.T) {
	for _, sent := range ends() { // without SIGHUP where the tests run under nohup
		ctx, stop := withSignals(t.Context())
		defer stop()
		if err := syscall.Kill(os.Getpid(), sent.(syscall.Signal)); err != nil {
			t.Fatal(err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Second):
			t.Fatal("the signal did not end the context")
		}
		var interrupt *Interrupt
		if !errors.As(context.Cause(ctx), &interrupt) || interrupt.Signal != sent {
			t.Errorf("cause is %v, want the signal", context.Cause(ctx))
		}
	}
}

func TestATerminalThatGoesIsNoEndWhereThatIsNotWanted(t *testing.T) {
	signal.Ignore(syscall.SIGHUP) // as nohup does
	defer signal.Reset(syscall.SIGHUP)
	if slices.Contains(ends(), os.Signal(syscall.SIGHUP)) {
		t.Error("it ends a command")
	}
}

// asHanging makes the test binary a command whose cleanup hangs.
const asHanging = "ASYNCIO_TEST_AS_HANGING"

func TestMain(m *testing.M) {
	if os.Getenv(asHanging) != "" {
		ctx, stop := withSignals(context.Background())
		defer stop()
		fmt.Println("ready")
		<-ctx.Done()
		fmt.Println("cleanup")
		time.Sleep(time.Hour)
	}
	os.Exit(m.Run())
}

func TestTheSecondSignalEndsAProcessWhoseCleanupHangs(t *testing.T) {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), asHanging+"=1")
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	for _, want := range []string{"ready", "cleanup"} {
		if !lines.Scan() || lines.Text() != want {
			t.Fatalf("it says %q, want %q", lines.Text(), want)
		}
		if err := c.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
	}
	var exit *exec.ExitError
	if err := c.Wait(); !errors.As(err, &exit) {
		t.Fatalf("it ended with %v", err)
	}
	if died := exit.Sys().(syscall.WaitStatus); !died.Signaled() || died.Signal() != syscall.SIGINT {
		t.Errorf("it ended with %v, want the signal", exit)
	}
}
