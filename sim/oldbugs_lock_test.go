package sim_test

import (
	"context"
	"slices"

	"github.com/goasyncio/asyncio"
)

// An oldLock is taken by those who are woken when they run. What its waiters do who are
// cancelled is what differs.
type oldLock struct {
	locked bool
	line   oldLine
	left   func(l *oldLock, p *oldPlace) // a cancelled waiter has left the line
}

func (l *oldLock) acquire(ctx context.Context) error {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return err
	}
	if l.locked || len(l.line) > 0 {
		if p, err := l.line.wait(ctx, "old lock"); err != nil {
			l.left(l, p)
			return err
		}
	}
	l.locked = true
	return nil
}

func (l *oldLock) release() {
	l.locked = false
	l.line.wakeFirst()
}

// wakesNext is what repairs: the next is woken if the lock is free.
func wakesNext(l *oldLock, _ *oldPlace) {
	if !l.locked {
		l.line.wakeFirst()
	}
}

// user is a task that holds the lock for some steps.
func (l *oldLock) user(p *play, name string, before, inside int, seen *int) *asyncio.Task[struct{}] {
	return p.task(name, func(ctx context.Context) error {
		idle(ctx, before)
		if err := l.acquire(ctx); err != nil {
			return err
		}
		if *seen++; *seen > 1 {
			p.fail("%d tasks hold the lock", *seen)
		}
		idle(ctx, inside)
		*seen--
		l.release()
		return nil
	})
}

// lockForgotten: the one who was woken is cancelled, and wakes nobody.
func lockForgotten(p *play, repaired bool) {
	l, seen := &oldLock{left: func(*oldLock, *oldPlace) {}}, 0
	if repaired {
		l.left = wakesNext
	}
	l.user(p, "holder", 0, 2, &seen)
	victim := l.user(p, "victim", 0, 1, &seen)
	l.user(p, "other", 0, 1, &seen)
	p.canceller(6, victim)
}

// lockOpenToAll: a cancelled waiter wakes the next also where the lock is held, and the
// next does not look.
func lockOpenToAll(p *play, repaired bool) {
	l, seen := &oldLock{left: func(l *oldLock, _ *oldPlace) { l.line.wakeFirst() }}, 0
	if repaired {
		l.left = wakesNext
	}
	l.user(p, "holder", 0, 4, &seen)
	victim := l.user(p, "victim", 0, 1, &seen)
	l.user(p, "other", 0, 1, &seen)
	p.canceller(5, victim)
}

// An ownedLock is handed to a waiter by the one who releases it. A waiter that has been
// cancelled and has not run yet is in the line and is passed over.
type ownedLock struct {
	repaired bool
	held     bool
	line     oldLine
}

func (l *ownedLock) acquire(ctx context.Context) error {
	if !l.held && len(l.line) == 0 {
		l.held = true
		return nil
	}
	p, err := l.line.wait(ctx, "owned lock") // the first place where it gives way
	switch {
	case err == nil:
		return nil
	case p.woken:
		l.release()
	case l.repaired && !l.held:
		l.held = l.line.wake()
	}
	return err
}

func (l *ownedLock) release() { l.held = l.line.wake() }

// lockWaitsForOneWhoLeft: a lock is released while its only waiter has been cancelled and
// has not left yet; then somebody comes. Three things must meet, so there are six locks.
func lockWaitsForOneWhoLeft(p *play, repaired bool) {
	for range 6 {
		l := &ownedLock{repaired: repaired, held: true}
		use := func(ctx context.Context) error {
			if err := l.acquire(ctx); err != nil {
				return err
			}
			l.release()
			return nil
		}
		victim := p.task("victim", use)
		p.task("holder", func(ctx context.Context) error {
			asyncio.Yield(ctx)
			l.release()
			return nil
		})
		p.task("other", func(ctx context.Context) error {
			asyncio.Yield(ctx)
			return use(ctx)
		})
		p.canceller(1, victim)
	}
}

// An oldSemaphore counts; those who are woken take a permit when they run.
type oldSemaphore struct {
	repaired   bool
	value      int
	line       oldLine
	came, took []string
}

// acquire is of a semaphore whose cancelled waiters, before the repair, kept the wake-up.
func (s *oldSemaphore) acquire(ctx context.Context) error {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return err
	}
	if s.value == 0 || len(s.line) > 0 {
		if _, err := s.line.wait(ctx, "old semaphore"); err != nil {
			if s.repaired && s.value > 0 {
				s.line.wakeFirst()
			}
			return err
		}
	}
	s.value--
	if s.value > 0 {
		s.line.wakeFirst()
	}
	return nil
}

func (s *oldSemaphore) release() {
	s.value++
	s.line.wakeFirst()
}

func permitDiesWithWaiter(p *play, repaired bool) {
	s := &oldSemaphore{repaired: repaired}
	a := p.task("a", func(ctx context.Context) error {
		if err := s.acquire(ctx); err != nil {
			return err
		}
		s.release()
		return nil
	})
	p.task("b", s.acquire)
	p.task("releaser", func(ctx context.Context) error {
		idle(ctx, 3)
		s.release()
		return nil
	})
	p.canceller(4, a)
}

// enter is acquire of a semaphore that, before the repair, had no line: who was woken
// and found the permit gone went to the end.
func (s *oldSemaphore) enter(ctx context.Context, name string) error {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return err
	}
	s.came = append(s.came, name)
	if s.repaired {
		if s.value == 0 || len(s.line) > 0 {
			if _, err := s.line.wait(ctx, "permit"); err != nil {
				return err
			}
		}
	}
	for s.value == 0 {
		if _, err := s.line.wait(ctx, "permit"); err != nil {
			return err
		}
	}
	s.value--
	s.took = append(s.took, name)
	if s.value > 0 {
		s.line.wakeFirst()
	}
	return nil
}

func newcomersOvertake(p *play, repaired bool) {
	s := &oldSemaphore{repaired: repaired}
	for i, before := range []int{0, 4} {
		name := []string{"waiter", "newcomer"}[i]
		p.task(name, func(ctx context.Context) error {
			idle(ctx, before)
			return s.enter(ctx, name)
		})
	}
	p.task("releaser", func(ctx context.Context) error {
		idle(ctx, 2)
		s.release()
		asyncio.Yield(ctx)
		s.release()
		return nil
	})
	p.end()
	if !slices.Equal(s.came, s.took) {
		p.fail("they came in the order %v and got permits in the order %v", s.came, s.took)
	}
}
