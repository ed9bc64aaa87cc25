package asyncio

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// ErrBorrowing is returned by [CapacityLimiter.Acquire] where the borrower holds a
// token, or waits for one, already. A borrower that takes a second token while all
// others do the same waits for ever, so a limiter lends one to each.
var ErrBorrowing = errors.New("asyncio: this borrower holds or awaits a token of the CapacityLimiter already")

// A CapacityLimiter lends a number of tokens to borrowers: tasks, or whatever a key
// stands for. It bounds how much is done at once, as a [Semaphore] does, and beyond
// that it knows who holds its tokens, refuses a second one to the same borrower, and
// can be resized while it is in use. Borrowers are served in the order they came
// (S3).
//
// Make one with [NewCapacityLimiter]. All methods are for the tasks and callbacks of
// one loop.
type CapacityLimiter struct {
	home      bound
	line      line
	total     int
	borrowed  int
	borrowers map[any]bool // true: holds a token; false: waits for one
}

// CapacityStats is the state of a [CapacityLimiter] at one moment.
type CapacityStats struct {
	Total    int
	Borrowed int // more than Total for a while after SetTotal has lowered it
	Waiting  int // borrowers that wait for a token
}

// NewCapacityLimiter returns a limiter with the given number of tokens. With 0,
// everybody waits until SetTotal adds some; math.MaxInt is as good as no limit. It
// panics where tokens is negative.
func NewCapacityLimiter(tokens int) *CapacityLimiter {
	l := &CapacityLimiter{borrowers: make(map[any]bool)}
	l.SetTotal(tokens)
	return l
}

// Acquire waits for a token for the calling task: see
// [CapacityLimiter.AcquireOnBehalfOf].
func (l *CapacityLimiter) Acquire(ctx context.Context) error { return l.acquire(ctx, nil) }

// AcquireOnBehalfOf waits for a token for the borrower that key stands for; key must
// be comparable, as a map's is. It does not suspend where a token is free and nobody
// waits (S4). The token does not belong to the calling task: any task may release
// it.
//
// It returns [ErrBorrowing] where the borrower has or awaits a token. It returns
// ctx's error where ctx ends, also where the token was handed over already: it goes
// to the next in line (C3). It returns [ErrOtherLoop] where the limiter is in use on
// another loop.
func (l *CapacityLimiter) AcquireOnBehalfOf(ctx context.Context, key any) error {
	mustHaveKey(key)
	return l.acquire(ctx, key)
}

// TryAcquireOnBehalfOf lends the borrower a token if that needs no wait, and tells
// whether it did; it did not where the borrower has or awaits one. It never waits.
func (l *CapacityLimiter) TryAcquireOnBehalfOf(key any) bool {
	l.home.check("CapacityLimiter.TryAcquireOnBehalfOf")
	mustHaveKey(key)
	_, known := l.borrowers[key]
	return !known && l.try(key)
}

// Release takes back the calling task's token. It panics where the task has none: it
// was released twice, or acquired on behalf of something else.
func (l *CapacityLimiter) Release() {
	l.home.check("CapacityLimiter.Release")
	t := l.home.running()
	if t == nil || !l.borrowers[t] {
		panic("asyncio: Release of a CapacityLimiter by a task that holds none of its tokens")
	}
	l.giveBack(t)
}

// ReleaseOnBehalfOf takes back the token of the borrower that key stands for. It
// panics where that has none.
func (l *CapacityLimiter) ReleaseOnBehalfOf(key any) {
	l.home.check("CapacityLimiter.ReleaseOnBehalfOf")
	if !l.borrowers[key] {
		panic(fmt.Sprintf("asyncio: ReleaseOnBehalfOf %v, which holds no token of the CapacityLimiter", key))
	}
	l.giveBack(key)
}

// SetTotal changes the number of tokens. Where it grows, those in line are served;
// where it shrinks below what is borrowed, nobody loses a token, and nobody gets one
// until enough came back. It panics where tokens is negative.
func (l *CapacityLimiter) SetTotal(tokens int) {
	l.home.check("CapacityLimiter.SetTotal")
	if tokens < 0 {
		panic(fmt.Sprintf("asyncio: a CapacityLimiter with %d tokens: the number must not be negative", tokens))
	}
	l.total = tokens
	l.grant()
}

// Total returns the number of tokens.
func (l *CapacityLimiter) Total() int { return l.total }

// Available returns the number of tokens that can be borrowed now.
func (l *CapacityLimiter) Available() int { return max(0, l.total-l.borrowed) }

// String tells what a waiter waits for.
func (l *CapacityLimiter) String() string {
	return fmt.Sprintf("CapacityLimiter with %d of %d tokens lent", l.borrowed, l.total)
}

// Stats returns the limiter's state for reports.
func (l *CapacityLimiter) Stats() CapacityStats {
	return CapacityStats{Total: l.total, Borrowed: l.borrowed, Waiting: l.line.parked()}
}

// acquire lends a token to key, or to the calling task where key is nil.
func (l *CapacityLimiter) acquire(ctx context.Context, key any) error {
	who, err := l.home.enter(ctx, l)
	if err != nil {
		return err
	}
	if key == nil {
		key = who
	}
	if _, known := l.borrowers[key]; known {
		return ErrBorrowing
	}
	if l.try(key) {
		return nil
	}
	return l.wait(ctx, key)
}

func (l *CapacityLimiter) wait(ctx context.Context, key any) error {
	l.borrowers[key] = false
	served := false
	defer func() { // deferred, because the loop may end the task by force while it waits
		switch {
		case served:
			l.grant() // to those who came after the wake-up and had to stand behind it (S3)
		case l.borrowers[key]:
			l.giveBack(key) // it was lent already (C3)
		default:
			delete(l.borrowers, key)
		}
	}()
	_, err := l.line.wait(ctx, l, l.line.place(1, nil, key))
	served = err == nil
	return err
}

func (l *CapacityLimiter) try(key any) bool {
	if l.borrowed >= l.total || !l.line.empty() {
		return false
	}
	l.lend(key)
	return true
}

func (l *CapacityLimiter) lend(key any) {
	l.borrowed++
	l.borrowers[key] = true
}

func (l *CapacityLimiter) giveBack(key any) {
	l.borrowed--
	delete(l.borrowers, key)
	l.grant()
}

func (l *CapacityLimiter) grant() {
	for p := l.line.front(); p != nil && l.borrowed < l.total; p = l.line.front() {
		l.lend(p.key)
		l.line.wake(p)
	}
}

func mustHaveKey(key any) {
	if key == nil {
		panic("asyncio: a CapacityLimiter's borrower must not be nil")
	}
}

func (l *CapacityLimiter) inUse() bool { return len(l.borrowers) > 0 }

// holders names the tasks that hold a token, for the deadlock report; other
// borrowers are nobody that waits. It is sorted, because the order of a map is
// random and reports must not be (S6).
func (l *CapacityLimiter) holders() []uint64 {
	var ids []uint64
	for key, holds := range l.borrowers {
		if t, ok := key.(*taskCore); ok && holds {
			ids = append(ids, t.id)
		}
	}
	slices.Sort(ids)
	return ids
}
