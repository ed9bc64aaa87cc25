package report

import (
	"fmt"
	"strings"
	"time"
)

// A line of a trace is one entry that people want to see, or several steps of a task
// between which nobody else had a turn.
type line struct {
	first, last *Entry
	steps       int
}

// lines folds what happened into what is shown.
func lines(entries []Entry) []line {
	var shown []line
	for i := range entries {
		e := &entries[i]
		if !visible(entries, i) {
			continue
		}
		if n := len(shown) - 1; n >= 0 && shown[n].takes(e) {
			shown[n].last = e
			shown[n].steps++
			continue
		}
		shown = append(shown, line{first: e, last: e, steps: 1})
	}
	return shown
}

// takes tells whether a step goes on where the line ends.
func (l *line) takes(e *Entry) bool {
	return l.last.Kind == Step && e.Kind == Step && !e.Chosen() && !l.last.Ends &&
		e.At == l.last.At && e.Key == l.last.Key
}

// visible tells whether an entry is a line of its own. Draws by default are not, and
// neither are calls that were the default and tell of themselves by an event, nor the
// end of a host's sleep.
func visible(entries []Entry, i int) bool {
	e := &entries[i]
	switch {
	case e.Chosen():
		return true
	case e.Kind == Draw:
		return false
	case e.Kind == Call:
		told := i+1 < len(entries) && entries[i+1].Kind == Event
		return !told && !strings.HasPrefix(e.Label, "clock of ")
	}
	return true
}

// what the line says, behind time, host and task.
func (l *line) what() string {
	e := l.first
	switch e.Kind {
	case Draw:
		if e.Of == 2 {
			return e.Label
		}
		return fmt.Sprintf("%s: %d of 0…%d", e.Label, e.Pick, e.Of-1)
	case Call:
		return e.Label
	case Event:
		return e.event()
	}
	var b strings.Builder
	if e.First {
		b.WriteString("starts ")
	}
	if b.WriteString(l.places()); e.Task == "callback" {
		b.WriteString("runs")
	}
	switch {
	case l.last.Ends:
		b.WriteString(", ends")
	case l.last.Waits != "":
		b.WriteString(", waits for " + l.last.Waits)
	}
	if l.steps > 1 {
		fmt.Fprintf(&b, " (%d steps)", l.steps)
	}
	return strings.TrimPrefix(strings.Replace(b.String(), " ,", ",", 1), ", ")
}

// places are where the steps of the line begin and end.
func (l *line) places() string { return span(l.first.From, l.last.To) }

// event says it in words.
func (e *Entry) event() string {
	b := e.Event
	if e.ID > 0 {
		b += fmt.Sprintf(" #%d", e.ID)
	}
	if e.Peer != "" {
		b += " -> " + e.Peer
	}
	if e.What != "" {
		b += " " + e.What
	}
	if e.Size > 0 {
		b += fmt.Sprintf(" (%d bytes)", e.Size)
	}
	return b
}

// span is from one place to another, in which the file is named once.
func span(from, to string) string {
	switch {
	case to == "" || from == to:
		return from
	case from == "":
		return "-> " + to
	}
	file, number := cutPlace(to)
	if f, _ := cutPlace(from); f == file {
		return from + " -> " + number
	}
	return from + " -> " + to
}

func cutPlace(place string) (file, number string) {
	i := strings.LastIndexByte(place, ':')
	if i < 0 {
		return place, ""
	}
	return place[:i], place[i+1:]
}

// when is a time as a trace writes it.
func when(at time.Duration) string { return "t=" + at.String() }
