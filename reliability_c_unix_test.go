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
)

func TestReliabilityC3_SignalsDoNotMakeATimerEarlyOrEndAWait(t *testing.T) {
	received := make(chan os.Signal, 1)
	signal.Notify(received, syscall.SIGUSR1)
	defer signal.Stop(received)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	err = asyncio.Run(context.Background(), func(ctx context.Context) error {
		fd := -1
		conn, err := r.SyscallConn() // Fd would make it blocking
		if err != nil {
			return err
		}
		conn.Control(func(n uintptr) { fd = int(n) })
		d, err := asyncio.OpenDescriptor(ctx, fd)
		if err != nil {
			return err
		}
		defer d.Close()
		reader := asyncio.Go(ctx, d.WaitReadable) // so that the loop waits in the system
		storm := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
				for ctx.Err() == nil {
					syscall.Kill(os.Getpid(), syscall.SIGUSR1)
					<-received
				}
				return 0, nil
			})
			return err
		})
		const long = 50 * time.Millisecond
		start := time.Now()
		err = asyncio.Sleep(ctx, long)
		if d := time.Since(start); d < long || reader.Done() {
			t.Errorf("woken after %v; the descriptor's wait has ended: %v", d, reader.Done())
		}
		storm.Cancel(nil)
		return err
	})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Error(err)
	}
}
