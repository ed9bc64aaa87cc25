package asyncio

import (
	"context"
	"sync"
)

// scopeMore is what few scopes have.
//
// The first half is for other goroutines: a Go library that was given the context
// asks for Done, and contexts of the standard library derived from it register by
// AfterFunc, so that none of them needs a goroutine (rule C8).
type scopeMore struct {
	mu          sync.Mutex
	done        chan struct{} // made when somebody asks
	first, last *afterFunc
	name        string // of the scope's task, if it was given one: log records ask for it
	closed      bool

	// The second half is the loop's.
	forOneWait bool         // made by a wait, which takes it away again
	remnant    bool         // the scope is one of a remnant
	stop       func() bool  // takes the scope's watch off a context of the standard library
	bridge     *bridge      // brings the cancellation of such a context
	onEnd      func(*ended) // called when the scope ends
}

type afterFunc struct {
	f          func()
	prev, next *afterFunc
	gone       bool
}

// moreOf is the scope's scopeMore. Any goroutine may call it.
func (s *scope) moreOf() *scopeMore {
	m := s.more.Load()
	if m == nil {
		s.more.CompareAndSwap(nil, new(scopeMore))
		m = s.more.Load()
	}
	return m
}

// setName and readName are SetName and Name of the scope's task.

func (m *scopeMore) setName(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.name = name
}

func (m *scopeMore) readName() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.name
}

// watchers are those outside who may be waiting for the scope's end: the channel, if
// anybody has asked for it, and whether there are functions of AfterFunc.
func (m *scopeMore) watchers() (done chan struct{}, registered bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.done, m.first != nil
}

// Done implements [context.Context]. Any goroutine may call it.
func (s *scope) Done() <-chan struct{} {
	m := s.moreOf()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.done == nil {
		m.done = make(chan struct{})
		if m.closed || s.state.Load() != nil {
			m.closed = true
			close(m.done)
		}
	}
	return m.done
}

// AfterFunc is what the standard library's contexts look for in a parent. f runs
// once, on the loop, when the scope is cancelled. Any goroutine may call it.
func (s *scope) AfterFunc(f func()) (stop func() bool) {
	m := s.moreOf()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed || s.state.Load() != nil {
		go f() // not here: the caller may hold the lock that f needs
		return func() bool { return false }
	}
	a := &afterFunc{f: f, prev: m.last}
	if m.last != nil {
		m.last.next = a
	} else {
		m.first = a
	}
	m.last = a
	return func() bool { return m.remove(a) }
}

func (m *scopeMore) remove(a *afterFunc) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if a.gone {
		return false
	}
	a.gone = true
	if a.prev != nil {
		a.prev.next = a.next
	} else {
		m.first = a.next
	}
	if a.next != nil {
		a.next.prev = a.prev
	} else {
		m.last = a.prev
	}
	return true
}

// end closes the channel and runs the functions, once.
func (m *scopeMore) end() {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return
	}
	m.closed = true
	if m.done != nil {
		close(m.done)
	}
	first := m.first
	for a := first; a != nil; a = a.next {
		a.gone = true
	}
	m.first, m.last = nil, nil
	m.mu.Unlock()
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
