package console

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// patience is how long a loop that owes an answer may be in one step before it is called
// blocked.
const patience = 250 * time.Millisecond

var (
	errBlocked = errors.New("the loop does not answer: something blocks it; see its stack at …/stacks")
	errEnded   = errors.New("the loop has ended")
)

// An asker puts questions to a loop, one at a time, so that a loop that does not answer
// collects no more than one, however many clients want to know something.
type asker struct {
	src   monitor.Source
	turn  chan struct{} // holds a value while a question is under way
	owes  atomic.Bool   // that has not been answered
	pulse monitor.Pulse // of the loop since then
}

func newAsker(src monitor.Source) *asker { return &asker{src: src, turn: make(chan struct{}, 1)} }

// ask has the loop call f between two steps and returns what f returns. It fails with
// errBlocked where the loop does not answer, with errEnded, or with ctx's error. f must
// take less than a millisecond, and may still run after ask has failed: it must write
// to nothing that others read.
func ask[T any](ctx context.Context, a *asker, f func(monitor.View) T) (answer T, err error) {
	if err := a.enter(ctx); err != nil {
		return answer, err
	}
	answers := make(chan T, 1)
	a.pulse.Begin(a.src)
	a.owes.Store(true)
	posted := a.src.Post(func(v monitor.View) {
		defer a.leave() // though f panicked: the loop reports that
		answers <- f(v)
	})
	if !posted {
		a.leave()
		return answer, errEnded
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case answer = <-answers:
			return answer, nil
		case <-ctx.Done():
			return answer, ctx.Err()
		case <-a.src.Ended():
			return answer, errEnded
		case <-timer.C:
			if a.blocked() > 0 {
				return answer, errBlocked
			}
			timer.Reset(patience / 5)
		}
	}
}

// enter waits until no other question is under way.
func (a *asker) enter(ctx context.Context) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		if a.blocked() > 0 {
			return errBlocked
		}
		select {
		case a.turn <- struct{}{}:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-a.src.Ended():
			return errEnded
		case <-timer.C:
			timer.Reset(patience / 10)
		}
	}
}

func (a *asker) leave() {
	a.owes.Store(false)
	<-a.turn
}

// blocked is for how long the loop has been in one step, as far as is known, 0 where it
// is not blocked: it owes no answer, or not for long, or has much to do and goes on.
func (a *asker) blocked() time.Duration {
	if !a.owes.Load() {
		return 0
	}
	if d := a.pulse.Stuck(a.src); d >= patience {
		return d
	}
	return 0
}
