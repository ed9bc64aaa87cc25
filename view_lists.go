package asyncio

import (
	"iter"
	"slices"

	"github.com/goasyncio/asyncio/internal/monitor"
)

func (v *view) Timers(after int, buf []monitor.Timer) ([]monitor.Timer, bool) {
	nodes := v.timers.nodes
	return fill(v, 0, buf, slices.Values(nodes[min(after, len(nodes)):]), func(n timerNode) monitor.Timer {
		task, what := dueOf(n.timer.due)
		return monitor.Timer{When: (*Loop)(v).timeOf(n.when), What: what, Task: task}
	})
}

func (v *view) Descriptors(after int, buf []monitor.Descriptor) ([]monitor.Descriptor, bool) {
	return fill(v, after, buf, v.owners.all(), func(fd int) monitor.Descriptor {
		return monitor.Descriptor{FD: fd, What: nameOfType(v.owners.table[fd].sink)}
	})
}

func (v *view) Threads(after int, buf []monitor.Thread) ([]monitor.Thread, bool) {
	return fill(v, after, buf, v.calls.all(), func(r *callRecord) monitor.Thread {
		return monitor.Thread{Task: r.task, Site: siteOf(r.function), Since: (*Loop)(v).timeOf(r.since)}
	})
}

func (v *view) Failures(after int, buf []monitor.Failure) ([]monitor.Failure, bool) {
	return fill(v, after, buf, v.unseen.all(), func(a Awaitable) monitor.Failure {
		return monitor.Failure{Task: a.name(), Error: errorText(a.ending().err)}
	})
}

// fill appends to buf what look makes of the elements behind the first after, as long as
// a slice lasts. more tells that something is left.
func fill[E, T any](v *view, after int, buf []T, elements iter.Seq[E], look func(E) T) (filled []T, more bool) {
	s := v.slice()
	for e := range elements {
		if after > 0 {
			after--
			continue
		}
		if len(buf) == cap(buf) || s.full() {
			return buf, true
		}
		buf = append(buf, look(e))
	}
	return buf, false
}

// dueOf says what a timer will do, and for which task, if it is one's.
func dueOf(due entry) (task uint64, what string) {
	switch due := due.(type) {
	case *sleeper:
		if due.task != nil {
			task = due.task.id
		}
		return task, "sleep"
	case *Timeout:
		return 0, "timeout"
	case *Handle:
		return 0, callbackName(codeOf(due.f))
	}
	return 0, nameOfType(due)
}

// callbackName is what consoles call a callback whose code begins there.
func callbackName(code uintptr) string {
	if _, _, function := written(code); function != "" {
		return "callback " + shortName(function)
	}
	return "callback"
}

// all yields the numbers of the descriptors that have an owner.
func (o *owners) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for fd := range o.table {
			if o.table[fd].gen != 0 && !yield(fd) {
				return
			}
		}
	}
}

// all yields the calls that have not come back.
func (c *callList) all() iter.Seq[*callRecord] {
	return func(yield func(*callRecord) bool) {
		for r := c.first; r != nil && yield(r); r = r.next {
		}
	}
}

// all yields those that still nobody has looked at.
func (u *unseen) all() iter.Seq[Awaitable] {
	return func(yield func(Awaitable) bool) {
		for _, a := range u.list {
			if !a.ending().observed && !yield(a) {
				return
			}
		}
	}
}

// errorText is err's message: its Error is the user's, and is called when nobody expects
// it.
func errorText(err error) (text string) {
	defer func() {
		if v := recover(); v != nil {
			text = "an error of type " + nameOfType(err) + " whose Error panics"
		}
	}()
	return err.Error()
}
