package asyncio

import (
	"context"
	"fmt"
	"time"
)

// MissedTicks says what an [Interval] does about ticks for which nobody waited in
// time. The policies are tokio's.
type MissedTicks uint8

const (
	Burst MissedTicks = iota // deliver them at once, one after the other, until caught up
	Delay                    // begin anew: the next tick comes a period after this one
	Skip                     // drop them, and stay on the original grid
)

// An Interval ticks once in every period on the loop's clock.
type Interval struct {
	period time.Duration
	policy MissedTicks
	next   time.Time
}

// NewInterval makes an interval whose first tick comes at once. It panics where
// the period is not positive.
func NewInterval(ctx context.Context, period time.Duration, policy MissedTicks) *Interval {
	if period <= 0 {
		panic(fmt.Sprintf("asyncio: an interval of %v: the period must be positive", period))
	}
	return &Interval{period: period, policy: policy, next: Now(ctx)}
}

// Tick waits for the next tick and returns the time for which it was due. A tick
// that is due already is delivered without waiting. A cancelled Tick has taken no
// tick. Where several tasks wait each tick goes to one of them.
func (i *Interval) Tick(ctx context.Context) (time.Time, error) {
	if err := Checkpoint(ctx); err != nil {
		return time.Time{}, err
	}
	for Now(ctx).Before(i.next) { // it may move meanwhile: by Reset, or by another task
		if err := SleepUntil(ctx, i.next); err != nil {
			return time.Time{}, err
		}
	}
	due := i.next
	i.advance(due, Now(ctx))
	return due, nil
}

// advance finds the tick after the one that was due and is delivered now.
func (i *Interval) advance(due, now time.Time) {
	i.next = due.Add(i.period)
	if now.Before(i.next) {
		return
	}
	switch i.policy {
	case Delay:
		i.next = now.Add(i.period)
	case Skip:
		missed := now.Sub(due) / i.period
		i.next = due.Add((missed + 1) * i.period)
	}
}

// Reset makes the next tick come a period from now, also for who waits already.
func (i *Interval) Reset(ctx context.Context) { i.next = Now(ctx).Add(i.period) }
