package aionet_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// Where a loop knows of nobody outside who could wake it, it sleeps in the system. A
// wake must reach it there, and in every other way of sleeping, from whatever source.
func TestALoopThatWaitsForASocketIsWokenFromEverySource(t *testing.T) {
	type waker struct {
		wait func(ctx context.Context, soon func(f func())) error
		want error
	}
	sources := map[string]waker{
		"CallSoonThreadsafe": {func(ctx context.Context, soon func(f func())) error {
			var e asyncio.Event
			h := asyncio.OpenHandle(ctx)
			defer h.Close()
			soon(func() { h.CallSoonThreadsafe(e.Set) })
			return e.Wait(ctx)
		}, nil},
		"Submit": {func(ctx context.Context, soon func(f func())) error {
			var e asyncio.Event
			h := asyncio.OpenHandle(ctx)
			defer h.Close()
			soon(func() {
				asyncio.Submit(context.Background(), h, func(context.Context) (int, error) { e.Set(); return 0, nil })
			})
			return e.Wait(ctx)
		}, nil},
		"the end of a thread": {func(ctx context.Context, soon func(f func())) error {
			_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
				done := make(chan struct{})
				soon(func() { close(done) })
				<-done
				return 0, nil
			})
			return err
		}, nil},
		"a Go channel": {func(ctx context.Context, soon func(f func())) error {
			c := make(chan int)
			soon(func() { c <- 1 })
			_, _, err := asyncio.Receive(ctx, c)
			return err
		}, nil},
		"a context of the standard library": {func(ctx context.Context, soon func(f func())) error {
			bound, cancel := context.WithCancel(ctx)
			defer cancel()
			soon(cancel)
			return asyncio.Sleep(bound, time.Minute)
		}, context.Canceled},
		"a timeout of the standard library": {func(ctx context.Context, soon func(f func())) error {
			bound, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
			defer cancel()
			return asyncio.Sleep(bound, time.Minute)
		}, context.DeadlineExceeded},
		"one below a value": {func(ctx context.Context, soon func(f func())) error {
			type key struct{}
			bound, cancel := context.WithCancel(context.WithValue(ctx, key{}, 1))
			defer cancel()
			soon(cancel)
			return asyncio.Sleep(bound, time.Minute)
		}, context.Canceled},
		"a timer of the loop": {func(ctx context.Context, soon func(f func())) error {
			return asyncio.Sleep(ctx, 30*time.Millisecond)
		}, nil},
		"another socket": {func(ctx context.Context, soon func(f func())) error {
			a, b, err := aionet.Pair(ctx)
			if err != nil {
				return err
			}
			f, err := b.File()
			if err != nil {
				return err
			}
			soon(func() { f.Write([]byte("x")); f.Close() })
			_, err = a.ReadContext(ctx, make([]byte, 1))
			return errors.Join(err, a.Close(), b.Close())
		}, nil},
		"the context of Run": {func(ctx context.Context, soon func(f func())) error {
			soon(ctx.Value(cancelKey{}).(context.CancelFunc))
			return asyncio.Sleep(ctx, time.Minute)
		}, context.Canceled},
	}
	for name, source := range sources {
		t.Run(name, func(t *testing.T) { wokenInTime(t, source.wait, source.want) })
	}
}

type cancelKey struct{}

// wokenInTime runs wait on a loop that has a socket to wait for, and calls what it gives
// to soon on another goroutine when the loop has gone to sleep.
func wokenInTime(t *testing.T, wait func(ctx context.Context, soon func(f func())) error, want error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ctx = context.WithValue(ctx, cancelKey{}, cancel)
	err := asyncio.Run(ctx, func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		asyncio.Go(ctx, func(ctx context.Context) error {
			if c, err := l.AcceptContext(ctx); err == nil {
				c.Close()
			}
			return nil
		})
		// The loop has been asleep in the system before: that way is open.
		if err := asyncio.Sleep(ctx, 5*time.Millisecond); err != nil {
			return err
		}
		start := time.Now()
		err = wait(ctx, func(f func()) { time.AfterFunc(30*time.Millisecond, f) })
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("woken after %v", took)
		}
		return err
	})
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}
