package asyncio

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"unsafe"
	"weak"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// A resource is a lock, a queue or the like, as consoles see it.
type resource interface {
	user
	part
	// resource is its kind, its state and its numbers.
	resource() monitor.Resource
}

// A part is a thing to wait for that belongs to a primitive, or is one: the two lines of
// a queue are parts of it.
type part interface{ of() *bound }

// id is the number by which consoles know the primitive: where it lies in memory.
func (b *bound) id() uint64 { return uint64(uintptr(unsafe.Pointer(b))) }

// resources are the primitives that a loop has met since a console was there. They are
// held weakly: whatever a console does, the collector does what it would have done.
type resources struct {
	list  []weakResource
	limit int    // sweep at this length
	met   uint64 // how many there were
}

// weakResource is a pointer of that type, to the primitive of that number of those that
// the loop has met.
type weakResource struct {
	object weak.Pointer[byte]
	kind   reflect.Type
	number uint64
}

// fewResources are not worth a sweep.
const fewResources = 64

// meet enters a primitive that was not used on this loop before.
func (r *resources) meet(u user) {
	if _, ok := u.(resource); !ok {
		return
	}
	if len(r.list) >= max(r.limit, fewResources) {
		r.sweep()
	}
	r.met++
	v := reflect.ValueOf(u)
	r.list = append(r.list, weakResource{weak.Make((*byte)(v.UnsafePointer())), v.Type(), r.met})
}

// sweep forgets those that are no more. Its cost is spread over the calls of meet.
func (r *resources) sweep() {
	kept := r.list[:0]
	for _, w := range r.list {
		if w.object.Value() != nil {
			kept = append(kept, w)
		}
	}
	clear(r.list[len(kept):])
	r.list, r.limit = kept, 2*len(kept)
}

// get is the resource, or nil where it is no more, or has moved to another loop.
func (w weakResource) get(l *Loop) resource {
	p := w.object.Value()
	if p == nil {
		return nil
	}
	r := reflect.NewAt(w.kind.Elem(), unsafe.Pointer(p)).Interface().(resource)
	if r.of().loop != l {
		return nil
	}
	return r
}

func (v *view) Resources(after uint64, buf []monitor.Resource) (resources []monitor.Resource, next uint64) {
	v.shows.Lock()
	defer v.shows.Unlock()
	list, s := v.resources.list, v.slice()
	begin, _ := slices.BinarySearchFunc(list, after+1, func(w weakResource, n uint64) int { return cmp.Compare(w.number, n) })
	for _, w := range list[begin:] {
		if len(buf) == cap(buf) || s.full() {
			return buf, after
		}
		after = w.number
		if r := w.get((*Loop)(v)); r != nil {
			buf = append(buf, look(r))
		}
	}
	return buf, 0
}

// look is the resource as consoles see it.
func look(r resource) monitor.Resource {
	m := r.resource()
	m.ID = r.of().id()
	switch h := r.(type) {
	case someHolder:
		m.Holders = h.someHolders(manyHolders)
	case holder:
		m.Holders = h.holders()
	}
	return m
}

// someHolder is a holder of which many may be holders: it tells of at most that many, or
// of none where it would have to choose.
type someHolder interface{ someHolders(most int) []uint64 }

func (g *TaskGroup) someHolders(most int) []uint64 { return g.scope.firstTasksBelow(nil, most) }

func (s *several[A]) someHolders(most int) (ids []uint64) {
	for _, a := range s.as[:min(len(s.as), 10*most)] {
		if t, ok := any(a).(AnyTask); ok && len(ids) < most && !a.Done() {
			ids = append(ids, t.ID())
		}
	}
	return ids
}

func (l *CapacityLimiter) someHolders(most int) []uint64 {
	if len(l.borrowers) > most {
		return nil
	}
	return l.holders()
}

func (l *RWLock) someHolders(most int) []uint64 {
	if len(l.reading.holds) > most {
		return nil
	}
	return l.holders()
}

// limitOf is a capacity as consoles are told it: 0 for none.
func limitOf(capacity int) int {
	if capacity == Unbounded {
		return 0
	}
	return capacity
}

// fillState says how full something is.
func fillState(length, limit int) string {
	if limit == 0 {
		return fmt.Sprintf("%d", length)
	}
	return fmt.Sprintf("%d of %d", length, limit)
}
