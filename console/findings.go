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
	longWait    = time.Second // that a lock should not be held across
	fewWakes    = 100         // wake-ups before it is told that a task wakes itself
	hogTime     = 2 * time.Second
	hogStep     = time.Millisecond
	growthLooks = 10
	growthTime  = 10 * time.Second
)

// busy finds tasks that keep the loop busy instead of waiting for something.
func busy(list *listing, s *tape.Stats) (found []finding) {
	over := s.Since()
	for _, t := range list.tasks {
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

// held finds locks whose holders have waited for long while others wait for the lock.
func held(list *listing, things []monitor.Resource) (found []finding) {
	now := time.Now()
	for _, r := range things {
		if r.Waiting == 0 || !strings.Contains(r.Kind, "Lock") {
			continue // who has a part of a semaphore's permits may well wait with it
		}
		for _, id := range r.Holders {
			i := list.find(id)
			if i < 0 || list.tasks[i].State != "waiting" || now.Sub(list.tasks[i].Since) < longWait {
				continue
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

// cycles finds tasks that wait for each other and can never go on, although others can.
// Where one of them has a deadline it will.
func cycles(list *listing) (found []finding) {
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
		first := list.tasks[list.find(c[0])]
		f := about(first, wire.WarnCycle, "These tasks wait for each other: "+strings.Join(names[:min(len(names), 20)], ", ")+".")
		f.subject = strings.Join(keys, " ")
		found = append(found, f)
	}
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
		if r.Limit > 0 || r.Length == 0 {
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
func (w *watch) unseen(errors []monitor.Failure) (found []finding) {
	fresh := map[monitor.Failure]time.Time{}
	for _, e := range errors {
		since, ok := w.errors[e]
		if !ok {
			since = time.Now()
		}
		fresh[e] = since
		if time.Since(since) >= longWait && !slices.ContainsFunc(found, func(f finding) bool { return f.Name == e.Task && f.subject == e.Error }) && len(found) < maxWarnings {
			found = append(found, finding{subject: e.Error, Warning: wire.Warning{
				Kind: wire.WarnUnseen, Name: e.Task, Since: since,
				Text: "The task has failed, and nobody has looked at its error: " + e.Error,
			}})
		}
	}
	w.errors = fresh
	return found
}
