package tape

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/goasyncio/asyncio/internal/monitor"
)

const (
	// patience is how long a loop that owes an answer may be in one step. Then it is blocked.
	patience = 250 * time.Millisecond
	// slice is for how long one question may hold up a loop.
	slice = 250 * time.Microsecond
	// maxSlices bounds how many questions in a row are put for the sake of one batch, so
	// that a loop gives a hundredth of its time and not more. What is not answered by then
	// is answered less well, without the loop.
	maxSlices = 4
	// mostListed bounds a list of all tasks. It is made once, in as many slices as it takes.
	mostListed = 1_000_000
)

// An asker has a loop call functions, one at a time: a loop that does not answer
// collects one question and not many.
type asker struct {
	src     monitor.Source
	pending chan struct{} // closed when the last question was answered
	pulse   monitor.Pulse // of the loop since then
	stop    <-chan struct{}
	hurry   <-chan struct{}
}

// ask has the loop call f, and waits until it has. False says that it has not, perhaps
// not yet: f must write to nothing that is read then. It waits for as long as the loop
// sleeps or goes from step to step.
func (a *asker) ask(ctx context.Context, f func(monitor.View)) bool {
	if !a.free() {
		return false
	}
	done := make(chan struct{})
	a.pending = done
	a.pulse.Begin(a.src)
	if !a.src.Post(func(v monitor.View) { defer close(done); f(v) }) {
		a.pending = nil
		return false
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case <-done:
			a.pending = nil
			return true
		case <-ctx.Done():
			return false
		case <-a.stop:
			return false
		case <-a.hurry:
			return false
		case <-a.src.Ended():
			return false
		case <-timer.C:
			if a.blocked() {
				return false
			}
			timer.Reset(patience / 5)
		}
	}
}

// free tells that no question is left without an answer.
func (a *asker) free() bool {
	if a.pending != nil {
		select {
		case <-a.pending:
			a.pending = nil
		default:
		}
	}
	return a.pending == nil
}

// blocked tells that the loop owes an answer and is stuck in one step.
func (a *asker) blocked() bool {
	return !a.free() && a.pulse.Stuck(a.src) >= patience
}

// A listed task is what a recording needs of a monitor.Task: there may be a hundred
// thousand.
type listed struct {
	id, parent uint64
	name, on   string
	site       monitor.Site
	state      State
	since      int64
	until      int64 // 0 for none
}

// list is all tasks of the loop, by their IDs. It is complete but for those made
// meanwhile, which the tape tells of.
func (a *asker) list(ctx context.Context) (all []listed, complete bool) {
	started := a.src.Started()
	buf := make([]monitor.Task, 0, 512)
	for len(all) < mostListed {
		answer := make(chan page, 1)
		after := uint64(0)
		if n := len(all); n > 0 {
			after = all[n-1].id
		}
		if !a.ask(ctx, func(v monitor.View) {
			tasks, more := v.Tasks(after, buf[:0])
			answer <- page{tasks, more}
		}) {
			return all, false // the loop may yet write to buf
		}
		p := <-answer
		for i := range p.tasks {
			all = append(all, newListed(&p.tasks[i], started))
		}
		if !p.more || len(p.tasks) == 0 {
			return all, true
		}
	}
	return all, true
}

type page struct {
	tasks []monitor.Task
	more  bool
}

func newListed(t *monitor.Task, started time.Time) listed {
	l := listed{id: t.ID, parent: t.Parent, name: t.Name, on: t.WaitsFor, site: t.Site, state: stateOf(t.State)}
	if !t.Since.IsZero() {
		l.since = int64(t.Since.Sub(started))
	}
	if !t.Until.IsZero() {
		l.until = max(int64(t.Until.Sub(started)), 0)
	}
	return l
}

// find is the task with that ID.
func find(all []listed, id uint64) (l listed, ok bool) {
	i, ok := slices.BinarySearchFunc(all, id, func(l listed, id uint64) int { return cmp.Compare(l.id, id) })
	if ok {
		l = all[i]
	}
	return l, ok
}
