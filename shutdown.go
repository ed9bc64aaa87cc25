package asyncio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goasyncio/asyncio/internal/coro"
)

// errShutdown is why the tasks that are left at the end of main are cancelled.
var errShutdown = errors.New("asyncio: main has ended")

// lastRounds is how many rounds the callbacks get that are left when no task is: a
// callback may call the next one, but not for ever. Tasks that are ended by force, and
// those that they start, get as many.
const lastRounds = 100

// shutDown ends all tasks: it cancels them, in order of creation, also those that
// are born meanwhile, and runs the loop until none is left, and then the callbacks
// that wait for their turn, such as those of the tasks' ends. Tasks that have not
// ended after the grace period, or can never be woken again, are reported and ended
// by force; notEnded names them.
func (l *Loop) shutDown() {
	l.stepwise = true
	failed := l.failure
	l.failure = nil
	if l.lastTimer != nil {
		l.lastTimer.Cancel() // of a shutdown that was broken off: see abandon
	}
	l.lastTimer, l.notEnded = nil, nil
	l.endTasks()
	l.posts.refuse()
	for i := 0; l.posts.some.Load() || l.ready.n > 0 && i < lastRounds; i++ {
		l.round()
		l.endTasks()
	}
	if l.lastTimer != nil {
		l.lastTimer.Cancel()
		l.lastTimer = nil
	}
	l.failure = failed
}

// beginGrace begins the grace period, where it has not begun.
func (l *Loop) beginGrace() {
	if l.lastTimer == nil {
		l.lastTimer = l.callAt(l.driver.Now().Add(max(l.grace, 0)), func() {
			l.force("within the grace period of " + l.grace.String())
		})
	}
}

// nothingDue tells that no timer could wake a task: there is none but that of the
// grace period.
func (l *Loop) nothingDue() bool {
	switch len(l.timers.nodes) {
	case 0:
		return true
	case 1:
		return l.lastTimer != nil && l.lastTimer.timer.pos != 0
	}
	return false
}

// endlessRounds is more than a shutdown takes that will ever end.
const endlessRounds = 1_000_000

// endTasks cancels what has not been cancelled yet until no task and no thread is
// left. Tasks whose deferred functions start others could go on like that for ever: at
// the end of the rounds that those by force get, a new task has ended before it begins.
//
// Under a virtual clock no time passes while something is ready, and so no grace
// period ends: there it is over after endlessRounds at the latest.
func (l *Loop) endTasks() {
	for rounds := 0; l.tasks.n > 0 || l.threads > 0 && !l.killing; rounds++ {
		l.beginGrace()
		l.cancelled = l.cancelFrom(l.cancelled)
		l.round()
		if rounds == endlessRounds && l.driver.Virtual() {
			l.force(fmt.Sprintf("within %d rounds", rounds))
		}
		if l.killing {
			l.forced++
		}
		if l.failure != nil { // nobody can be woken any more
			l.force("and nothing is left that could wake it")
			l.failure = nil
		}
	}
}

// round runs one round of the loop, or, where a round is one entry, as many as there
// are entries now.
func (l *Loop) round() {
	l.stopping = false
	left := 1
	if l.explored != nil {
		left = max(1, l.ready.n)
	}
	l.drive(func() bool { left--; return left < 0 })
}

// cancelFrom cancels the tasks that were created after the one with the given
// number, in order of creation, and returns the number of the last.
func (l *Loop) cancelFrom(id uint64) uint64 {
	last := l.lastTask
	if last == id {
		return id
	}
	for _, t := range slices.Collect(l.tasks.after(id)) { // what watches a scope may create others
		t.scope.cancel(context.Canceled, errShutdown)
	}
	return last
}

// force makes the waits of the tasks that are left call Goexit, and reports them, also
// in notEnded.
func (l *Loop) force(why string) {
	if l.killing {
		return
	}
	l.killing = true
	left := l.infosWithStacks()
	for _, t := range slices.Collect(l.tasks.all()) { // an observer may create others
		t.killed = true
		if t.state == stateParked {
			t.unpark()
		}
	}
	var lines []string
	for _, info := range left {
		lines = append(lines, info.String())
	}
	if l.threads > 0 {
		lines = append(lines, fmt.Sprintf("%d calls of ToThread are still at work", l.threads))
	}
	// Last, for the user's function may end this goroutine: see abandon.
	for _, info := range left {
		l.report(Report{
			Message: fmt.Sprintf("task %q did not end %s: ended by force", info.Name, why),
			Err:     ErrNotEnded, Task: info.Name, Stack: info.Stack,
		})
	}
	if l.threads > 0 {
		l.report(Report{Message: lines[len(lines)-1], Err: ErrNotEnded})
	}
	if len(lines) > 0 { // else what is left are callbacks, and they come to an end
		l.notEnded = errors.Join(l.notEnded, fmt.Errorf("%w: %s", ErrNotEnded, strings.Join(lines, "; ")))
	}
}

// infosWithStacks describes the tasks that are left, with the stacks of those that have
// begun, which take one stop of the world for all.
func (l *Loop) infosWithStacks() []TaskInfo {
	stacks := coro.Stacks(l.number)
	all := make([]TaskInfo, 0, l.tasks.n)
	for t := range l.tasks.all() {
		info := t.Info()
		if t.coroutine != nil {
			info.Stack = stacks[t.id]
		}
		all = append(all, info)
	}
	return all
}
