package asyncio

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// TaskInfo describes a task at one moment.
type TaskInfo struct {
	ID       uint64
	Name     string
	State    string // "ready", "running", "waiting" or "done"
	Parent   uint64 // the task under whose context it was created; 0 for none
	Children []uint64

	// Created is where the task was created; outside debug mode it is where
	// its function is written.
	Created string

	WaitsFor string    // what it waits for
	Since    time.Time // since about when: the time of the loop's last look at the clock
	Tasks    []uint64  // the tasks that could end the wait, if that is known

	Stack []byte // only where a report needs it
}

// String is one line about the task.
func (i TaskInfo) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "task %q %s", i.Name, i.State)
	if i.WaitsFor != "" {
		fmt.Fprintf(&b, " for %s", i.WaitsFor)
	}
	if i.Created != "" {
		fmt.Fprintf(&b, " (created at %s)", i.Created)
	}
	return b.String()
}

// CurrentTask is the task that runs, or nil in a callback. It panics where ctx
// does not come from a running loop.
func CurrentTask(ctx context.Context) AnyTask {
	if t := mustLoop(ctx).current; t != nil {
		return t.body.task()
	}
	return nil
}

// AllTasks is every task of the loop that has not ended, in order of creation.
func AllTasks(ctx context.Context) []AnyTask {
	l := mustLoop(ctx)
	all := make([]AnyTask, 0, l.tasks.n)
	for t := range l.tasks.all() {
		all = append(all, t.body.task())
	}
	return all
}

// Info describes the task as it is now. Only the loop's tasks and callbacks may
// call it.
func (t *taskCore) Info() TaskInfo {
	i := TaskInfo{ID: t.id, Name: t.Name(), State: t.state.String(), Created: t.createdAt()}
	if p := t.parent(); p != nil {
		i.Parent = p.id
	}
	for _, s := range t.scope.below() {
		i.Children = s.tasksBelow(i.Children)
	}
	if t.state == stateParked {
		i.WaitsFor = describe(t.coroutine.on)
		i.Since = t.scope.loop.timeOf(t.coroutine.since)
		i.Tasks = t.waitsForTasks()
	}
	return i
}

func (s taskState) String() string {
	return [...]string{"ready", "running", "waiting", "done"}[s]
}

// tasksBelow appends the tasks whose scopes are s or below it, without those
// below such a task.
func (s *scope) tasksBelow(ids []uint64) []uint64 {
	if t := s.own(); t != nil {
		return append(ids, t.id)
	}
	for _, below := range s.below() {
		ids = below.tasksBelow(ids)
	}
	return ids
}

// parent is the task under whose context t was created, or the next one above if that
// has ended.
func (t *taskCore) parent() *taskCore {
	for s := t.scope.outer(); s != nil; s = s.outer() {
		if t := s.own(); t != nil && t.state != stateDone {
			return t
		}
	}
	return nil
}

// outer is the scope whose cancellation reaches s, directly or through a context of the
// standard library, or nil.
func (s *scope) outer() *scope {
	if s.up != nil || s.values.Done() == nil {
		return s.up
	}
	around, _ := s.values.Value(scopeKey{}).(*scope)
	return around
}

func (t *taskCore) createdAt() string {
	file, line, function := t.site()
	if file == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d in %s", shortName(file), line, shortName(function))
}

// shortName is the last part of a path of slashes.
func shortName(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// A holder is a thing to wait for that knows which tasks could end the wait.
type holder interface{ holders() []uint64 }

// waitsForTasks are the tasks that t waits for.
func (t *taskCore) waitsForTasks() []uint64 {
	switch on := t.coroutine.on.(type) {
	case *taskCore:
		return []uint64{on.id}
	case *joined:
		return []uint64{on.id}
	case holder:
		return on.holders()
	}
	return nil
}

// describe says what a task waits for.
func describe(on any) string {
	switch on := on.(type) {
	case nil:
		return "something"
	case string:
		return on
	case fmt.Stringer:
		return on.String()
	}
	return fmt.Sprintf("%s %p", nameOfType(on), on)
}

// nameOfType is the name of x's type, without that of this package.
func nameOfType(x any) string {
	name := strings.TrimPrefix(reflect.TypeOf(x).String(), "*")
	name, _, _ = strings.Cut(strings.TrimPrefix(name, "asyncio."), "[")
	return name
}
