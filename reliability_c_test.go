package asyncio_test

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/driver"
)

// virtualDriver has a name that is not that of its method Virtual.
type virtualDriver = driver.Virtual

// A countingClock is a virtual driver that counts its waits, and whose clock a test can
// push, in both directions.
type countingClock struct {
	*virtualDriver
	waits  int
	offset time.Duration
}

func (c *countingClock) Wait(events []driver.Event, until driver.Instant) (int, error) {
	c.waits++
	if until != driver.Forever {
		until = until.Add(-c.offset)
	}
	return c.virtualDriver.Wait(events, until)
}

func (c *countingClock) Now() driver.Instant { return c.virtualDriver.Now().Add(c.offset) }

// runOn runs main on the driver d.
func runOn(t *testing.T, d driver.Driver, main func(ctx context.Context)) {
	t.Helper()
	ctx := driver.NewContext(context.Background(), func() driver.Driver { return d })
	err := asyncio.Run(ctx, func(ctx context.Context) error { main(ctx); return nil })
	if err != nil {
		t.Error(err)
	}
}

func TestReliabilityC1_SleepsOfExtremeLengths(t *testing.T) {
	clock := &countingClock{virtualDriver: driver.NewVirtual()}
	runOn(t, clock, func(ctx context.Context) {
		start := asyncio.Now(ctx)
		for _, d := range []time.Duration{0, -1, math.MinInt64} {
			if err := asyncio.Sleep(ctx, d); err != nil || !asyncio.Now(ctx).Equal(start) {
				t.Errorf("Sleep(%d): %v at %v", d, err, asyncio.Now(ctx))
			}
		}
		if err := asyncio.SleepUntil(ctx, time.Time{}); err != nil {
			t.Error(err)
		}
		asyncio.Sleep(ctx, time.Hour) // so that now + MaxInt64 overflows
		never := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, math.MaxInt64) })
		before := clock.waits
		asyncio.Sleep(ctx, 1000*time.Hour)
		if never.Done() || clock.waits > before+2 {
			t.Errorf("the longest sleep: done %v, %d waits of the loop", never.Done(), clock.waits-before)
		}
		never.Cancel(nil)
	})
}

func TestReliabilityC2_AShortTimerIsNotEarlyAndDoesNotPoll(t *testing.T) {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		for range 20 {
			start := time.Now()
			if err := asyncio.Sleep(ctx, 400*time.Microsecond); err != nil {
				return err
			}
			if d := time.Since(start); d < 400*time.Microsecond {
				t.Errorf("woken after %v", d)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// A steppedWall is a virtual driver whose time of day somebody sets to and fro.
type steppedWall struct {
	*virtualDriver
	looks int
}

func (w *steppedWall) Wall() time.Time {
	w.looks++
	return driver.Epoch.Add(time.Duration(1-w.looks%3) * time.Hour)
}

func TestReliabilityC4_SettingTheTimeOfDayMovesNoTimer(t *testing.T) {
	wall := &steppedWall{virtualDriver: driver.NewVirtual()}
	runOn(t, wall, func(ctx context.Context) {
		start := asyncio.Now(ctx)
		fired := 0
		asyncio.CallAt(ctx, start.Add(time.Minute), func() { fired++ })
		ctx, timeout := asyncio.WithDeadline(ctx, start.Add(3*time.Minute))
		defer timeout.Cancel()
		for i := range 3 {
			wall.Wall()
			if err := asyncio.SleepUntil(ctx, start.Add(time.Duration(i)*time.Minute)); err != nil {
				t.Error(err)
			}
		}
		if d := asyncio.Now(ctx).Sub(start); d != 2*time.Minute || fired != 1 || timeout.Expired() {
			t.Errorf("%v passed, fired %d times, expired: %v", d, fired, timeout.Expired())
		}
	})
}

func TestReliabilityC5_AGapOfAnHourFiresEachTimerOnce(t *testing.T) {
	clock := driver.NewVirtual()
	runOn(t, clock, func(ctx context.Context) {
		var fired []int
		for i := range 10 {
			asyncio.CallLater(ctx, time.Duration(10-i)*time.Minute, func() { fired = append(fired, 10-i) })
		}
		ticks := asyncio.NewInterval(ctx, time.Minute, asyncio.Skip)
		ticks.Tick(ctx)
		clock.Advance(time.Hour + 30*time.Second) // the machine was asleep
		start := asyncio.Now(ctx)
		ticks.Tick(ctx)
		if now := asyncio.Now(ctx); !now.Equal(start) {
			t.Errorf("the tick that was missed came at %v", now.Sub(start))
		}
		ticks.Tick(ctx)
		if d := asyncio.Now(ctx).Sub(start); d != 30*time.Second {
			t.Errorf("the next tick came after %v, want 30s", d)
		}
		if !slices.Equal(fired, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}) {
			t.Errorf("fired %v", fired)
		}
	})
}

func TestReliabilityC6_AClockThatGoesBackFiresNothingTwice(t *testing.T) {
	clock := &countingClock{virtualDriver: driver.NewVirtual()}
	runOn(t, clock, func(ctx context.Context) {
		fired := 0
		asyncio.CallLater(ctx, time.Minute, func() { fired++ })
		asyncio.Sleep(ctx, time.Minute+time.Second)
		clock.offset = -30 * time.Second
		if err := asyncio.Sleep(ctx, time.Minute); err != nil || fired != 1 {
			t.Errorf("%v; fired %d times", err, fired)
		}
	})
}

func TestReliabilityC7_CancelledTimersLeaveAtOnce(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		waits := 0
		for range 100_000 {
			h := asyncio.CallLater(ctx, time.Hour, func() { waits++ })
			h.Cancel()
		}
		start := asyncio.Now(ctx)
		asyncio.Sleep(ctx, 2*time.Hour)
		if waits != 0 || asyncio.Now(ctx).Sub(start) != 2*time.Hour {
			t.Errorf("%d cancelled timers fired", waits)
		}
	})
	// That they take no memory is the business of TestTimerHeapGivesItsMemoryBack.
}

