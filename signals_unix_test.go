//go:build unix

package asyncio_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// signalled is a program that TestMain runs in a process of its own, by name.
var signalled = map[string]func(){
	"cleans up": func() {
		err := asyncio.Run(context.Background(), func(ctx context.Context) error {
			fmt.Println("ready")
			defer fmt.Println("cleaned up")
			return asyncio.Sleep(ctx, time.Minute)
		}, asyncio.HandleSignals())
		var s *asyncio.SignalError
		fmt.Println(errors.Is(err, context.Canceled), errors.As(err, &s) && s.Signal == syscall.SIGTERM)
	},
	"swallows it": func() {
		err := asyncio.Run(context.Background(), func(ctx context.Context) error {
			fmt.Println("ready")
			asyncio.Sleep(ctx, time.Minute)
			return nil
		}, asyncio.HandleSignals())
		fmt.Println(err)
	},
	"does not end": func() {
		asyncio.Run(context.Background(), func(ctx context.Context) error {
			fmt.Println("ready")
			asyncio.Sleep(ctx, time.Minute)
			fmt.Println("ready") // for the second signal
			return asyncio.Sleep(context.WithoutCancel(ctx), time.Minute)
		}, asyncio.HandleSignals())
	},
	"blocks the loop": func() {
		asyncio.Run(context.Background(), func(ctx context.Context) error {
			first := make(chan os.Signal, 1)
			signal.Notify(first, syscall.SIGTERM)
			fmt.Println("ready")
			<-first
			fmt.Println("ready") // two signals at once could be one
			time.Sleep(time.Minute)
			return nil
		}, asyncio.HandleSignals())
	},
}

func init() {
	if program := signalled[os.Getenv("ASYNCIO_TEST_SIGNALLED")]; program != nil {
		program()
		os.Exit(0)
	}
}

// send runs the program and sends it SIGTERM whenever it says that it is ready. It
// returns the rest of what it said, and how it ended.
func send(t *testing.T, program string) (said []string, state *os.ProcessState) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "ASYNCIO_TEST_SIGNALLED="+program)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == "ready" {
			cmd.Process.Signal(syscall.SIGTERM)
		} else {
			said = append(said, lines.Text())
		}
	}
	cmd.Wait()
	return said, cmd.ProcessState
}

func TestTheFirstSignalCancelsMain(t *testing.T) {
	said, state := send(t, "cleans up")
	if fmt.Sprint(said) != "[cleaned up true true]" || !state.Success() {
		t.Errorf("said %q, ended with %v", said, state)
	}
}

func TestAMainThatSwallowsTheSignalGoesOn(t *testing.T) {
	said, state := send(t, "swallows it")
	if fmt.Sprint(said) != "[<nil>]" || !state.Success() {
		t.Errorf("said %q, ended with %v", said, state)
	}
}

func TestTheSecondSignalEndsTheProcess(t *testing.T) {
	for _, program := range []string{"does not end", "blocks the loop"} {
		t.Run(program, func(t *testing.T) {
			_, state := send(t, program)
			if ws := state.Sys().(syscall.WaitStatus); !ws.Signaled() || ws.Signal() != syscall.SIGTERM {
				t.Errorf("ended with %v, want by SIGTERM", state)
			}
		})
	}
}

func TestSignalsAreNotHandledUnlessAsked(t *testing.T) {
	heard := false
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		heard = asyncio.Sleep(ctx, time.Millisecond) != nil
		return nil
	})
	if err != nil || heard {
		t.Errorf("error %v, heard %v", err, heard)
	}
}
