package sim

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/driver"
)

func TestAClockAndTheWorldAgreeOnWhenATimerIsDue(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 100_000 {
		c := clock{drift: r.Int64N(2001) - 1000}
		at := driver.Instant(r.Int64N(1 << (1 + r.IntN(61))))
		due := c.world(at)
		if c.local(due) < at || due > 0 && c.local(due-1) >= at {
			t.Fatalf("drift %d: %d shows at %d: before it %d, then %d", c.drift, at, due, c.local(due-1), c.local(due))
		}
	}
	c := clock{drift: 100}
	if c.world(driver.Forever) != driver.Forever {
		t.Error("forever has an end")
	}
}

func TestAClockThatDriftsGainsWhatItSays(t *testing.T) {
	fast, slow := clock{drift: 100}, clock{drift: -100}
	day := driver.Instant(24 * time.Hour)
	if got := fast.local(day) - day; got != driver.Instant(8640*time.Millisecond) {
		t.Errorf("fast: %v", time.Duration(got))
	}
	if got := slow.local(day) - day; got != -driver.Instant(8640*time.Millisecond) {
		t.Errorf("slow: %v", time.Duration(got))
	}
}

func TestATimerOfAHostWhoseClockIsSlowComesLate(t *testing.T) {
	if f := once(t, func(w *World) {
		var woke time.Duration
		var showed time.Duration
		w.Host("h", func(ctx context.Context) error {
			start := asyncio.Now(ctx)
			asyncio.Sleep(ctx, time.Hour)
			woke, showed = w.Now(), asyncio.Now(ctx).Sub(start)
			return nil
		}, func(h *Host) { h.clock.drift = -500 })
		wait(w, 2*time.Hour)
		if late := woke - time.Hour; late < 1700*time.Millisecond || late > 1900*time.Millisecond || showed < time.Hour {
			w.Errorf("late by %v, and its own clock showed %v", late, showed)
		}
	}); f != nil {
		t.Error(f)
	}
}

func TestClocksOfHostsAreWrongAsMuchAsTheFaultsSay(t *testing.T) {
	wrong, drifted := false, false
	faults := Faults{Hosts: HostFaults{Skew: time.Hour, Drift: 300, Jumps: 5}}
	if f := quietly(t, 50, func(w *World) {
		h := w.Host("h", func(ctx context.Context) error {
			for range 100 {
				asyncio.Sleep(ctx, time.Second)
			}
			return nil
		}, Mortal())
		for range 110 {
			wait(w, time.Second)
			if s := h.clock.skew; s < -time.Hour || s > time.Hour {
				w.Errorf("skew %v", s)
			}
			wrong = wrong || h.clock.skew != 0
			drifted = drifted || h.clock.drift != 0
		}
	}, WithFaults(faults)); f != nil {
		t.Error(f)
	}
	if !wrong || !drifted {
		t.Errorf("in 50 worlds: skew %v, drift %v", wrong, drifted)
	}
}