func TestReliabilityC8_EqualDeadlinesFireInTheOrderOfCreation(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var order []int
		at := asyncio.Now(ctx).Add(time.Second)
		for i := range 100 {
			switch i % 3 {
			case 0:
				asyncio.CallAt(ctx, at, func() { order = append(order, i) })
			case 1:
				asyncio.CallLater(ctx, time.Second, func() { order = append(order, i) })
			default:
				asyncio.CallLater(ctx, time.Millisecond, func() {}).Cancel()
				asyncio.CallAt(ctx, at, func() { order = append(order, i) })
			}
		}
		asyncio.Sleep(ctx, time.Minute)
		if !slices.IsSorted(order) || len(order) != 100 {
			t.Errorf("fired %v", order)
		}
	})
}

func TestReliabilityC9_ATimerWithoutDelayWaitsForTheNextRound(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var order []string
		log := func(s string) func() { return func() { order = append(order, s) } }
		asyncio.CallLater(ctx, time.Second, func() {
			order = append(order, "timer")
			asyncio.CallLater(ctx, 0, log("its child"))
		})
		asyncio.CallLater(ctx, time.Second, log("timer of the same moment"))
		asyncio.Sleep(ctx, time.Minute)
		if want := []string{"timer", "timer of the same moment", "its child"}; !slices.Equal(order, want) {
			t.Errorf("order %v, want %v", order, want)
		}
	})
}

func TestReliabilityC10_AnIntervalBehindALoopThatWasBlocked(t *testing.T) {
	for policy, want := range map[asyncio.MissedTicks][]time.Duration{
		asyncio.Burst: {0, 2500, 2500, 3000, 4000},
		asyncio.Delay: {0, 2500, 3500, 4500, 5500},
		asyncio.Skip:  {0, 2500, 3000, 4000, 5000},
	} {
		clock := driver.NewVirtual()
		runOn(t, clock, func(ctx context.Context) {
			start := asyncio.Now(ctx)
			ticks := asyncio.NewInterval(ctx, time.Second, policy)
			var got []time.Duration
			for i := range 5 {
				if _, err := ticks.Tick(ctx); err != nil {
					t.Error(err)
				}
				got = append(got, asyncio.Now(ctx).Sub(start)/time.Millisecond)
				if i == 0 {
					clock.Advance(2500 * time.Millisecond)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("policy %d: ticks at %v ms, want %v", policy, got, want)
			}
		})
	}
}
