package asyncio

import (
	"context"
	"errors"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// ErrOtherLoop is returned where a lock, an event, or another such object is in use
// on one loop and a task of another loop waits for it. Nothing in these objects is
// protected against a second loop, which runs on a second goroutine: make one object
// for each loop, or hand the work over with a [LoopHandle].
var ErrOtherLoop = errors.New("asyncio: this object is in use on another loop: make one for each loop")

// bound remembers the loop that an object is used on. An object that nobody holds
// and nobody waits for may move to another loop, so that a package-level Lock
// survives one Run after the other.
type bound struct {
	_    noCopy
	loop *Loop
}

// user is a primitive that can tell whether some task depends on its state.
type user interface{ inUse() bool }

// enter is the beginning of every wait for the object: it is [Checkpoint], and binds
// the object to the caller's loop, or returns [ErrOtherLoop] where another loop is
// using it.
func (b *bound) enter(ctx context.Context, u user) (*taskCore, error) {
	if b.passes(ctx) {
		return b.loop.current, nil
	}
	t, err := checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	return t, b.admit(t.scope.loop, u)
}

// passes is enter for what nearly every call finds: the object knows its loop, and the
// wait may end at once. Where it returns false the caller asks enter. It is short enough
// to be inlined, and asks one thing after the other, so that compares and jumps are all
// that is left of it.
func (b *bound) passes(ctx context.Context) bool {
	s, ok := ctx.(*scope)
	if !ok {
		return false
	}
	l := s.loop
	if l != b.loop || l.budget <= 1 || l.current == nil || l.debug {
		return false
	}
	if s.state.Load() != nil {
		return false
	}
	l.budget--
	return true
}

func (b *bound) admit(loop *Loop, u user) error {
	if loop == b.loop {
		return nil
	}
	if b.loop != nil && u.inUse() {
		return ErrOtherLoop
	}
	b.move(loop)
	if monitor.Watched() {
		loop.resources.meet(u)
	}
	return nil
}

// move binds the object to another loop. The one before may be showing it to a console.
func (b *bound) move(to *Loop) {
	if from := b.loop; from != nil {
		from.shows.Lock()
		defer from.shows.Unlock()
	}
	b.loop = to
}

// running returns the task whose step this is, and nil in a callback or before the
// object met its loop. It is how methods without a ctx, such as Release, know their
// caller: an object is only ever used on the loop it is bound to.
func (b *bound) running() *taskCore {
	if b.loop == nil {
		return nil
	}
	return b.loop.current
}

// check panics, in debug mode, where the caller is not on the object's loop: a
// goroutine that sets an event or releases a lock races with the loop, and wakes
// nobody who sleeps. It must use a [LoopHandle] (T1). Methods that take a ctx are
// checked by their Checkpoint.
func (b *bound) check(call string) {
	if b.loop != nil {
		b.loop.check(call)
	}
}

// forced tells whether the loop is ending its tasks by force. Such a task leaves a
// wait without what the wait promises, the lock of a condition for one, and runs its
// deferred calls: what they release need not be held, and a panic about that would
// hide the report of the forced end.
func (b *bound) forced() bool { return b.loop != nil && b.loop.killing }

// noCopy makes go vet report copies of the struct that contains it.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// nameOf and idsOf describe a holder that may be unknown.
func nameOf(t *taskCore) string {
	if t == nil {
		return ""
	}
	return t.Name()
}

func idsOf(t *taskCore) []uint64 {
	if t == nil {
		return nil
	}
	return []uint64{t.id}
}
