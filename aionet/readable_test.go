package aionet_test

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

func TestOnReadable(t *testing.T) {
	check := func(name string, test func(ctx context.Context, t *testing.T, a, b *aionet.Conn)) {
		t.Run(name, func(t *testing.T) {
			onLoop(t, func(ctx context.Context) error {
				a, b := connected(ctx, t)
				defer a.Close()
				defer b.Close()
				test(ctx, t, a, b)
				return nil
			})
		})
	}
	// called is an event that a's next call sets.
	called := func(t *testing.T, a *aionet.Conn) (*asyncio.Event, *int) {
		e, calls := new(asyncio.Event), new(int)
		if err := a.OnReadable(func() { *calls++; e.Set() }); err != nil {
			t.Error(err)
		}
		return e, calls
	}
	check("tells of data, once, and of what was left unread", func(ctx context.Context, t *testing.T, a, b *aionet.Conn) {
		b.WriteContext(ctx, []byte("abc"))
		for i := range 3 {
			e, calls := called(t, a)
			if e.Wait(ctx); *calls != 1 {
				t.Errorf("called %d times", *calls)
			}
			if n, err := a.ReadContext(ctx, make([]byte, 1)); n != 1 || err != nil {
				t.Errorf("byte %d: %v", i, err)
			}
		}
		e, calls := called(t, a)
		asyncio.Sleep(ctx, 5*time.Millisecond)
		if *calls != 0 {
			t.Error("called for nothing")
		}
		b.WriteContext(ctx, []byte("d"))
		e.Wait(ctx)
	})
	check("tells of the end, as often as it is asked", func(ctx context.Context, t *testing.T, a, b *aionet.Conn) {
		b.CloseWrite()
		for range 3 {
			e, _ := called(t, a)
			e.Wait(ctx)
			a.ReadContext(ctx, make([]byte, 1))
		}
	})
	check("tells of a deadline, one that comes and one that has passed", func(ctx context.Context, t *testing.T, a, b *aionet.Conn) {
		for _, in := range []time.Duration{5 * time.Millisecond, -time.Second} {
			a.SetReadDeadline(time.Time{})
			e, _ := called(t, a)
			a.SetReadDeadline(asyncio.Now(ctx).Add(in))
			e.Wait(ctx)
			if _, err := a.ReadContext(ctx, make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("read %v", err)
			}
		}
		if err := a.OnReadable(func() {}); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("past the deadline: %v", err)
		}
	})
	check("is the reader until the call", func(ctx context.Context, t *testing.T, a, b *aionet.Conn) {
		e, _ := called(t, a)
		if _, err := a.ReadContext(ctx, make([]byte, 1)); !errors.Is(err, asyncio.ErrBusy) {
			t.Errorf("a second reader got %v", err)
		}
		if err := a.OnReadable(func() {}); !errors.Is(err, asyncio.ErrBusy) {
			t.Errorf("a second function got %v", err)
		}
		b.WriteContext(ctx, []byte("x"))
		e.Wait(ctx)
		if _, err := a.ReadContext(ctx, make([]byte, 1)); err != nil {
			t.Error(err)
		}
	})
	check("does not call in the middle of a step that closes", func(ctx context.Context, t *testing.T, a, b *aionet.Conn) {
		e, calls := called(t, a)
		if a.Close(); *calls != 0 {
			t.Error("called by Close itself")
		}
		e.Wait(ctx)
		if err := a.OnReadable(func() {}); !errors.Is(err, net.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

// A limit may be over before the wait for which it was set has begun.
func TestAnIdleTimeoutMayBeAsShortAsItLikes(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		for range 20 {
			a, b := connected(ctx, t)
			a.SetIdleTimeout(1)
			if _, err := a.ReadContext(ctx, make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("read: %v", err)
			}
			a.SetIdleTimeout(1)
			var e asyncio.Event
			if err := a.OnReadable(e.Set); err != nil {
				t.Error(err)
			}
			e.Wait(ctx)
			a.Close()
			b.Close()
		}
		return nil
	})
}

func TestAPanicOfOnReadablesFunctionIsReportedAndEndsNothing(t *testing.T) {
	var reports []asyncio.Report
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		a, b := connected(ctx, t)
		defer b.Close()
		for n := range 2 { // by an event, and by Close
			if err := a.OnReadable(func() { panic("in the callback") }); err != nil {
				t.Error(err)
			}
			if n == 0 {
				b.WriteContext(ctx, []byte("x"))
			} else {
				a.Close()
			}
			for len(reports) == n {
				asyncio.Sleep(ctx, time.Millisecond)
			}
			a.ReadContext(ctx, make([]byte, 1))
		}
		return nil
	}, asyncio.OnError(func(r asyncio.Report) { reports = append(reports, r) }))
	if err != nil || len(reports) != 2 {
		t.Errorf("%d reports, error %v", len(reports), err)
	}
}

// What a task waits for may be set by a function that only a hang-up calls: that is no
// deadlock (rule L5).
func TestAHangupIsSomethingToWaitFor(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		a, b := connected(ctx, t)
		defer a.Close()
		f, err := b.File() // the connection lives on outside the loop
		if err != nil {
			t.Skip(err)
		}
		b.Close()
		var e asyncio.Event
		if err := a.OnHangup(e.Set); err != nil {
			return err
		}
		time.AfterFunc(20*time.Millisecond, func() { f.Close() })
		return e.Wait(ctx)
	})
	for name, over := range map[string]func(a, b *aionet.Conn){
		"nil":    func(a, _ *aionet.Conn) { a.OnHangup(nil) },
		"close":  func(a, _ *aionet.Conn) { a.Close() },
		"hangup": func(_, b *aionet.Conn) { b.Close() },
	} {
		t.Run("and no more after "+name, func(t *testing.T) {
			err := asyncio.Run(context.Background(), func(ctx context.Context) error {
				a, b := connected(ctx, t)
				if err := a.OnHangup(func() {}); err != nil {
					return err
				}
				a.OnHangup(func() {}) // in the place of the first
				over(a, b)
				return new(asyncio.Event).Wait(ctx)
			})
			if !errors.Is(err, asyncio.ErrDeadlock) {
				t.Errorf("error %v, want a deadlock", err)
			}
		})
	}
}

func TestAStreamIsRefusedOnAnotherLoop(t *testing.T) {
	kinds := map[string]func(ctx context.Context) (a, b aionet.Stream){
		"tcp":    func(ctx context.Context) (a, b aionet.Stream) { return connected(ctx, t) },
		"memory": func(ctx context.Context) (a, b aionet.Stream) { return aionet.Pipe(ctx, 10) },
	}
	for kind, open := range kinds {
		t.Run(kind, func(t *testing.T) {
			onLoop(t, func(ctx context.Context) error {
				a, b := open(ctx)
				defer a.Close()
				defer b.Close()
				b.WriteContext(ctx, []byte("x")) // so that a read need not wait
				asyncio.Sleep(ctx, 5*time.Millisecond)
				_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
					return 0, asyncio.Run(context.Background(), func(ctx context.Context) error {
						if _, err := a.ReadContext(ctx, make([]byte, 1)); !errors.Is(err, asyncio.ErrOtherLoop) {
							t.Errorf("Read: %v", err)
						}
						if _, err := a.WriteContext(ctx, []byte("x")); !errors.Is(err, asyncio.ErrOtherLoop) {
							t.Errorf("Write: %v", err)
						}
						return nil
					})
				})
				if n, err := a.ReadContext(ctx, make([]byte, 1)); n != 1 || err != nil {
					t.Errorf("on its own: %d bytes, %v", n, err)
				}
				return err
			})
		})
	}
}
