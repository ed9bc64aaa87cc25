package asyncio

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
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
	loop    *Loop
	task    *taskCore       // whose scope it is, nil for the others
	values  context.Context // the nearest context above that is not a scope
	timeout *Timeout        // the nearest timeout above, or that of this scope
	up      *scope          // whose cancellation reaches this one; nil if nobody's does

	prev, next  *scope    // the others below up, in order of creation
	first, last *scope    // the scopes below
	waiting     scopeList // the tasks parked under this very scope

	state   atomic.Pointer[ended]
	outside atomic.Pointer[outside]
	special *special // nil for nearly all
}

// ended is why a scope was cancelled.
type ended struct {
	err   error // context.Canceled or context.DeadlineExceeded: the context's Err
	cause error // context.Cause
	wait  error // what the waits return: err, with the cause if that says more
}

// special is what few scopes need.
type special struct {
	stop       func() bool  // takes the scope's watch off a context of the standard library
	bridge     *bridge      // brings the cancellation of such a context
	forOneWait bool         // made by a wait, which takes it away again
	onEnd      func(*ended) // called when the scope ends
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
		s.loop, s.values, s.timeout = above.loop, above.values, above.timeout
		s.attach(above)
		return
	}
	above, kind := resolve(ctx)
	switch kind {
	case noScope:
		panic(ErrNoLoop)
	case ownScope:
		s.timeout = above.timeout
		s.loop, s.values = above.loop, ctx
		s.attach(above)
	case freeScope:
		s.loop, s.values = above.loop, ctx
	case foreignScope:
		s.loop, s.values, s.timeout = above.loop, ctx, above.timeout
		s.watch(ctx)
	}
}

// attach puts s below above, or ends it at once where that has ended.
func (s *scope) attach(above *scope) {
	s.up = above
	s.prev = above.last
	if above.last != nil {
		above.last.next = s
	} else {
		above.first = s
	}
	above.last = s
	if e := above.state.Load(); e != nil {
		s.state.Store(e)
	}
}

// detach takes s out of the tree.
func (s *scope) detach() {
	s.unwatch()
	up := s.up
	if up == nil {
		return
	}
	if s.prev != nil {
		s.prev.next = s.next
	} else {
		up.first = s.next
	}
	if s.next != nil {
		s.next.prev = s.prev
	} else {
		up.last = s.prev
	}
	s.up, s.prev, s.next = nil, nil, nil
}

// leave takes s out of the tree at the end of its task and puts what is below in
// its place: a task that ends does not cancel what it started. Where somebody
// outside watches the scope it stays, to tell him of a cancellation from above.
func (s *scope) leave() {
	if s.outside.Load() != nil && s.up != nil {
		return
	}
	if s.first == nil {
		s.detach()
		return
	}
	for below := s.first; below != nil; below = below.next {
		below.up = s.up
	}
	if up := s.up; up != nil {
		s.first.prev, s.last.next = s.prev, s.next
		if s.prev != nil {
			s.prev.next = s.first
		} else {
			up.first = s.first
		}
		if s.next != nil {
			s.next.prev = s.last
		} else {
			up.last = s.last
		}
	} else {
		// Nobody is above: what was below stands alone from now on.
		for below := s.first; below != nil; {
			next := below.next
			below.prev, below.next = nil, nil
			below = next
		}
	}
	s.unwatch()
	s.up, s.prev, s.next, s.first, s.last = nil, nil, nil, nil, nil
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
	if o := s.outside.Load(); o != nil {
		o.end()
	}
	if s.special != nil && s.special.onEnd != nil {
		s.special.onEnd(e)
	}
	for below := s.first; below != nil; {
		next := below.next
		below.end(e)
		below = next
	}
	for t := s.waiting.head; t != nil; t = s.waiting.head {
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

// Deadline implements [context.Context]: the earliest of the timeouts above.
func (s *scope) Deadline() (time.Time, bool) {
	earliest := driver.Forever
	for t := s.timeout; t != nil; t = t.outer {
		earliest = min(earliest, driver.Instant(t.deadline.Load()))
	}
	at, ok := s.values.Deadline()
	if earliest == driver.Forever {
		return at, ok
	}
	if own := s.loop.timeOf(earliest); !ok || own.Before(at) {
		return own, true
	}
	return at, ok
}

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

// scopeList is a list of parked tasks, in the order in which they parked.
type scopeList struct{ head, tail *taskCore }

func (l *scopeList) push(t *taskCore) {
	t.scopePrev, t.scopeNext = l.tail, nil
	if l.tail != nil {
		l.tail.scopeNext = t
	} else {
		l.head = t
	}
	l.tail = t
}

func (l *scopeList) remove(t *taskCore) {
	if t.scopePrev != nil {
		t.scopePrev.scopeNext = t.scopeNext
	} else {
		l.head = t.scopeNext
	}
	if t.scopeNext != nil {
		t.scopeNext.scopePrev = t.scopePrev
	} else {
		l.tail = t.scopePrev
	}
	t.scopePrev, t.scopeNext = nil, nil
}
