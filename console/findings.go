package console

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/console/internal/wire"
	"github.com/goasyncio/asyncio/internal/monitor"
)

const (
	fewWakes    = 100 // wake-ups before it is told that a task wakes itself
	hogStep     = time.Millisecond
	growthLooks = 10
)

// How long things must last before they are told. These change in tests alone.
var (
	lookEvery  = time.Second
	longWait   = time.Second // that a lock should not be held across
	hogTime    = 2 * time.Second
	growthTime = 10 * time.Second
)

// busy finds tasks that keep the loop busy instead of waiting for something.
func busy(list *listing, s *tape.Stats) (found []finding) {
	over := s.Since()
	for i, t := range list.tasks {
		breathe(i)
		c, ok := s.Task(t.ID)
		spent := time.Duration(c.Busy)
		switch {
		case !ok:
		case c.Waits == 0 && over >= hogTime && spent > over/2 && c.Steps > 0 && spent/time.Duration(c.Steps) >= hogStep:
			found = append(found, about(t, wire.WarnNeverWaits, fmt.Sprintf(
				"The task has had the loop for %v of the last %v, in %d steps, and has not waited once. What computes belongs in ToThread.",
				spent.Round(time.Millisecond), over.Round(time.Millisecond), c.Steps)))
		case c.Wakes >= fewWakes && c.SelfWakes > c.Wakes/2:
			found = append(found, about(t, wire.WarnSelfWakes, fmt.Sprintf(
				"Of %d times that the task ran again, %d times it had only given way, and nobody else was there to run: it keeps the processor busy with looking. Let it wait for what it looks for.",
				c.Wakes, c.SelfWakes)))
		}
	}
	return found
}

// about is a finding about a task.
func about(t monitor.Task, kind, text string) finding {
	return finding{
		Warning: wire.Warning{Kind: kind, Task: t.ID, Name: t.Name, Text: text, Since: time.Now()},
		subject: strconv.FormatUint(t.ID, 10),
	}
}

// held finds locks whose holders have waited for long, as of when they were listed, while
// others wait for the lock.
func held(list *listing, now time.Time, things []monitor.Resource) (found []finding) {
	for _, r := range things {
		if r.Waiting == 0 || !strings.Contains(r.Kind, "Lock") {
			continue // who has a part of a semaphore's permits may well wait with it
		}
		for _, id := range r.Holders {
			i := list.find(id)
			if i < 0 || list.tasks[i].State != "waiting" || now.Sub(list.tasks[i].Since) < longWait {
				continue
			}
			if list.graph().inCycle(id) {
				continue // which is told by itself
			}
			t := list.tasks[i]
			f := about(t, wire.WarnLockHeld, fmt.Sprintf(
				"The task holds a %s for which %d wait, and has itself waited for %s for %v. Release the lock before a long wait.",
				r.Kind, r.Waiting, or(t.WaitsFor, "something"), now.Sub(t.Since).Round(time.Millisecond)))
			f.subject += " " + strconv.FormatUint(r.ID, 10)
			found = append(found, f)
		}
	}
	return found
}

// circular finds tasks that wait for each other and can never go on, although others can.
// Where one of them has a deadline it will. A listing is not made at one moment, and so
// may show a cycle that never was: it counts when a later one shows it too.
func (w *watch) circular(list *listing, at time.Time) (found []finding) {
	fresh := map[string]time.Time{}
	for _, c := range list.graph().cycles {
		var names, keys []string
		ends := false
		for _, id := range c {
			t := list.tasks[list.find(id)]
			ends = ends || !t.Until.IsZero()
			names = append(names, fmt.Sprintf("%q waits for %s", t.Name, or(t.WaitsFor, "something")))
			keys = append(keys, strconv.FormatUint(id, 10), t.Since.String())
		}
		if ends {
			continue
		}
		key := strings.Join(keys, " ")
		since, ok := w.cycles[key]
		if !ok {
			since = at
		}
		fresh[key] = since
		if at.After(since) {
			f := about(list.tasks[list.find(c[0])], wire.WarnCycle, "These tasks wait for each other: "+strings.Join(names[:min(len(names), 20)], ", ")+".")
			f.subject = key
			found = append(found, f)
		}
	}
	w.cycles = fresh
	return found
}

// growth is how the length of a queue has changed since it has begun to grow.
type growth struct {
	length, first, looks int
	since                time.Time
	seen                 uint64
}

// growing finds queues that have only grown for a while. One with a bound cannot grow on.
func (w *watch) growing(things []monitor.Resource) (found []finding) {
	w.looked++
	for _, r := range things {
		if r.Limit > 0 || r.Length == 0 || !strings.Contains(r.Kind, "Queue") && r.Kind != "Channel" {
			continue
		}
		g := w.queues[r.ID]
		if g == nil || r.Length < g.length {
			g = &growth{length: r.Length, first: r.Length, since: time.Now()}
			w.queues[r.ID] = g
		}
		if r.Length > g.length {
			g.length, g.looks = r.Length, g.looks+1
		}
		g.seen = w.looked
		if over := time.Since(g.since); g.looks >= growthLooks && over >= growthTime {
			found = append(found, finding{subject: strconv.FormatUint(r.ID, 10), Warning: wire.Warning{
				Kind: wire.WarnQueueGrows, Name: r.Kind, Since: time.Now(),
				Text: fmt.Sprintf("The length of a %s without a bound went from %d to %d in %v and never fell: who puts is faster than who gets. Give it a bound, and who puts will wait.",
					r.Kind, g.first, g.length, over.Round(time.Second)),
			}})
		}
	}
	for id, g := range w.queues {
		if g.seen != w.looked {
			delete(w.queues, id)
		}
	}
	return found
}

// unseen finds errors that nobody has looked at for a second: who awaits a task may come
// to it later.
func (w *watch) unseen(errors []monitor.Failure, at time.Time) (found []finding) {
	fresh := map[monitor.Failure]time.Time{}
	for _, e := range errors {
		since, ok := w.errors[e]
		if !ok {
			since = at
		}
		fresh[e] = since
		if at.Sub(since) >= longWait && !slices.ContainsFunc(found, func(f finding) bool { return f.Name == e.Task && f.subject == e.Error }) && len(found) < maxWarnings {
			found = append(found, finding{subject: e.Error, Warning: wire.Warning{
				Kind: wire.WarnUnseen, Name: e.Task, Since: since,
				Text: "The task has failed, and nobody has looked at its error: " + e.Error,
			}})
		}
	}
	w.errors = fresh
	return found
}
