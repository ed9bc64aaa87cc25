package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// tally is what has happened in the schedules of a campaign.
type tally struct {
	schedules int
	steps     int
	virtual   time.Duration
	counts    map[string]times
}

// times is how often something has happened, and in how many schedules.
type times struct {
	n       uint64
	in      int
	program bool // it is a mark of the program's, or an event of the test's
}

// add takes over what has happened in a world that has ended.
func (t *tally) add(w *World) {
	t.schedules++
	t.steps += w.steps
	t.virtual += w.Now()
	if w.net != nil {
		for _, c := range w.net.Counts() {
			t.count(c.Name, c.N, false)
		}
	}
	for _, h := range w.hosts {
		if h.disk != nil && h.disk.Used() {
			for name, n := range h.disk.Counts().All() {
				t.count(name, uint64(n), false)
			}
		}
	}
	for _, m := range w.marks {
		t.count(m.name, uint64(m.times), true)
	}
}

func (t *tally) count(name string, n uint64, program bool) {
	if t.counts == nil {
		t.counts = map[string]times{}
	}
	sum := t.counts[name]
	sum.n += n
	sum.program = sum.program || program
	if n > 0 {
		sum.in++
	}
	t.counts[name] = sum
}

// merge adds what was counted elsewhere.
func (t *tally) merge(other *tally) {
	t.schedules += other.schedules
	t.steps += other.steps
	t.virtual += other.virtual
	if t.counts == nil {
		t.counts = map[string]times{}
	}
	for name, b := range other.counts {
		a := t.counts[name]
		t.counts[name] = times{a.n + b.n, a.in + b.in, a.program || b.program}
	}
}

// struck tells whether any fault has happened.
func (t *tally) struck() bool {
	for _, c := range t.counts {
		if !c.program && c.n > 0 {
			return true
		}
	}
	return false
}

// words are the tally in a paragraph. took is the real time.
func (t *tally) words(took time.Duration) string {
	var b strings.Builder
	rate := float64(t.schedules) / max(took.Seconds(), 1e-9)
	fmt.Fprintf(&b, "%d schedules, %.0f/s; %d steps; %v of virtual time", t.schedules, rate, t.steps, t.virtual.Round(time.Microsecond))
	for _, part := range []struct {
		title   string
		program bool
		never   bool
	}{
		{"marks and hosts", true, false}, {"marks that never were", true, true},
		{"faults", false, false}, {"faults that never struck", false, true},
	} {
		if part.never && !part.program && !t.struck() {
			continue // faults are off
		}
		if list := t.list(part.program, part.never); list != "" {
			fmt.Fprintf(&b, "\n%s: %s", part.title, list)
		}
	}
	return b.String()
}

// list is the counts of one kind, by name: those that are 0, or the others.
func (t *tally) list(program, never bool) string {
	var all []string
	for name, c := range t.counts {
		switch {
		case c.program != program || (c.n == 0) != never:
		case never:
			all = append(all, name)
		default:
			all = append(all, fmt.Sprintf("%s %d (in %.0f %%)", name, c.n, 100*float64(c.in)/float64(t.schedules)))
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
