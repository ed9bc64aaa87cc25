package asyncio

import (
	"unsafe"
	"weak"
)

// A remnant stands in the tree for the scope of a task that has ended, while somebody
// outside may still watch that: a goroutine that waits for its Done channel must hear
// of a cancellation from above (rule C6).
//
// Nobody says when he stops to wait for a channel, and context.WithTimeout asks each
// parent for it. A server whose tasks use that, or a library that does, would keep
// every task that it ever had. So a remnant does not hold the scope, nor the channel:
// when nobody else has the channel any more the remnant is thrown away. The collector
// decides by that how much memory the loop takes, and nothing that a program can see.
type remnant struct {
	scope scope
	of    weak.Pointer[scope]
	done  weak.Pointer[byte] // the channel: see weakly
	held  *scope             // of, while contexts of the standard library are registered there
}

// remnants are those of a loop.
type remnants struct {
	list  []*remnant
	limit int // sweep at this length
}

// fewRemnants are not worth a sweep.
const fewRemnants = 64

// leaveRemnant puts a remnant into the place of s in the tree, if anybody has asked
// for s from outside.
func (s *scope) leaveRemnant() {
	m := s.more.Load()
	if m == nil || s.state.Load() != nil {
		return
	}
	done, registered := m.watchers()
	if done == nil && !registered {
		return
	}
	r := &remnant{of: weak.Make(s), done: weakly(done)}
	if registered {
		r.held = s
	}
	r.scope.loop = s.loop
	r.scope.more.Store(&scopeMore{onEnd: r.end, remnant: true})
	s.putBefore(&r.scope)
	s.loop.remnants.add(r)
}

// end tells those who watch.
func (r *remnant) end(e *ended) {
	if s := r.of.Value(); s != nil {
		s.end(e)
	} else if p := r.done.Value(); p != nil {
		close(strongly(p)) // nobody has the context any more, but its channel
	}
	r.held = nil
}

// needed tells whether anybody may still watch.
func (r *remnant) needed() bool {
	if r.scope.state.Load() != nil {
		return false
	}
	if r.held != nil {
		if done, registered := r.held.more.Load().watchers(); !registered {
			r.held, r.done = nil, weakly(done)
		}
		return true // what the collector says of the rest is for the next time
	}
	return r.done.Value() != nil
}

func (rs *remnants) add(r *remnant) {
	if len(rs.list) >= max(rs.limit, fewRemnants) {
		rs.sweep()
	}
	rs.list = append(rs.list, r)
}

// sweep takes those out of the tree that are not needed. Its cost is spread over the
// calls of add.
func (rs *remnants) sweep() {
	kept := rs.list[:0]
	for _, r := range rs.list {
		if r.needed() {
			kept = append(kept, r)
		} else {
			r.scope.detach()
		}
	}
	clear(rs.list[len(kept):])
	rs.list, rs.limit = kept, 2*len(kept)
}

// weakly and strongly make a weak pointer of a channel, which is one word that points
// at an object of the heap, and back.

func weakly(c chan struct{}) (p weak.Pointer[byte]) {
	if c == nil {
		return p
	}
	return weak.Make(*(**byte)(unsafe.Pointer(&c)))
}

func strongly(p *byte) chan struct{} { return *(*chan struct{})(unsafe.Pointer(&p)) }
