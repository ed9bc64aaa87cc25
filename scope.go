package asyncio

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// A scope is a context whose cancellation reaches every task that waits under
// it (rule C1). A task has one, a timeout, a group, a WithCancel. The tree of
// scopes belongs to the loop; as a context a scope may be used by any goroutine,
// for which there is the part in outside.go.
//
// The tree is apart from the chain of contexts: a scope knows the scope above it
// and the nearest context that carries values. When a task ends, the scopes
// below it move up, so that a chain of tasks, each started by the one before,
// does not grow.
type scope struct {
	loop  *Loop
	state atomic.Pointer[ended]

	task   *taskCore       // whose scope it is or, if it is no task's, in whose context it was made: see own
	values context.Context // the nearest context above that is not a scope
	up     *scope          // whose cancellation reaches this one; nil if nobody's does

	// The scopes below are a list in order of creation: first, first.next, …, and
	// first.prev is the last. prev is nil where s is in no list.
	first      *scope
	prev, next *scope
	waiting    *coroutine // the first of the ring of those parked under this very scope

	more atomic.Pointer[scopeMore] // what most scopes do not need
}

// ended is why a scope was cancelled.
type ended struct {
	err   error // context.Canceled or context.DeadlineExceeded: the context's Err
	cause error // context.Cause
	wait  error // what the waits return: err, with the cause if that says more
}

var plainCancel = &ended{context.Canceled, context.Canceled, context.Canceled}

func newEnded(err, cause error) *ended {
	switch {
	case cause == nil || cause == err:
		if err == context.Canceled {
			return plainCancel
		}
		return &ended{err, err, err}
	case err == context.DeadlineExceeded && isTimeout(cause):
		return &ended{err, cause, cause} // says DeadlineExceeded by itself
	}
	return &ended{err, cause, &cancelledWait{err, cause}}
}

// explains tells whether err says nothing but that the scope has ended so.
func (e *ended) explains(err error) bool {
	return e != nil && err != nil && (errors.Is(err, e.err) || errors.Is(err, e.cause))
}

func isTimeout(err error) bool {
	_, ok := err.(*TimeoutError)
	return ok
}

type scopeKey struct{}

// init makes s a child of ctx. It panics where ctx does not come from a loop.
func (s *scope) init(ctx context.Context) {
	if above, ok := ctx.(*scope); ok {
		s.loop, s.values, s.task = above.loop, above.values, above.task
		s.attach(above)
		return
	}
	above, kind := resolve(ctx)
	if kind == noScope {
		panic(ErrNoLoop)
	}
	s.loop, s.values, s.task = above.loop, ctx, above.task
	switch kind {
	case ownScope:
		s.attach(above)
	case foreignScope:
		s.watch(ctx)
	}
}

// own is the task whose scope s is, or nil. Any goroutine may ask.
func (s *scope) own() *taskCore {
	if s.task != nil && &s.task.scope == s {
		return s.task
	}
	return nil
}

// attach puts s below above, or ends it at once where that has ended.
func (s *scope) attach(above *scope) {
	for above.prev == nil && above.up != nil {
		above = above.up // it has left: the task has ended
	}
	s.up = above
	if first := above.first; first == nil {
		above.first = s
		s.prev = s
	} else {
		s.prev = first.prev
		s.prev.next = s
		first.prev = s
	}
	if e := above.state.Load(); e != nil {
		s.state.Store(e)
	}
}

// detach takes s out of the tree.
func (s *scope) detach() {
	linked := s.prev != nil
	s.unlink()
	if linked {
		s.up = nil
	}
}

// unlink is detach, but s still knows what was above.
func (s *scope) unlink() {
	s.unwatch()
	if s.prev == nil {
		return
	}
	first := s.up.first
	if s == first {
		s.up.first = s.next
	} else {
		s.prev.next = s.next
	}
	if s.next != nil {
		s.next.prev = s.prev
	} else if s != first {
		first.prev = s.prev
	}
	s.prev, s.next = nil, nil
}

