package top

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/human"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/listing"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/plain"
	"github.com/goasyncio/asyncio/console/client"
)

// A style is how a line looks. Each can be told without colours.
type style int

const (
	normal style = iota
	strong
	faint
	alarm    // must not be missed
	title    // of the columns
	selected // also has a mark at its beginning
	runs     // a task that runs
	ready    // one that could
)

// A line is a line of the screen. Its text is clean and fits.
type line struct {
	text  string
	style style
}

// The least of a terminal that something can be shown in.
const (
	minWidth  = 20
	minHeight = 4
)

// draw makes the screen, from top to bottom: exactly as many lines as it has.
func (m *model) draw() []line {
	if m.width < minWidth || m.height < minHeight {
		return m.fit([]line{{"too small", normal}})
	}
	lines := m.head()
	body := m.height - len(lines) - 1
	switch m.view {
	case list:
		lines = append(lines, m.table(body)...)
	case detail:
		lines = append(lines, m.page(m.aboutTask(), body)...)
	case warnings:
		lines = append(lines, m.page(m.aboutWarnings(), body)...)
	case help:
		lines = append(lines, m.page(aboutKeys(), body)...)
	}
	lines = m.fit(lines)
	lines[m.height-1] = m.cut(m.foot())
	return lines
}

// fit makes as many lines as the screen has, none longer than it is wide.
func (m *model) fit(lines []line) []line {
	all := make([]line, m.height)
	for i := range min(len(lines), m.height) {
		all[i] = m.cut(lines[i])
	}
	return all
}

func (m *model) cut(l line) line {
	return line{plain.Fit(l.text, m.width), l.style}
}

// rows is how many tasks the screen has room for.
func (m *model) rows() int { return max(m.height-len(m.head())-2, 1) }

// head is what stands above everything: who it is, the numbers, and what is wrong. It
// takes half of the screen at most.
func (m *model) head() []line {
	lines := []line{{m.who(), strong}}
	if m.height >= 10 {
		lines = append(lines, line{m.counts(), normal}, line{m.speeds(), normal})
	}
	for i, text := range m.wrong() {
		l := line{text, normal}
		if i == 0 {
			l.style = alarm
		}
		lines = append(lines, l)
	}
	return lines[:min(len(lines), max(m.height/2, 1))]
}

// who names the program and the loop, and how it is.
func (m *model) who() string {
	if m.pic.at.IsZero() {
		return "asyncio top: waiting for an answer"
	}
	l := m.pic.loop
	text := fmt.Sprintf("%s  pid %d  loop %d %q: %s", plain.Clean(m.pic.program.Program), m.pic.program.PID, l.Number, plain.Clean(l.Name), plain.Clean(l.State))
	if l.Virtual {
		text += ", virtual time"
	}
	if n := m.others(); n > 0 {
		text += fmt.Sprintf("  (%d more: l)", n)
	}
	return text
}

// others is how many other loops run.
func (m *model) others() (n int) {
	for _, l := range m.pic.program.Loops {
		if l.State != client.Ended && l.Number != m.pic.loop.Number {
			n++
		}
	}
	return n
}

func (m *model) counts() string {
	s := m.pic.loop.Stats
	return fmt.Sprintf("tasks %d  ready %d  timers %d  threads %d  descriptors %d  unseen errors %d",
		s.Tasks, s.Ready, s.Timers, s.Threads, s.Descriptors, s.Failures)
}

func (m *model) speeds() string {
	r := measure(m.samples)
	busy := "busy -"
	if !math.IsNaN(r.busy) {
		busy = fmt.Sprintf("busy %3.0f %%", 100*r.busy)
	}
	text := fmt.Sprintf("%s  rounds %s/s  steps %s/s", busy, human.Count(uint64(r.rounds)), human.Count(uint64(r.steps)))
	if r.lag.count > 0 {
		text += fmt.Sprintf("  lag p50 %s p99 %s max %s", human.Brief(r.lag.p50), human.Brief(r.lag.p99), human.Brief(r.lag.max))
	}
	if r.step.count > 0 {
		text += fmt.Sprintf("  step p99 %s max %s", human.Brief(r.step.p99), human.Brief(r.step.max))
	}
	return text
}

// wrong is what a person must know before anything else, the first line as an alarm.
func (m *model) wrong() []string {
	var lines []string
	if m.gone != "" {
		last := " There was no picture of it."
		if !m.pic.at.IsZero() {
			last = " The last picture: " + m.pic.at.Format("15:04:05") + "."
		}
		lines = append(lines, m.gone+last)
	}
	if m.trouble != "" {
		lines = append(lines, "No answer: "+plain.Clean(m.trouble))
	}
	l := m.pic.loop
	if l.State == client.Ended {
		lines = append(lines, m.loopEnd())
	}
	lines = append(lines, listing.Blocked(l, m.pic.at)...)
	if m.pic.note != "" {
		lines = append(lines, plain.Clean(m.pic.note))
	}
	if n := len(m.pic.warnings); n > 0 && m.view == list && l.State != client.Blocked {
		w := m.pic.warnings[0]
		lines = append(lines, fmt.Sprintf("%s (w): %s", human.Plural(n, "warning"), oneLine(w.Text, w.Kind)))
	}
	return lines
}

// oneLine is a text on one line, or another where there is none.
func oneLine(text, otherwise string) string {
	if text == "" {
		text = otherwise
	}
	return plain.Clean(strings.Join(strings.Fields(text), " "))
}

func (m *model) loopEnd() string {
	if err := m.pic.loop.Error; err != "" {
		return "The loop has ended: " + oneLine(err, "")
	}
	return "The loop has ended. This is its last picture."
}

// foot says what can be done, or what is typed.
func (m *model) foot() line {
	if m.filtering {
		return line{"Filter: " + plain.Clean(m.want.query.Match) + "_  (Enter keeps it, Esc gives it up)", strong}
	}
	keys := "q quit  ? help  Enter task  s sort  r reverse  / filter  w warnings  p pause"
	if m.view != list {
		keys = "q quit  Esc back  ↑↓ move"
		if m.view == detail {
			keys += "  u parent"
		}
	}
	switch {
	case m.want.paused:
		keys = "PAUSED (p goes on)  " + keys
	case m.want.query.Match != "" && m.view == list:
		keys = fmt.Sprintf("filter %q (Esc: all)  ", plain.Clean(m.want.query.Match)) + keys
	}
	return line{keys, faint}
}

// since is how long ago a moment of the loop's clock was when the picture was taken.
func (m *model) since(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return human.Brief(m.pic.tasks.At.Sub(t))
}
