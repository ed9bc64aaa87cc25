package driver_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
)

// open makes the driver of this system and closes it with the test.
func open(t testing.TB) driver.Driver {
	t.Helper()
	d, err := driver.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 2 {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return d
}

// withDescriptors runs a test on a driver that sleeps on its channel, and, where there
// is a poller, on one that has had a descriptor, and on one that has been told that
// nobody outside will wake it: a Wake still must.
func withDescriptors(t *testing.T, test func(t *testing.T, d driver.Driver)) {
	t.Run("without descriptors", func(t *testing.T) { test(t, open(t)) })
	withOne := func(t *testing.T, solitary bool) {
		d := open(t)
		r, _ := pipe(t)
		if err := d.Arm(driver.Handle{FD: int(r.Fd()), Gen: 1}, driver.Readable); errors.Is(err, errors.ErrUnsupported) {
			t.Skip("no poller here")
		} else if err != nil {
			t.Fatal(err)
		}
		d.Solitary(solitary)
		test(t, d)
	}
	t.Run("with descriptors", func(t *testing.T) { withOne(t, false) })
	t.Run("with descriptors, solitary", func(t *testing.T) { withOne(t, true) })
}

func pipe(t testing.TB) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

func wait(t testing.TB, d driver.Driver, until driver.Instant) []driver.Event {
	t.Helper()
	var events [8]driver.Event
	n, err := d.Wait(events[:], until)
	if err != nil {
		t.Fatal(err)
	}
	return events[:n]
}

func TestInstantsSaturate(t *testing.T) {
	for _, c := range []struct {
		at   driver.Instant
		d    time.Duration
		want driver.Instant
	}{
		{5, 10, 15}, {5, -10, -5}, {5, 0, 5},
		{1, 1<<63 - 1, driver.Forever}, {driver.Forever, time.Second, driver.Forever},
		{0, -1 << 63, -1 << 63},
	} {
		if got := c.at.Add(c.d); got != c.want {
			t.Errorf("%d + %d = %d, want %d", c.at, c.d, got, c.want)
		}
	}
}

func TestTheClockDoesNotGoBack(t *testing.T) {
	d := open(t)
	last := d.Now()
	for range 1000 {
		now := d.Now()
		if now < last {
			t.Fatalf("from %d to %d", last, now)
		}
		last = now
	}
}

func TestWaitEndsAtItsDeadlineAndNotBefore(t *testing.T) {
	withDescriptors(t, func(t *testing.T, d driver.Driver) {
		for _, after := range []time.Duration{0, 400 * time.Microsecond, 3 * time.Millisecond} {
			until := d.Now().Add(after)
			for d.Now() < until {
				wait(t, d, until)
			}
			wait(t, d, until) // in the past: does not block
		}
	})
}

// The number of Waits for a deadline is small: a wait that ends a little too early,
// for rounding, would spin.
func TestAShortDeadlineTakesNoSpinning(t *testing.T) {
	withDescriptors(t, func(t *testing.T, d driver.Driver) {
		until, waits := d.Now().Add(400*time.Microsecond), 0
		for ; d.Now() < until; waits++ {
			wait(t, d, until)
		}
		if waits > 2 {
			t.Errorf("%d waits for one deadline", waits)
		}
	})
}

func TestAWakeIsNeverLost(t *testing.T) {
	withDescriptors(t, func(t *testing.T, d driver.Driver) {
		const n = 20000
		var posted, seen atomic.Int64
		go func() {
			for range n {
				for posted.Load() > seen.Load() {
					runtime.Gosched() // where there is one processor, the other would wait for its turn
				}
				posted.Add(1)
				d.Wake()
			}
		}()
		for seen.Load() < n {
			if posted.Load() == seen.Load() {
				wait(t, d, driver.Forever) // for ever, if a Wake were lost
			}
			if posted.Load() > seen.Load() {
				seen.Add(1)
			}
		}
	})
}

func TestAWakeBeforeTheWaitCounts(t *testing.T) {
	withDescriptors(t, func(t *testing.T, d driver.Driver) {
		for range 3 {
			d.Wake()
			d.Wake()
			wait(t, d, driver.Forever)
		}
		start := d.Now()
		for d.Now() < start.Add(2*time.Millisecond) { // nothing is left over that shortens this for ever
			wait(t, d, start.Add(2*time.Millisecond))
		}
	})
}

func TestADriverFromAContext(t *testing.T) {
	ctx := context.Background()
	if driver.FromContext(ctx) != nil {
		t.Error("a driver from nowhere")
	}
	ctx = driver.NewContext(ctx, func() driver.Driver { return driver.NewVirtual() })
	if d := driver.FromContext(ctx); d == nil || !d.Virtual() {
		t.Error("not the driver that was put in")
	}
}

func TestVirtualTimePassesOnlyInWait(t *testing.T) {
	v := driver.NewVirtual()
	if v.Now() != 0 || !v.Wall().Equal(driver.Epoch) {
		t.Errorf("begins at %d, %v", v.Now(), v.Wall())
	}
	wait(t, v, driver.Instant(time.Hour))
	if v.Now() != driver.Instant(time.Hour) || !v.Wall().Equal(driver.Epoch.Add(time.Hour)) {
		t.Errorf("after an hour it is %d, %v", v.Now(), v.Wall())
	}
	wait(t, v, 0) // the past
	v.Advance(time.Minute)
	v.Advance(-time.Minute)
	if got := time.Duration(v.Now()); got != time.Hour+time.Minute {
		t.Errorf("now %v", got)
	}
	v.Wake()
	wait(t, v, driver.Forever.Add(-1))
	if got := time.Duration(v.Now()); got != time.Hour+time.Minute {
		t.Errorf("a Wait that was woken has moved the clock to %v", got)
	}
}

func TestVirtualWaitsForAWakeWhereThereIsNoDeadline(t *testing.T) {
	v := driver.NewVirtual()
	go v.Wake()
	wait(t, v, driver.Forever)
	if v.Now() != 0 {
		t.Error("time has passed")
	}
	if err := v.Arm(driver.Handle{}, driver.Readable); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a descriptor: %v", err)
	}
}

// wake measures the round trip of a wake from another goroutine.
func BenchmarkWake(b *testing.B) {
	for _, name := range []string{"channel", "poller"} {
		b.Run(name, func(b *testing.B) {
			d := open(b)
			if name == "poller" {
				r, _ := pipe(b)
				if err := d.Arm(driver.Handle{FD: int(r.Fd()), Gen: 1}, driver.Readable); err != nil {
					b.Skip(err)
				}
			}
			ask := make(chan struct{})
			go func() {
				for range ask {
					d.Wake()
				}
			}()
			defer close(ask)
			for b.Loop() {
				ask <- struct{}{}
				wait(b, d, driver.Forever)
			}
		})
	}
}
