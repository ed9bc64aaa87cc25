package asyncio

import "context"

// A Lock gives one task at a time the right to something that it needs across
// several waits. Between two waits a task has everything to itself anyway (S1), so
// most state needs no lock.
//
// Tasks get it in the order they asked for it, and nobody overtakes: a task that
// releases the lock and asks for it again stands behind those who wait (S3). The
// zero value is an unlocked Lock. A Lock is not re-entrant: the task that holds it
// and acquires it again waits for itself, which the loop reports as a deadlock (L5).
//
// All methods are for the tasks and callbacks of one loop.
type Lock struct {
	home   bound
	line   line
	locked bool
	owner  *taskCore // for reports only: nil where the lock is free or was taken by TryAcquire in a callback
}

// LockStats is the state of a [Lock] at one moment.
type LockStats struct {
	Locked  bool
	Owner   string // the name of the task that took it, "" where nobody holds it or nobody knows
	Waiting int    // tasks that wait for it
}

// Acquire waits until the caller has the lock. It does not suspend where the lock is
// free and nobody waits (S4).
//
// It returns ctx's error where ctx ends, also where the lock was about to be handed
// over: the next in line gets it, and the caller does not have it (C3). It returns
// [ErrOtherLoop] where the lock is in use on another loop.
func (l *Lock) Acquire(ctx context.Context) error {
	t, err := l.home.enter(ctx, l)
	if err != nil {
		return err
	}
	if l.free() {
		l.locked, l.owner = true, t
		return nil
	}
	if _, err := l.line.wait(ctx, l, l.line.place(1, nil, nil)); err != nil {
		l.offer()
		return err
	}
	l.locked, l.owner = true, t
	return nil
}

// TryAcquire takes the lock if that needs no wait, and tells whether it did. It
// fails also where the lock was released and the task that it is meant for has not
// run yet. It never waits.
func (l *Lock) TryAcquire() bool {
	l.home.check("Lock.TryAcquire")
	if !l.free() {
		return false
	}
	l.locked, l.owner = true, l.home.running()
	return true
}

// Release gives the lock to the first task in line, which runs in the next round.
// Any task may release, not only the one that acquired, as in asyncio. It panics
// where the lock is not held: the caller's count is off, and whoever holds the lock
// next would lose it.
func (l *Lock) Release() {
	l.home.check("Lock.Release")
	if !l.locked && !l.home.forced() {
		panic("asyncio: Lock.Release: the lock is not held")
	}
	l.locked, l.owner = false, nil
	l.offer()
}

// Locked tells whether a task holds the lock. Between a Release and the step of the
// task that gets the lock nobody does.
func (l *Lock) Locked() bool { return l.locked }

// String tells what a waiter waits for.
func (l *Lock) String() string {
	if l.owner == nil {
		return "Lock"
	}
	return "Lock held by " + l.owner.String()
}

// Stats returns the lock's state for reports.
func (l *Lock) Stats() LockStats {
	return LockStats{Locked: l.locked, Owner: nameOf(l.owner), Waiting: l.line.parked()}
}

func (l *Lock) free() bool { return !l.locked && l.line.empty() }

// offer wakes the first in line where the lock is free. A first one that was
// cancelled and has not run yet is not passed over: it makes the offer again when it
// leaves. That costs a round, and it is the order that CPython has (S5).
func (l *Lock) offer() {
	if first := l.line.first; !l.locked && first != nil && first == l.line.front() {
		l.line.wake(first)
	}
}

func (l *Lock) inUse() bool { return l.locked || l.line.first != nil }

// holders names the tasks that a waiter waits for, for the deadlock report.
func (l *Lock) holders() []uint64 { return idsOf(l.owner) }
