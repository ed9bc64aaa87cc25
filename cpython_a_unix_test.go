//go:build unix

package asyncio_test

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// withPipe runs main on a loop with a pipe whose reading end the loop watches.
func withPipe(t *testing.T, main func(ctx context.Context, in *asyncio.Descriptor, fd int, out *os.File) error) {
	t.Helper()
	var fds [2]int
	must(t, syscall.Pipe(fds[:]))
	out := os.NewFile(uintptr(fds[1]), "pipe")
	defer out.Close()
	defer syscall.Close(fds[0])
	must(t, syscall.SetNonblock(fds[0], true))
	must(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
		in, err := asyncio.OpenDescriptor(ctx, fds[0])
		if errors.Is(err, errors.ErrUnsupported) {
			t.Skip(err)
		}
		must(t, err)
		defer in.Close()
		return main(ctx, in, fds[0], out)
	}))
}

// asyncio's form is a callback that is called again in each round, as long as
// there is something to read; here it is a wait that ends again each time.
func TestA19_ReadinessStaysUntilItIsUsed(t *testing.T) {
	withPipe(t, func(ctx context.Context, in *asyncio.Descriptor, fd int, out *os.File) error {
		value[int](t)(out.Write([]byte("x")))
		for range 3 {
			must(t, in.WaitReadable(ctx))
		}
		var b [8]byte
		expect(t, "read", value[int](t)(syscall.Read(fd, b[:])), 1)
		inner, timeout := asyncio.WithTimeout(ctx, time.Millisecond)
		defer timeout.Cancel()
		expectTimeout(t, in.WaitReadable(inner))
		return nil
	})
}

// The callback stays until the timer is due, so that all three come in one round.
func TestA21_TheOrderInOneRound(t *testing.T) {
	withPipe(t, func(ctx context.Context, in *asyncio.Descriptor, _ int, out *os.File) error {
		var tr trail
		asyncio.Go(ctx, func(ctx context.Context) error {
			err := in.WaitReadable(ctx)
			tr.log("io")
			return err
		})
		must(t, asyncio.Yield(ctx))
		asyncio.CallSoon(ctx, func() {
			due := asyncio.Now(ctx).Add(time.Millisecond)
			asyncio.CallAt(ctx, due, tr.logger("timer"))
			value[int](t)(out.Write([]byte("x")))
			for asyncio.Now(ctx).Before(due) {
				time.Sleep(time.Millisecond)
			}
			asyncio.CallSoon(ctx, tr.logger("soon"))
		})
		must(t, asyncio.Sleep(ctx, 20*time.Millisecond))
		tr.want(t, "soon", "io", "timer")
		return nil
	})
}
