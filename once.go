package asyncio

import "context"

// A Once computes a value the first time that it is asked for, also where the
// computation waits. While one task computes, the others that ask wait for its
// result; where it fails or is cancelled, the next of them tries.
//
// The zero value is ready. All methods are for the tasks and callbacks of one loop,
// but for a value that is there already, which any loop may ask for.
type Once[T any] struct {
	home    bound
	waiters WaitQueue
	busy    bool // a task computes, or was woken to
	done    bool
	value   T
}

// Do returns the value, computing it with fn in the calling task if nobody has. It
// does not suspend where the value is there (S4).
//
// An error that fn returns goes to this caller alone and is not kept; so does a
// panic. Where ctx ends while the task waits for another's result, Do returns ctx's
// error, and the other computes on. It returns [ErrOtherLoop] where tasks of another
// loop compute or wait. fn must not call Do of the same Once: it would wait for
// itself.
func (o *Once[T]) Do(ctx context.Context, fn func(ctx context.Context) (T, error)) (T, error) {
	var none T
	t, err := checkpoint(ctx)
	switch {
	case err != nil:
		return none, err
	case o.done: // asked after the checkpoint, which may have let others run
		return o.value, nil
	}
	if err := o.home.admit(t.scope.loop, o); err != nil {
		return none, err
	}
	if o.busy {
		woken, err := o.waiters.Park(ctx, o)
		if err != nil {
			if woken {
				o.finish()
			}
			return none, err
		}
		if o.done {
			return o.value, nil
		}
	}
	return o.compute(ctx, fn)
}

// Get returns the value, and whether there is one yet. It never waits.
func (o *Once[T]) Get() (T, bool) { return o.value, o.done }

// String tells what a waiter waits for.
func (o *Once[T]) String() string { return "Once" }

func (o *Once[T]) compute(ctx context.Context, fn func(ctx context.Context) (T, error)) (T, error) {
	o.busy = true
	defer o.finish() // also where fn panics or ends the task
	value, err := fn(ctx)
	if err != nil {
		var none T
		return none, err
	}
	o.value, o.done = value, true
	return value, nil
}

// finish wakes everybody where the value is there, and else the next one to try;
// busy stays set for that one, so that a newcomer does not overtake it.
func (o *Once[T]) finish() {
	if o.done {
		o.busy = false
		o.waiters.WakeAll()
		return
	}
	o.busy = o.waiters.Wake(1) > 0
}

func (o *Once[T]) inUse() bool { return o.busy }
