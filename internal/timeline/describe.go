package timeline

import (
	"fmt"
	"strings"
	"time"

	"github.com/goasyncio/asyncio/internal/recording"
)

// verbs say what a task does in a span of each kind.
var verbs = [numKind]string{
	runs: "runs", blocks: "blocks the loop", held: "is ready but cannot run", waits: "waits",
}

// maxDescribed bounds the description: it is read aloud.
const maxDescribed = 8

// headline names the picture in one line.
func (p Picture) headline() string {
	if p.Title != "" {
		return p.Title
	}
	var titles []string
	for _, panel := range p.Panels {
		titles = append(titles, panel.Title)
	}
	return strings.Join(titles, "; ")
}

// description tells the picture in words.
func (p Picture) description() string {
	var b strings.Builder
	for i, panel := range p.Panels {
		if i > 0 {
			b.WriteString(" ")
		}
		fmt.Fprintf(&b, "%s, %s.", panel.Title, precise(panel.Recording.Length))
		for _, lane := range panel.lanes()[:min(len(panel.lanes()), maxDescribed)] {
			b.WriteString(" " + p.limit().describe(lane))
		}
		if more := len(panel.Recording.Lanes) - maxDescribed; more > 0 {
			fmt.Fprintf(&b, " And %d more tasks.", more)
		}
	}
	return b.String()
}

// describe tells how long a task did what.
func (m limit) describe(l recording.Lane) string {
	var sums [numKind]time.Duration
	for _, s := range l.Spans {
		if !m.quickTurn(s) {
			sums[m.kindOf(s)] += s.Length()
		}
	}
	var parts []string
	for _, k := range legendOrder {
		if sums[k] > 0 && k != runs { // steps that block nobody are too short to tell
			parts = append(parts, fmt.Sprintf("%s for %s", verbs[k], precise(sums[k])))
		}
	}
	if len(parts) == 0 {
		return l.Name + " runs."
	}
	return l.Name + " " + strings.Join(parts, ", ") + "."
}

// tooltip is one span in words.
func (m limit) tooltip(l recording.Lane, s recording.Span) string {
	what := verbs[m.kindOf(s)]
	if m.kindOf(s) == waits && s.On != "" {
		what += " for " + s.On
	}
	if s.Length() == 0 {
		return fmt.Sprintf("%s %s at %s", l.Name, what, precise(s.Begin))
	}
	return fmt.Sprintf("%s %s for %s, from %s to %s",
		l.Name, what, precise(s.Length()), precise(s.Begin), precise(s.End))
}

// precise writes t with three digits or to the millisecond.
func precise(t time.Duration) string {
	switch {
	case t == 0:
		return "0 s"
	case t < 999_500*time.Nanosecond: // what rounds to 1000 µs is 1 ms
		return fmt.Sprintf("%.3g µs", float64(t)/float64(time.Microsecond))
	case t < 999_500*time.Microsecond:
		return fmt.Sprintf("%.3g ms", float64(t)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.3f s", t.Seconds())
}
