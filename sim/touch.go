package sim

import "github.com/goasyncio/asyncio/sim/internal/explore"

// Declared says that steps tell what they touch: see [World.Touch]. Of the orders that
// differ only in steps which have nothing in common, [Exhaust] then runs one, and the
// others no more (sleep sets, Godefroid 1996). It has no effect under a bound, such as
// [Preemptions], and none on [Check].
func Declared() Option { return func(o *options) { o.declared = true } }

// Touch tells that the step which runs touches these objects, and nothing else that
// another task looks at or changes: a lock, a queue, a variable, each by a pointer or
// another comparable value. A step that calls it without any touches only what is its
// task's own. A step that does not call it may touch everything. It is for programs under
// [Exhaust] with [Declared]; a declaration that is not true hides orders.
func (w *World) Touch(objects ...any) {
	if !w.opts.declared {
		return
	}
	w.touched = true
	for _, o := range objects {
		id, known := w.objects[o]
		if !known {
			if w.objects == nil {
				w.objects = map[any]int{}
			}
			id = len(w.objects)
			w.objects[o] = id
		}
		w.chooser.Touch(id)
	}
}

// untold is called after each step: one that has not told what it touches touches all.
func (w *World) untold() {
	if !w.touched {
		w.chooser.TouchAll()
	}
	w.touched = false
}

// search is what an exhaustive search of the campaign looks at.
func (o *options) search(limits explore.Limits) explore.Search {
	return explore.Search{Bound: o.bound, Limits: limits, Footprints: o.declared}
}
