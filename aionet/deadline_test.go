package aionet

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A direction needs no socket for its deadline: its clock may be virtual.
func TestADeadlineThatMovesOnKeepsItsTimer(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		s := &socket{poller: inside.PollerOf(ctx)}
		h := &s.in
		in := func(d time.Duration) time.Time { return asyncio.Now(ctx).Add(d) }
		s.setDeadline(h, in(time.Second))
		first := h.until.timer
		for range 10 {
			asyncio.Sleep(ctx, 500*time.Millisecond)
			s.setDeadline(h, in(time.Second))
			if err := s.usable(h); err != nil {
				t.Errorf("half a second before its deadline: %v", err)
			}
		}
		if h.until.timer == first {
			t.Error("the first timer has not fired within five seconds")
		}
		armed := h.until.timer
		if n := testing.AllocsPerRun(100, func() { s.setDeadline(h, in(2*time.Second)) }); n != 0 || h.until.timer != armed {
			t.Errorf("moving it on took %v allocations", n)
		}
		asyncio.Sleep(ctx, 2*time.Second-1)
		if err := s.usable(h); err != nil {
			t.Errorf("a nanosecond before: %v", err)
		}
		asyncio.Sleep(ctx, 1)
		if err := s.usable(h); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("at the deadline: %v", err)
		}
	})
}

func TestADeadlineCanBeEarlierOverAlreadyAndTakenBack(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		s := &socket{poller: inside.PollerOf(ctx)}
		h := &s.out
		now := asyncio.Now(ctx)
		s.setDeadline(h, now.Add(time.Hour))
		s.setDeadline(h, now.Add(time.Second))
		asyncio.Sleep(ctx, time.Second)
		if err := s.usable(h); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("brought forward: %v", err)
		}
		s.setDeadline(h, time.Time{})
		if err := s.usable(h); err != nil {
			t.Errorf("taken back: %v", err)
		}
		for _, over := range []time.Time{now, time.Unix(1, 0), asyncio.Now(ctx)} {
			s.setDeadline(h, now.Add(time.Hour))
			s.setDeadline(h, over)
			if err := s.usable(h); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("over since %v: %v", asyncio.Now(ctx).Sub(over), err)
			}
			if h.until.timer != nil {
				t.Error("a timer is left")
			}
		}
		s.setDeadline(h, now.Add(time.Hour))
		s.setDeadline(h, time.Time{})
		if h.until.timer != nil {
			t.Error("a deadline that was taken back holds a timer")
		}
	})
}

// An idle connection that never had a deadline must not pay for one.
func TestADeadlineIsMadeWhenItIsSet(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		s := &socket{poller: inside.PollerOf(ctx)}
		s.setDeadline(&s.in, time.Time{})
		s.setLimit(&s.in, 0)
		s.setLimit(&s.in, -time.Second)
		s.startLimit(&s.in)
		if s.in.until != nil {
			t.Error("no deadline and no limit have made one")
		}
		if s.setLimit(&s.in, time.Second); s.in.until == nil || s.in.until.limit != time.Second {
			t.Error("a limit was not kept")
		}
		if s.setLimit(&s.in, 0); s.in.until.limit != 0 {
			t.Error("a limit was not taken back")
		}
	})
}
