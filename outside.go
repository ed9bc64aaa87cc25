package asyncio

import (
	"context"
	"sync"
)

// outside is the part of a scope that other goroutines use: a Go library that was
// given the context asks for Done, and contexts of the standard library derived
// from it register by AfterFunc, so that none of them needs a goroutine (rule
// C8). It is made when somebody asks; most scopes never have one.
type outside struct {
	mu          sync.Mutex
	done        chan struct{}
	closed      bool
	first, last *afterFunc
}

type afterFunc struct {
	f          func()
	prev, next *afterFunc
	gone       bool
}

func (s *scope) outsidePart() *outside {
	if o := s.outside.Load(); o != nil {
		return o
	}
	s.outside.CompareAndSwap(nil, &outside{done: make(chan struct{})})
	o := s.outside.Load()
	if s.state.Load() != nil { // it may have ended without knowing of this part
		o.end()
	}
	return o
}

// Done implements [context.Context]. Any goroutine may call it.
func (s *scope) Done() <-chan struct{} { return s.outsidePart().done }

// AfterFunc is what the standard library's contexts look for in a parent. f runs
// once, on the loop, when the scope is cancelled. Any goroutine may call it.
func (s *scope) AfterFunc(f func()) (stop func() bool) {
	o := s.outsidePart()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		go f() // not here: the caller may hold the lock that f needs
		return func() bool { return false }
	}
	a := &afterFunc{f: f, prev: o.last}
	if o.last != nil {
		o.last.next = a
	} else {
		o.first = a
	}
	o.last = a
	return func() bool { return o.remove(a) }
}

func (o *outside) remove(a *afterFunc) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if a.gone {
		return false
	}
	a.gone = true
	if a.prev != nil {
		a.prev.next = a.next
	} else {
		o.first = a.next
	}
	if a.next != nil {
		a.next.prev = a.prev
	} else {
		o.last = a.prev
	}
	return true
}

// end closes the channel and runs the functions, once.
func (o *outside) end() {
	o.mu.Lock()
	if o.closed {
		o.mu.Unlock()
		return
	}
	o.closed = true
	close(o.done)
	first := o.first
	for a := first; a != nil; a = a.next {
		a.gone = true
	}
	o.first, o.last = nil, nil
	o.mu.Unlock()
	for a := first; a != nil; a = a.next {
		a.f()
	}
}

// causeKey is the key by which context.Cause asks a context for the standard
// library's own context inside it. It is not exported, but whoever is asked sees
// it, so a context that writes it down is asked once. Should a later Go ask in
// another way, causeKey stays nil and context.Cause falls back on Err.
var causeKey = func() any {
	var probe keyProbe
	context.Cause(&probe)
	if probe.key == nil {
		return new(int) // equal to nobody's key
	}
	return probe.key
}()

type keyProbe struct {
	context.Context
	key any
}

func (p *keyProbe) Value(key any) any {
	p.key = key
	return nil
}

// Err says that the probe has ended: context.Cause asks nothing of a context that has not.
func (p *keyProbe) Err() error { return context.Canceled }

// causeValue answers context.Cause for a scope that has ended: with a context of
// the standard library that was cancelled for the same reason. Before that it
// answers nil, which makes derived contexts register by AfterFunc.
func (s *scope) causeValue(key any) any {
	e := s.state.Load()
	if e == nil || e.cause == e.err {
		return nil
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(e.cause)
	return ctx.Value(key)
}
