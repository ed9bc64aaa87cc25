package asyncio

import (
	"context"
)

// What a context is to the loop.
type scopeKind uint8

const (
	noScope      scopeKind = iota // not from a loop
	ownScope                      // a scope, perhaps with values on top
	freeScope                     // cannot be cancelled: context.WithoutCancel
	foreignScope                  // can be cancelled by the standard library
)

// resolve finds the nearest scope in ctx, and whether it is the one that
// decides over ctx's cancellation.
func resolve(ctx context.Context) (*scope, scopeKind) {
	if ctx == nil {
		return nil, noScope
	}
	if s := belowValues(ctx); s != nil {
		return s, ownScope
	}
	s, _ := ctx.Value(scopeKey{}).(*scope)
	if s == nil {
		return nil, noScope
	}
	switch done := ctx.Done(); done {
	case nil:
		return s, freeScope
	case s.Done():
		return s, ownScope
	}
	return s, foreignScope
}

// A bridge brings the cancellation of a context of the standard library, which
// may happen on any goroutine, to a scope on the loop. The loop keeps the bridges
// in the order of their making: while there is one, somebody outside may still
// wake a task, and under a virtual clock the loop looks at them itself, in that
// order, so that a run does not depend on when another goroutine gets its turn.
type bridge struct {
	scope      *scope
	ctx        context.Context
	prev, next *bridge
}

// watch ends s when ctx ends.
func (s *scope) watch(ctx context.Context) {
	if err := ctx.Err(); err != nil {
		s.state.Store(newEnded(err, context.Cause(ctx)))
		return
	}
	l := s.loop
	b := &bridge{scope: s, ctx: ctx}
	m := s.moreOf()
	m.bridge = b
	l.bridges.push(b)
	box := l.posts
	m.stop = context.AfterFunc(ctx, func() { box.post(b.cross) })
}

// cross runs on the loop after the context has ended.
func (b *bridge) cross() {
	if b.scope.moreOf().bridge == b {
		b.scope.unwatch()
		b.scope.cancel(b.ctx.Err(), context.Cause(b.ctx))
	}
}

// unwatch takes the watch away.
func (s *scope) unwatch() {
	m := s.more.Load()
	if m == nil || m.bridge == nil {
		return
	}
	m.stop()
	s.loop.bridges.remove(m.bridge)
	m.bridge = nil
}

type bridgeList struct {
	head, tail *bridge
	n          int
}

func (l *bridgeList) push(b *bridge) {
	b.prev = l.tail
	if l.tail != nil {
		l.tail.next = b
	} else {
		l.head = b
	}
	l.tail = b
	l.n++
}

func (l *bridgeList) remove(b *bridge) {
	if b.prev != nil {
		b.prev.next = b.next
	} else {
		l.head = b.next
	}
	if b.next != nil {
		b.next.prev = b.prev
	} else {
		l.tail = b.prev
	}
	l.n--
}

// crossAll ends the scopes whose contexts have ended by now.
func (l *bridgeList) crossAll() {
	for b := l.head; b != nil; {
		next := b.next
		if b.ctx.Err() != nil {
			b.cross()
		}
		b = next
	}
}