// below returns the scopes below s, in order of creation; s may lose any of them
// while the caller goes through them.
func (s *scope) below() (all []*scope) {
	for b := s.first; b != nil; b = b.next {
		all = append(all, b)
	}
	return all
}

// leave takes s out of the tree at the end of its task, or group, and puts what is
// below in its place: a task that ends does not cancel what it started. Those outside
// who watch s get a remnant. s still knows what was above, for what is started with it
// later on: see attach.
func (s *scope) leave() {
	if s.first != nil {
		s.raiseBelow()
	}
	if s.up != nil {
		s.leaveRemnant()
	}
	s.unlink()
}

// raiseBelow puts what is below s in front of it.
func (s *scope) raiseBelow() {
	for _, b := range s.below() {
		b.up, b.prev, b.next = nil, nil, nil
		if s.up != nil {
			s.putBefore(b)
		}
	}
	s.first = nil
}

// putBefore puts b into the list of s, before s.
func (s *scope) putBefore(b *scope) {
	b.up, b.prev, b.next = s.up, s.prev, s
	if s.up.first == s {
		s.up.first = b
	} else {
		s.prev.next = b
	}
	s.prev = b
}

// cancel ends s, everything below it in order of creation, and every wait under
// it, in this order. Only the first call counts.
func (s *scope) cancel(err, cause error) {
	if s.state.Load() == nil {
		s.end(newEnded(err, cause))
	}
}

func (s *scope) end(e *ended) {
	if s.state.Load() != nil {
		return
	}
	s.state.Store(e)
	if m := s.more.Load(); m != nil {
		m.end()
		if m.onEnd != nil {
			m.onEnd(e)
		}
	}
	if s.first != nil {
		for _, b := range s.below() {
			b.end(e)
		}
	}
	for c := s.waiting; c != nil; c = s.waiting {
		t := c.place.task
		t.leaveScope()
		t.abort(e)
	}
}

// err is what a wait under s returns: nil while s goes on. Where several of the
// scopes above have ended, each for a reason of its own, it is the outermost's:
// a task that was cancelled while a timeout inside it expired has not timed out.
func (s *scope) err() error {
	e := s.state.Load()
	if e == nil {
		return nil
	}
	for up := s.up; up != nil; up = up.up {
		above := up.state.Load()
		if above == nil {
			break // s, or something between, has ended by itself, or is shielded
		}
		e = above
	}
	return e.wait
}

// Deadline implements [context.Context].
func (s *scope) Deadline() (time.Time, bool) { return s.values.Deadline() }

// Err implements [context.Context].
func (s *scope) Err() error {
	if e := s.state.Load(); e != nil {
		return e.err
	}
	return nil
}

// Value implements [context.Context].
func (s *scope) Value(key any) any {
	switch key {
	case scopeKey{}:
		return s
	case causeKey:
		return s.causeValue(key)
	}
	return s.values.Value(key)
}

// enterScope and leaveScope put a parked task into the ring of its scope.
func (t *taskCore) enterScope(s *scope) {
	c := t.coroutine
	c.under = s
	first := s.waiting
	if first == nil {
		s.waiting = c
		c.scopePrev, c.scopeNext = c, c
		return
	}
	c.scopePrev, c.scopeNext = first.scopePrev, first
	first.scopePrev.scopeNext = c
	first.scopePrev = c
}

func (t *taskCore) leaveScope() {
	c := t.coroutine
	s := c.under
	if c.scopeNext == c {
		s.waiting = nil
	} else {
		c.scopePrev.scopeNext, c.scopeNext.scopePrev = c.scopeNext, c.scopePrev
		if s.waiting == c {
			s.waiting = c.scopeNext
		}
	}
	c.under, c.scopePrev, c.scopeNext = nil, nil, nil
}
