package tape

import (
	"encoding/json"
	"strconv"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// lineEvents is how many events go into one line: a reader that draws while it reads
// wants lines that take it less than a frame.
const lineEvents = 2048

// AppendHeader appends the line of h.
func AppendHeader(dst []byte, h Header) []byte {
	line, _ := json.Marshal(h) // strings, numbers and a map of strings cannot fail
	return append(append(dst, line...), '\n')
}

// Append appends the lines of the batch: several, where it has many events.
func (b *Batch) Append(dst []byte) []byte {
	l := line{dst: append(dst, '{')}
	l.tables(b)
	if b.Lost > 0 {
		l.number("lost", int64(b.Lost))
	}
	rest := b.Events
	for len(rest) > lineEvents {
		l.events(rest[:lineEvents])
		l.dst = append(l.dst, '}', '\n', '{')
		l.some = false
		rest = rest[lineEvents:]
	}
	if len(rest) > 0 {
		l.events(rest)
	}
	l.marks(b)
	if !l.some {
		l.number("now", b.Now)
	}
	return append(l.dst, '}', '\n')
}

// line is an object of JSON in the making.
type line struct {
	dst  []byte
	some bool // it has a member
}

func (l *line) key(name string) {
	if l.some {
		l.dst = append(l.dst, ',')
	}
	l.some = true
	l.dst = append(append(append(l.dst, '"'), name...), '"', ':')
}

func (l *line) number(name string, n int64) {
	l.key(name)
	l.dst = strconv.AppendInt(l.dst, n, 10)
}

// value is for what has few lines: it goes through package json.
func (l *line) value(name string, v any) {
	l.key(name)
	text, _ := json.Marshal(v)
	l.dst = append(l.dst, text...)
}

// tables come first in a line: what they hold is used by the events after them.
func (l *line) tables(b *Batch) {
	if len(b.Strings) > 0 {
		l.value("strings", b.Strings)
	}
	if len(b.Frames) > 0 {
		l.frames(b.Frames)
	}
	if len(b.Stacks) > 0 {
		l.value("stacks", b.Stacks)
	}
	if len(b.Tasks) > 0 {
		l.value("tasks", b.Tasks)
	}
}

func (l *line) frames(frames []monitor.Frame) {
	rows := make([][3]any, len(frames))
	for i, f := range frames {
		rows[i] = [3]any{f.Function, f.File, f.Line}
	}
	l.value("frames", rows)
}

// marks are what holds after the events.
func (l *line) marks(b *Batch) {
	if b.Now > 0 {
		l.number("now", b.Now)
	}
	if b.Blocked != nil {
		l.value("blocked", b.Blocked)
	} else if b.Freed {
		l.value("blocked", nil)
	}
	if b.Warning != nil {
		l.value("warning", b.Warning)
	}
	if b.Ended != nil {
		l.value("ended", b.Ended)
	}
}

func (l *line) events(events []Event) {
	l.key("events")
	l.dst = append(l.dst, '[')
	for i, e := range events {
		if i > 0 {
			l.dst = append(l.dst, ',')
		}
		l.dst = appendEvent(l.dst, e)
	}
	l.dst = append(l.dst, ']')
}

// appendEvent leaves the zeros at the end out, but for the time and the kind.
func appendEvent(dst []byte, e Event) []byte {
	rest := [...]int64{int64(e.Task), e.A, e.B, e.C, e.D}
	n := len(rest)
	for n > 0 && rest[n-1] == 0 {
		n--
	}
	dst = strconv.AppendInt(append(dst, '['), e.At, 10)
	dst = strconv.AppendInt(append(dst, ','), int64(e.Kind), 10)
	for _, v := range rest[:n] {
		dst = strconv.AppendInt(append(dst, ','), v, 10)
	}
	return append(dst, ']')
}
