package tape

import (
	"cmp"
	"maps"
	"slices"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// A prior is what a task was in the middle of when a recording began, or after a gap.
type prior struct {
	id    uint64
	state State
	on    string // what it waits for
	since int64
	ends  int // of one that runs: where its step ends, in the events that follow
}

// priors finds them. What the events say of a task counts first: a task that is woken
// was waiting, one that runs was ready. The listing was made later than the first
// events; it knows the names, and the tasks that do nothing.
func priors(items []item, listing []monitor.Task, since func(monitor.Task) int64) []prior {
	found := map[uint64]*prior{}
	born := map[uint64]bool{}
	for n, i := range items {
		if i.Kind == monitor.Created {
			born[i.Task] = true
		}
		if i.Task == 0 || born[i.Task] || found[i.Task] != nil {
			continue
		}
		if s, ok := before(i.Event); ok {
			found[i.Task] = &prior{id: i.Task, state: s, ends: n}
		}
	}
	for _, t := range listing {
		p := found[t.ID]
		switch {
		case born[t.ID]:
		case p == nil:
			found[t.ID] = &prior{id: t.ID, state: idle(t.State), on: t.WaitsFor, since: since(t)}
		case p.state == Waiting && t.State == "waiting":
			p.on = t.WaitsFor // perhaps of a later wait: it is the best that is known
		}
	}
	list := slices.Collect(maps.Values(found))
	slices.SortFunc(list, func(a, b *prior) int { return cmp.Compare(a.id, b.id) })
	priors := make([]prior, len(list))
	for i, p := range list {
		priors[i] = *p
	}
	return priors
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
func idle(state string) State {
	if s := stateOf(state); s != Running {
		return s
	}
	return Ready
}

// begin makes the events that say what was there.
func (d *decoder) begin(priors []prior, listing []monitor.Task, at int64) (events []Event) {
	names := map[uint64]monitor.Task{}
	for _, t := range listing {
		names[t.ID] = t
	}
	d.names = map[uint64]string{}
	for _, p := range priors {
		t := names[p.id]
		d.name(Task{ID: p.id, Name: t.Name, Parent: t.Parent, Function: t.Site.Function, File: t.Site.File, Line: t.Site.Line})
		events = append(events, Event{At: at, Kind: Exists, Task: p.id, A: int64(p.state), B: d.text(p.on), C: min(at, p.since)})
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
