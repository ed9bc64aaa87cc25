package asyncio

import (
	"context"
	"errors"
	"fmt"
)

// ErrBrokenBarrier is returned by [Barrier.Wait] where the barrier was aborted, or
// reset while the task waited. The tasks did not meet. After [Barrier.Abort] the
// barrier works again after [Barrier.Reset].
var ErrBrokenBarrier = errors.New("asyncio: barrier was reset or aborted")

// A Barrier is a point where a fixed number of tasks wait for each other. It can be
// used again and again: tasks that come while the last party is still leaving wait
// for the next one. Make one with [NewBarrier].
//
// All methods are for the tasks and callbacks of one loop.
//
// It is a state and a count under a condition, as in CPython, so that it takes the
// same number of rounds (S5).
type Barrier struct {
	cond    *Condition
	parties int
	count   int // tasks between their arrival and their departure
	state   barrierState
}

type barrierState int

const (
	filling barrierState = iota
	draining
	resetting
	broken
)

// BarrierStats is the state of a [Barrier] at one moment.
type BarrierStats struct {
	Parties int
	Waiting int // tasks that have arrived and wait for the others
	Broken  bool
}

// NewBarrier returns a barrier for the given number of tasks. It panics where
// parties is less than 1.
func NewBarrier(parties int) *Barrier {
	if parties < 1 {
		panic(fmt.Sprintf("asyncio: NewBarrier for %d parties: there must be at least 1", parties))
	}
	b := &Barrier{cond: NewCondition(nil), parties: parties}
	b.cond.subject = b
	return b
}

// Wait waits until all parties are in Wait, and returns the caller's place in the
// order of arrival, from 0. The last to arrive does not suspend and goes on first
// (S4).
//
// It returns [ErrBrokenBarrier] where the barrier is or gets broken, and ctx's error
// where ctx ends: the task then does not count as one of the parties, and the others
// go on waiting. Where ctx ends after the last party has arrived, the others have
// met.
func (b *Barrier) Wait(ctx context.Context) (int, error) {
	if err := b.cond.Acquire(ctx); err != nil {
		return 0, err
	}
	defer b.cond.Release()
	if err := b.enter(ctx); err != nil {
		return 0, err
	}
	index := b.count
	b.count++
	defer b.leave()
	if err := b.meet(ctx, index); err != nil {
		return 0, err
	}
	return index, nil
}

// enter waits until the last party has left.
func (b *Barrier) enter(ctx context.Context) error {
	err := b.cond.WaitFor(ctx, func() bool { return b.state != draining && b.state != resetting })
	if err == nil && b.state == broken {
		err = ErrBrokenBarrier
	}
	return err
}

// meet lets all go where the caller is the last to arrive, and else waits for that.
func (b *Barrier) meet(ctx context.Context, index int) error {
	if index+1 == b.parties {
		b.state = draining
		b.cond.NotifyAll()
		return nil
	}
	err := b.cond.WaitFor(ctx, func() bool { return b.state != filling })
	if err == nil && b.state != draining {
		err = ErrBrokenBarrier
	}
	return err
}

// leave opens the barrier for the next party after the last one of this.
func (b *Barrier) leave() {
	b.count--
	if b.count > 0 {
		return
	}
	if b.state == resetting || b.state == draining {
		b.state = filling
	}
	b.cond.NotifyAll()
}

// Reset makes the barrier empty and whole again. Tasks that wait at it get
// [ErrBrokenBarrier]. It may wait, though only for tasks that are leaving; where ctx
// ends first it returns ctx's error and has done nothing.
func (b *Barrier) Reset(ctx context.Context) error {
	return b.change(ctx, func() {
		if b.count > 0 {
			b.state = resetting
		} else {
			b.state = filling
		}
	})
}

// Abort breaks the barrier, for use when a party cannot come any more. Tasks that
// wait at it, and those that come until the next Reset, get [ErrBrokenBarrier]. It
// may wait as [Barrier.Reset] does.
func (b *Barrier) Abort(ctx context.Context) error {
	return b.change(ctx, func() { b.state = broken })
}

func (b *Barrier) change(ctx context.Context, set func()) error {
	if err := b.cond.Acquire(ctx); err != nil {
		return err
	}
	defer b.cond.Release()
	set()
	b.cond.NotifyAll()
	return nil
}

// Parties returns the number of tasks that the barrier is for.
func (b *Barrier) Parties() int { return b.parties }

// Waiting returns the number of tasks that have arrived and wait for the others.
func (b *Barrier) Waiting() int {
	if b.state != filling {
		return 0
	}
	return b.count
}

// Broken tells whether the barrier was aborted and not reset since.
func (b *Barrier) Broken() bool { return b.state == broken }

// String tells what a waiter waits for.
func (b *Barrier) String() string {
	return fmt.Sprintf("Barrier with %d of %d parties", b.Waiting(), b.parties)
}

// Stats returns the barrier's state for reports.
func (b *Barrier) Stats() BarrierStats {
	return BarrierStats{Parties: b.parties, Waiting: b.Waiting(), Broken: b.Broken()}
}
