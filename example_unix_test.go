//go:build unix && !asyncio_portable

package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/goasyncio/asyncio"
)

// A pipe of the system, waited for on the loop: the level on which connections
// stand.
func ExampleDescriptor() {
	var pipe [2]int
	if err := syscall.Pipe(pipe[:]); err != nil {
		fmt.Println(err)
		return
	}
	defer syscall.Close(pipe[0])
	defer syscall.Close(pipe[1])
	syscall.SetNonblock(pipe[0], true)

	asyncio.Run(context.Background(), func(ctx context.Context) error {
		reading, err := asyncio.OpenDescriptor(ctx, pipe[0])
		if err != nil {
			return err
		}
		defer reading.Close()
		asyncio.CallSoon(ctx, func() { syscall.Write(pipe[1], []byte("through the pipe")) })
		if err := reading.WaitReadable(ctx); err != nil {
			return err
		}
		buf := make([]byte, 64)
		n, err := syscall.Read(pipe[0], buf)
		fmt.Println(string(buf[:n]), err)
		return nil
	})
	// Output:
	// through the pipe <nil>
}

// The first signal cancels main, which has time to clean up.
func ExampleHandleSignals() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		defer fmt.Println("cleaned up")
		asyncio.CallSoon(ctx, func() { syscall.Kill(syscall.Getpid(), syscall.SIGTERM) })
		return asyncio.Sleep(ctx, time.Hour)
	}, asyncio.HandleSignals())
	var s *asyncio.SignalError
	fmt.Println(errors.As(err, &s), err)
	// Output:
	// cleaned up
	// true context canceled: asyncio: received signal terminated
}

func ExampleOpenSignals() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		signals, err := asyncio.OpenSignals(ctx, syscall.SIGHUP, syscall.SIGTERM)
		if err != nil {
			return err
		}
		defer signals.Close()
		kill := func(s syscall.Signal) { syscall.Kill(os.Getpid(), s) } // somebody, from outside
		asyncio.CallSoon(ctx, func() { kill(syscall.SIGHUP) })
		for {
			signal, err := signals.Wait(ctx)
			if err != nil {
				return err
			}
			if signal == syscall.SIGTERM {
				fmt.Println("shutting down")
				return nil
			}
			fmt.Println("reading the configuration again")
			asyncio.CallSoon(ctx, func() { kill(syscall.SIGTERM) })
		}
	})
	// Output:
	// reading the configuration again
	// shutting down
}
