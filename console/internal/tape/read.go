package tape

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// maxLine bounds a line of a recording that is read. Those that are written are far
// below, but for the texts of sources.
const maxLine = 64 << 20

// ErrFormat is wrapped by the errors of a [Reader] for what is no recording. They say in
// which line that shows, and why.
var ErrFormat = errors.New("not a valid recording")

// A Reader reads a recording from its beginning. It refuses what no loop can have
// written: tables and times that lead nowhere, kinds and numbers that there are not,
// and lines after the end.
type Reader struct {
	Header Header

	lines   *bufio.Scanner
	line    int
	last    int64 // the time of the last event
	strings int64 // sizes of the tables
	frames  int
	stacks  int64
	ended   bool
}

// NewReader reads the header.
func NewReader(from io.Reader) (*Reader, error) {
	r := &Reader{lines: bufio.NewScanner(from), strings: 1}
	r.lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	line, err := r.next()
	if err == io.EOF {
		return nil, fmt.Errorf("%w: it is empty", ErrFormat)
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(line, &r.Header); err != nil {
		return nil, r.wrong("%v", err)
	}
	if r.Header.Format != Format {
		return nil, r.wrong("its format is %q, not %q", Clean(r.Header.Format), Format)
	}
	if r.Header.Version != Version {
		return nil, r.wrong("version %d; this reader knows version %d", r.Header.Version, Version)
	}
	return r, nil
}

// next is the next line that is not empty.
func (r *Reader) next() ([]byte, error) {
	for r.lines.Scan() {
		r.line++
		if r.lines.Err() != nil {
			break // the line is what came before the error
		}
		if line := bytes.TrimSpace(r.lines.Bytes()); len(line) > 0 {
			return line, nil
		}
	}
	if err := r.lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", r.line+1, err)
	}
	return nil, io.EOF
}

func (r *Reader) wrong(format string, args ...any) error {
	return fmt.Errorf("%w: line %d: %s", ErrFormat, r.line, fmt.Sprintf(format, args...))
}

// batch is a Batch as JSON has it.
type batch struct {
	Tasks   []Task          `json:"tasks"`
	Strings []string        `json:"strings"`
	Frames  [][]any         `json:"frames"`
	Stacks  [][]int         `json:"stacks"`
	Events  [][]int64       `json:"events"`
	Lost    uint64          `json:"lost"`
	Now     int64           `json:"now"`
	Blocked json.RawMessage `json:"blocked"`
	Warning json.RawMessage `json:"warning"`
	Ended   *End            `json:"ended"`
}

// Next is the next batch, [io.EOF] after the last.
func (r *Reader) Next() (*Batch, error) {
	line, err := r.next()
	if err != nil {
		return nil, err
	}
	if r.ended {
		return nil, r.wrong("the loop has ended in the line before")
	}
	var raw batch
	if line[0] != '{' {
		return nil, r.wrong("it is no object")
	}
	if err := json.Unmarshal(line, &raw); err != nil {
		return nil, r.wrong("%v", err)
	}
	b := &Batch{Tasks: raw.Tasks, Strings: raw.Strings, Stacks: raw.Stacks, Lost: raw.Lost, Now: raw.Now, Warning: raw.Warning, Ended: raw.Ended}
	if b.Frames, err = r.readFrames(raw.Frames); err != nil {
		return nil, err
	}
	if err := r.readBlocked(b, raw.Blocked); err != nil {
		return nil, err
	}
	if err := r.grow(b); err != nil {
		return nil, err
	}
	if b.Events, err = r.readEvents(raw.Events); err != nil {
		return nil, err
	}
	return b, r.readMarks(b)
}

func (r *Reader) readFrames(rows [][]any) (frames []monitor.Frame, err error) {
	for _, row := range rows {
		if len(row) != 3 {
			return nil, r.wrong("a frame has a function, a file and a line, not %d parts", len(row))
		}
		function, ok1 := row[0].(string)
		file, ok2 := row[1].(string)
		n, ok3 := row[2].(float64)
		if !ok1 || !ok2 || !ok3 || n != math.Trunc(n) || n < 0 || n > math.MaxInt32 {
			return nil, r.wrong("a frame has a function, a file and a line, not %v", row)
		}
		frames = append(frames, monitor.Frame{Function: function, File: file, Line: int(n)})
	}
	return frames, nil
}

// readBlocked tells null, which says that the loop answers again, from what is not there.
func (r *Reader) readBlocked(b *Batch, raw json.RawMessage) error {
	switch {
	case raw == nil:
		return nil
	case string(raw) == "null":
		b.Freed = true
		return nil
	}
	b.Blocked = &Blocked{}
	if err := json.Unmarshal(raw, b.Blocked); err != nil {
		return r.wrong("%v", err)
	}
	return nil
}

// grow enters what a line adds to the tables.
func (r *Reader) grow(b *Batch) error {
	r.strings += int64(len(b.Strings))
	r.frames += len(b.Frames)
	r.stacks += int64(len(b.Stacks))
	for _, stack := range b.Stacks {
		for _, i := range stack {
			if i < 0 || i >= r.frames {
				return r.wrong("a stack has frame %d; there are %d", i, r.frames)
			}
		}
	}
	for _, t := range b.Tasks {
		if t.ID == 0 || t.Line < 0 {
			return r.wrong("a task has number %d and line %d", t.ID, t.Line)
		}
	}
	return nil
}
