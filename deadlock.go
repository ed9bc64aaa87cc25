package asyncio

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// A DeadlockError is the error of a Run in which every task waited and nobody was
// left who could wake one. It is an [ErrDeadlock].
type DeadlockError struct {
	// Cycles are tasks that wait for each other, in the order of waiting: the
	// first waits for the second, the last for the first. There may be none,
	// for example where a task waits at a queue into which nobody puts.
	Cycles [][]TaskInfo
	// Tasks are all tasks that waited, those in a cycle first.
	Tasks []TaskInfo
}

// Error has a line for each cycle and each task.
func (e *DeadlockError) Error() string {
	var b strings.Builder
	switch n := len(e.Tasks); n {
	case 1:
		fmt.Fprintf(&b, "%v: the only task waits, and nothing is left that could wake it", ErrDeadlock)
	default:
		fmt.Fprintf(&b, "%v: all %d tasks wait, and nothing is left that could wake one", ErrDeadlock, n)
	}
	for _, c := range e.Cycles {
		b.WriteString("\n  cycle:")
		for _, t := range c {
			fmt.Fprintf(&b, " %q waits for %s ->", t.Name, t.WaitsFor)
		}
		fmt.Fprintf(&b, " %q", c[0].Name)
	}
	for _, t := range e.Tasks {
		fmt.Fprintf(&b, "\n  %v", t)
	}
	return b.String()
}

// Unwrap is [ErrDeadlock].
func (e *DeadlockError) Unwrap() error { return ErrDeadlock }

// stuck ends a run in which nobody can ever be woken.
func (l *Loop) stuck() {
	l.failure = l.deadlock()
	l.stopping = true
	if monitor.Watched() {
		l.keepDeadlock()
		l.settle()
	}
	if l.explored != nil {
		l.explored.Stuck(l.failure)
	}
}

// settle lets those who record the loop ask what its tasks wait for.
func (l *Loop) settle() {
	if s := l.source.Load(); s != nil {
		(*view)(l).Flush()
		monitor.Settle(s)
	}
}

// keepDeadlock keeps for consoles what the shutdown is about to take apart.
func (l *Loop) keepDeadlock() {
	e, ok := l.failure.(*DeadlockError)
	if !ok || l.source.Load() == nil {
		return
	}
	d := &monitor.Deadlock{Err: e}
	for _, c := range e.Cycles {
		var cycle []monitor.Task
		for _, i := range c {
			cycle = append(cycle, i.look())
		}
		d.Cycles = append(d.Cycles, cycle)
	}
	for t := range l.tasks.all() {
		if len(d.Tasks) == manyDeadlocked {
			break
		}
		d.Tasks, d.Stacks = append(d.Tasks, t.look()), append(d.Stacks, t.stack())
	}
	l.source.Load().deadlock = d
}

// manyDeadlocked is of how many tasks consoles learn where they stood.
const manyDeadlocked = 1000

// look is the task as consoles see it.
func (i TaskInfo) look() monitor.Task {
	return monitor.Task{
		ID: i.ID, Name: i.Name, State: i.State, Parent: i.Parent,
		WaitsFor: i.WaitsFor, Since: i.Since, Tasks: i.Tasks, Begun: true,
	}
}

func (l *Loop) deadlock() error {
	e := &DeadlockError{}
	byID := make(map[uint64]TaskInfo)
	for t := range l.tasks.all() {
		i := t.Info()
		byID[i.ID] = i
		e.Tasks = append(e.Tasks, i)
	}
	if len(e.Tasks) == 0 {
		return errors.New("asyncio: the loop has nothing left to do, and main has not ended")
	}
	e.Cycles = cycles(e.Tasks, byID)
	inCycle := make(map[uint64]bool)
	for _, c := range e.Cycles {
		for _, t := range c {
			inCycle[t.ID] = true
		}
	}
	slices.SortStableFunc(e.Tasks, func(a, b TaskInfo) int {
		switch {
		case inCycle[a.ID] == inCycle[b.ID]:
			return 0
		case inCycle[a.ID]:
			return -1
		}
		return 1
	})
	return e
}

// cycles finds the cycles of the graph of who waits for whom, each once, by a walk
// in depth that starts at the tasks in order of their creation.
func cycles(tasks []TaskInfo, byID map[uint64]TaskInfo) (found [][]TaskInfo) {
	const visiting, visited = 1, 2
	mark := make(map[uint64]int)
	var path []TaskInfo
	var walk func(TaskInfo)
	walk = func(t TaskInfo) {
		mark[t.ID] = visiting
		path = append(path, t)
		for _, id := range t.Tasks {
			next, ok := byID[id]
			switch {
			case !ok:
			case mark[id] == visiting:
				from := slices.IndexFunc(path, func(p TaskInfo) bool { return p.ID == id })
				found = append(found, slices.Clone(path[from:]))
			case mark[id] == 0:
				walk(next)
			}
		}
		path = path[:len(path)-1]
		mark[t.ID] = visited
	}
	for _, t := range tasks {
		if mark[t.ID] == 0 {
			walk(t)
		}
	}
	return found
}
