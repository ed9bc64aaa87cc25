package tape

import (
	"cmp"
	"slices"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// A prior is what a task was in the middle of when a recording began, or after a gap.
type prior struct {
	id    uint64
	state State
	on    string // what it waits for
	since int64
	until int64 // when a timer will end the wait; 0 for none, or where nobody knows
	ends  int   // of one that runs: where its step ends, in the events that follow
}

// priors finds them. What the events say of a task counts first: a task that is woken
// was waiting, one that runs was ready. The listing was made later than the first
// events; it knows the names, and the tasks that do nothing.
func priors(items []item, listing []listed) (list []prior) {
	born, seen := map[uint64]bool{}, map[uint64]bool{}
	for n, i := range items {
		if i.Kind == monitor.Created {
			born[i.Task] = true
		}
		if i.Task == 0 || born[i.Task] || seen[i.Task] {
			continue
		}
		if s, ok := before(i.Event); ok {
			seen[i.Task] = true
			p := prior{id: i.Task, state: s, ends: n}
			if t, ok := find(listing, i.Task); ok && s == Waiting && t.state == Waiting {
				p.on = t.on // perhaps of a later wait: it is the best that is known
			}
			list = append(list, p)
		}
	}
	for _, t := range listing {
		if !born[t.id] && !seen[t.id] {
			list = append(list, prior{id: t.id, state: idle(t.state), on: t.on, since: t.since, until: t.until})
		}
	}
	slices.SortFunc(list, func(a, b prior) int { return cmp.Compare(a.id, b.id) })
	return list
}

// before is the state in which a task must have been for e to happen to it.
func before(e monitor.Event) (State, bool) {
	switch e.Kind {
	case monitor.Step:
		return Ready, true
	case monitor.Parked, monitor.Done:
		return Running, true
	case monitor.Woken:
		if e.Cause == monitor.ByYield {
			return Running, true
		}
		return Waiting, true
	}
	return 0, false
}

// idle is the state of a task that has done nothing since the recording began: it does
// not run, for a listing is made between two steps.
func idle(s State) State {
	if s == Running {
		return Ready
	}
	return s
}

// begin makes the events that say what was there.
func (d *decoder) begin(priors []prior, listing []listed, at int64) (events []Event) {
	d.names = map[uint64]string{}
	for _, p := range priors {
		t, _ := find(listing, p.id)
		since := min(at, p.since)
		if p.state == Running { // nobody knows since when: perhaps just now
			since = at
		}
		d.name(Task{ID: p.id, Name: t.name, Parent: t.parent, Function: t.site.Function, File: t.site.File, Line: t.site.Line})
		events = append(events, Event{At: at, Kind: Exists, Task: p.id, A: int64(p.state), B: d.text(p.on), C: since, D: p.until})
	}
	d.resume(priors)
	return events
}

// resume sets what was in the middle of a step: the one whose step ends first has been
// started by the next.
func (d *decoder) resume(priors []prior) {
	d.running = d.running[:0]
	var running []prior
	for _, p := range priors {
		if p.state == Running {
			running = append(running, p)
		}
	}
	slices.SortFunc(running, func(a, b prior) int { return cmp.Compare(b.ends, a.ends) })
	for _, p := range running {
		d.running = append(d.running, p.id)
	}
}
