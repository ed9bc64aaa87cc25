package asyncio

import (
	"context"
	"io"
	"iter"
)

// Watch is a value that tasks can watch. Only the newest value is kept: whoever is slow
// sees fewer changes, but always ends with the last. For a configuration, a state, a
// progress; where every change counts use a [Broadcast].
//
// Make one with [NewWatch]. All methods are for code that runs on the loop.
type Watch[T any] struct {
	value   T
	version uint64
	closed  bool
	waiting WaitQueue // everybody who waits for a change
	home    bound
}

// NewWatch makes a Watch that holds value.
func NewWatch[T any](value T) *Watch[T] { return &Watch[T]{value: value} }

// Get returns the value.
func (w *Watch[T]) Get() T { return w.value }

// Set replaces the value and wakes whoever waits for a change, also where the new value
// equals the old. Use [Watch.Modify] to decide that.
func (w *Watch[T]) Set(v T) {
	w.home.check("Watch.Set")
	w.value = v
	w.version++
	w.waiting.WakeAll()
}

// Modify lets fn change the value in place. Watchers are told only where fn returns true.
func (w *Watch[T]) Modify(fn func(value *T) bool) {
	w.home.check("Watch.Modify")
	if !fn(&w.value) {
		return
	}
	w.version++
	w.waiting.WakeAll()
}

// Close says that the value will not change any more: waits end with [io.EOF]. The value
// can still be read, and Set and Modify still work but serve no purpose.
func (w *Watch[T]) Close() {
	w.home.check("Watch.Close")
	w.closed = true
	w.waiting.WakeAll()
}

// WaitFor waits until done holds for the value, and returns that value. It does not wait
// where it holds already. Values that were replaced before the task could look are not
// asked about. It returns [io.EOF] where the Watch was closed and done does not hold.
//
// A cancellation ends the wait and changes nothing.
func (w *Watch[T]) WaitFor(ctx context.Context, done func(T) bool) (T, error) {
	if _, err := w.home.enter(ctx, w); err != nil {
		return *new(T), err
	}
	for !done(w.value) {
		if err := w.change(ctx, w.version); err != nil {
			return *new(T), err
		}
	}
	return w.value, nil
}

// inUse tells whether a task waits for a change.
func (w *Watch[T]) inUse() bool { return w.waiting.Len() > 0 }

// change waits until the version is another than seen.
func (w *Watch[T]) change(ctx context.Context, seen uint64) error {
	for w.version == seen {
		if w.closed {
			return io.EOF
		}
		// A wake-up says "look again" and belongs to nobody: there is nothing to hand on.
		if _, err := w.waiting.Park(ctx, (*changingWatch[T])(w)); err != nil {
			return err
		}
	}
	return nil
}

// changingWatch is a Watch as what those wait for who wait for a change.
type changingWatch[T any] Watch[T]

func (w *changingWatch[T]) String() string { return "Watch" }
func (w *changingWatch[T]) of() *bound     { return &w.home }

// Watcher returns a Watcher that counts the present value as seen.
func (w *Watch[T]) Watcher() *Watcher[T] { return &Watcher[T]{w: w, seen: w.version} }

// Watcher remembers which value of a [Watch] one party has seen, so that no change is
// overlooked between two looks.
type Watcher[T any] struct {
	w    *Watch[T]
	seen uint64
}

// Changed waits until there is a value that this Watcher has not seen, and returns the
// newest, which then counts as seen. It does not wait where there is one already. It
// returns [io.EOF] where the Watch was closed and the last value was seen.
//
// A Changed that is cancelled has seen nothing (rule C3).
func (r *Watcher[T]) Changed(ctx context.Context) (T, error) {
	if _, err := r.w.home.enter(ctx, r.w); err != nil {
		return *new(T), err
	}
	if err := r.w.change(ctx, r.seen); err != nil {
		return *new(T), err
	}
	return r.Get(), nil
}

// HasChanged tells whether Changed would return a value without waiting.
func (r *Watcher[T]) HasChanged() bool { return r.seen != r.w.version }

// Get returns the newest value, which then counts as seen.
func (r *Watcher[T]) Get() T {
	r.seen = r.w.version
	return r.w.value
}

// All returns the newest value at each change, for use in a range statement. The loop
// ends when the Watch is closed and its last value was seen, or when ctx ends: ctx.Err
// tells which.
func (r *Watcher[T]) All(ctx context.Context) iter.Seq[T] {
	return func(yield func(T) bool) {
		for {
			v, err := r.Changed(ctx)
			if err != nil || !yield(v) {
				return
			}
		}
	}
}
