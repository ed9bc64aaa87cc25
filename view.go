package asyncio

import (
	"fmt"
	"reflect"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// view is a loop between two steps, as a console sees it: no task runs, and each that
// has begun is suspended.
type view Loop

// counts are what a loop counts for consoles, beside what its queue counts.
type counts struct {
	wakeups uint64 // times the loop slept and was woken
	posts   uint64 // calls from other goroutines
}

func (v *view) Stats() monitor.Stats {
	l := (*Loop)(v)
	s := monitor.Stats{
		At: l.timeOf(l.driver.Now()), Tasks: l.tasks.n, Created: l.lastTask,
		Waiting: l.tasks.n - l.ready.tasks(), Ready: l.ready.n, Timers: len(l.timers.nodes),
		Threads: l.threads, Handles: l.handles, Descriptors: l.owners.n,
		Contexts: l.bridges.n, Coroutines: l.coroutines,
		Rounds: l.ready.rounds, Entries: l.ready.entries,
		Wakeups: l.counts.wakeups, Posts: l.counts.posts,
	}
	if next := l.timers.next(); next != driver.Forever {
		s.Next = l.timeOf(next)
	}
	for _, a := range l.unseen.list {
		if !a.ending().observed {
			s.Failures++
		}
	}
	if l.meter != nil {
		l.meter.put(&s, l)
	}
	return s
}

// A slice bounds what one look at the loop may take. A virtual clock stands still
// meanwhile, and there only the number counts.
type slice struct {
	driver driver.Driver
	until  driver.Instant
	n      int
}

const (
	longestSlice = 200 * time.Microsecond
	largestSlice = 512
)

func (v *view) slice() slice {
	return slice{driver: v.driver, until: v.driver.Now().Add(longestSlice)}
}

// full tells that it is enough. It is asked before each element.
func (s *slice) full() bool {
	s.n++
	return s.n > largestSlice || s.n%8 == 0 && s.driver.Now() >= s.until
}

func (v *view) Tasks(after uint64, buf []monitor.Task) (tasks []monitor.Task, more bool) {
	s := v.slice()
	for t := range v.tasks.after(after) {
		if len(buf) == cap(buf) || s.full() {
			return buf, true
		}
		buf = append(buf, t.look())
	}
	return buf, false
}

func (v *view) Task(id uint64) (monitor.Task, []monitor.Frame, bool) {
	for t := range v.tasks.after(id - 1) {
		if t.id != id {
			break
		}
		return t.look(), t.stack(), true
	}
	return monitor.Task{}, nil, false
}

func (v *view) Describe(ref any) string { return describeSafely(ref) }

// look is the task as consoles see it.
func (t *taskCore) look() monitor.Task {
	l := t.scope.loop
	m := monitor.Task{
		ID: t.id, Name: t.Name(), State: t.state.String(),
		Site: siteOf(codeOf(t.body.source())), Ending: t.scope.state.Load() != nil,
		Priority: int(t.priority), Begun: t.coroutine != nil,
	}
	if p := t.parent(); p != nil {
		m.Parent = p.id
	}
	if t.extra != nil && t.extra.created != nil {
		file, line, function := caller(t.extra.created)
		m.Created = monitor.Site{Function: function, File: file, Line: line}
	}
	if t.state == stateParked {
		on := t.coroutine.on
		m.WaitsFor, m.On = describeSafely(on), identityOf(on)
		m.Since, m.Until = l.timeOf(t.coroutine.since), t.wakesAt()
		m.Tasks = t.someWaitedFor()
	}
	return m
}

func siteOf(code uintptr) monitor.Site {
	file, line, function := written(code)
	return monitor.Site{Function: function, File: file, Line: line}
}

// wakesAt is when a timer ends the wait of a parked task: that of its sleep, or that of
// a timeout around it. It is zero where there is none.
func (t *taskCore) wakesAt() (at time.Time) {
	if s, ok := t.coroutine.on.(*sleeper); ok && s.timer.pos != 0 {
		l := t.scope.loop
		at = l.timeOf(l.timers.nodes[s.timer.pos-1].when)
	}
	if s := t.coroutine.under; s != nil {
		if end, ok := s.Deadline(); ok && (at.IsZero() || end.Before(at)) {
			at = end
		}
	}
	return at
}

// manyHolders is how many tasks a console is told at most of those that one waits for:
// main may wait for a hundred thousand, and be looked at each second.
const manyHolders = 100

// someWaitedFor are the first of the tasks that t waits for.
func (t *taskCore) someWaitedFor() []uint64 {
	switch on := t.coroutine.on.(type) {
	case someHolder:
		return on.someHolders(manyHolders)
	}
	ids := t.waitsForTasks()
	return ids[:min(len(ids), manyHolders)]
}

// firstTasksBelow is tasksBelow for the scopes below s, up to that many tasks.
func (s *scope) firstTasksBelow(ids []uint64, most int) []uint64 {
	for b := s.first; b != nil && len(ids) < most; b = b.next {
		if t := b.own(); t != nil {
			ids = append(ids, t.id)
		} else {
			ids = b.firstTasksBelow(ids, most)
		}
	}
	return ids
}

// describeSafely is describe for consoles: what a task waits for may be the user's, and
// its String is called when nobody expects it.
func describeSafely(on any) (text string) {
	defer func() {
		if v := recover(); v != nil {
			text = fmt.Sprintf("a %T whose String panics", on)
		}
	}()
	return describe(on)
}

// identityOf is the same number for all who wait for the same object, and 0 where what
// they wait for is none.
func identityOf(on any) uint64 {
	switch on := on.(type) {
	case *sleeper:
		return 0
	case part:
		return on.of().id()
	}
	if v := reflect.ValueOf(on); v.Kind() == reflect.Pointer {
		return uint64(v.Pointer())
	}
	return 0
}
