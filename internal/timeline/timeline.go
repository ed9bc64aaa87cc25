// Package timeline draws recordings: a lane for each task, time from left to
// right, and for each moment whether the task ran, waited, was ready but could
// not run, or blocked the loop. [Text] draws for a terminal, [SVG] for a page.
package timeline

import (
	"fmt"
	"slices"
	"time"

	"github.com/goasyncio/asyncio/internal/recording"
)

// BlockedAfter is how long one step may hold the loop before a picture calls it
// blocked, where the picture does not say otherwise.
const BlockedAfter = 50 * time.Millisecond

// maxLanes bounds a picture: nobody reads more rows. The rest is counted.
const maxLanes = 100

// Picture is one or more recordings under each other, on the same time scale
// so that their lengths can be compared.
type Picture struct {
	Title  string
	Panels []Panel

	// BlockedAfter is how long one step may hold the loop before it is drawn as
	// blocked, and how long a ready task may wait for its turn before it is
	// drawn as one that could not run. 0 means the constant of the same name.
	BlockedAfter time.Duration
}

// Panel is one recording of a picture.
type Panel struct {
	Title     string
	Note      string // at the right of the title, such as the total
	Recording recording.Recording
}

// Of is the picture of one recording.
func Of(title string, r recording.Recording) Picture {
	return Picture{Panels: []Panel{{Title: title, Recording: r}}}
}

// length is the time that the picture's axis spans.
func (p Picture) length() time.Duration {
	length := time.Duration(1) // an axis of no length has no scale
	for _, panel := range p.Panels {
		length = max(length, panel.Recording.Length)
	}
	return length
}

// kind is how a part of a lane looks.
type kind int

const (
	none    kind = iota
	waits        // parked: the loop is free
	held         // ready, but for long somebody else had the loop
	blocks       // ran for so long that nobody else could
	runs         // ran and gave way
	numKind      // how many there are
)

// legend says what each kind means, in words for a beginner.
var legend = [numKind]string{
	runs:   "runs",
	waits:  "waits: the loop is free",
	blocks: "blocks the loop: nobody else can run",
	held:   "ready, but cannot run",
}

// legendOrder is the order in which people meet the kinds.
var legendOrder = []kind{runs, blocks, held, waits}

// limit is the length from which on a span delays others noticeably.
type limit time.Duration

func (p Picture) limit() limit {
	if p.BlockedAfter > 0 {
		return limit(p.BlockedAfter)
	}
	return limit(BlockedAfter)
}

func (m limit) kindOf(s recording.Span) kind {
	long := s.Length() >= time.Duration(m)
	switch {
	case s.State == recording.Running && long:
		return blocks
	case s.State == recording.Running:
		return runs
	case s.State == recording.Ready && long:
		return held
	}
	return waits // also a quick turn: it looks like the wait that it ended
}

// quickTurn tells a task that was ready and soon ran. That is no news: legends
// and descriptions do not speak of it.
func (m limit) quickTurn(s recording.Span) bool {
	return s.State == recording.Ready && m.kindOf(s) != held
}

// labels are what may stand inside a span, the longest that fits.
func (m limit) labels(s recording.Span) []string {
	switch m.kindOf(s) {
	case blocks:
		return []string{"blocks the loop", "blocks"}
	case held:
		return []string{"ready, but cannot run", "cannot run", "held"}
	case waits:
		if s.On == "" {
			return []string{"waits"}
		}
		return []string{"waits: " + s.On, s.On, "waits"}
	}
	return nil
}

// used tells which kinds a picture has: its legend explains no others.
func (p Picture) used() (used [numKind]bool) {
	for _, panel := range p.Panels {
		for _, lane := range panel.lanes() {
			for _, s := range lane.Spans {
				if !p.limit().quickTurn(s) {
					used[p.limit().kindOf(s)] = true
				}
			}
		}
	}
	return used
}

// lanes are the lanes that are drawn.
func (p Panel) lanes() []recording.Lane {
	return p.Recording.Lanes[:min(len(p.Recording.Lanes), maxLanes)]
}

// omissions says what the panel does not show, or nothing.
func (p Panel) omissions() []string {
	var says []string
	if n := len(p.Recording.Lanes) - maxLanes; n > 0 {
		says = append(says, fmt.Sprintf("and %d more tasks", n))
	}
	if n := p.Recording.Dropped; n > 0 {
		says = append(says, fmt.Sprintf("%d events were not recorded: there were too many", n))
	}
	return says
}

// ticks are the moments that the axis names: round numbers, at most limit of
// them, from 0 on.
func ticks(length time.Duration, limit int) []time.Duration {
	step := tickStep(length, max(limit, 1))
	var at []time.Duration
	for n := range length/step + 1 { // counted, as adding up could overflow
		at = append(at, n*step)
	}
	return at
}

// tickStep is the smallest of 1, 2 and 5 times a power of ten nanoseconds that
// gives at most limit ticks after the one at 0.
func tickStep(length time.Duration, limit int) time.Duration {
	for unit := time.Duration(1); unit < 1<<58; unit *= 10 {
		for _, n := range []time.Duration{1, 2, 5} {
			if length/(n*unit) <= time.Duration(limit) {
				return n * unit
			}
		}
	}
	return length
}

// seconds writes t as the axis does: "0 s", "0.5 s", "250 ms", "20 µs".
func seconds(t time.Duration) string {
	switch {
	case t == 0:
		return "0 s"
	case t < time.Millisecond:
		return fmt.Sprintf("%g µs", float64(t)/float64(time.Microsecond))
	case t < 100*time.Millisecond:
		return fmt.Sprintf("%g ms", float64(t)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%g s", t.Seconds())
}

// byWeight orders spans so that what must be seen is drawn last: a short run
// would be lost under the wait that follows it.
func (m limit) byWeight(spans []recording.Span) []recording.Span {
	sorted := slices.Clone(spans)
	slices.SortStableFunc(sorted, func(a, b recording.Span) int {
		return int(m.kindOf(a)) - int(m.kindOf(b))
	})
	return sorted
}
