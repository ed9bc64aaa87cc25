// Package conformance runs small random programs on asyncio and compares what
// they do, line by line, with what CPython's asyncio did (rule S5).
//
// A [Case] is a program together with CPython's trace of it; the README of
// this folder specifies the language, and reference.py makes as many cases as
// one likes. [Parse] checks a case and turns it into a [Program],
// [Program.Run] runs it in virtual time and returns its trace, and [Compare]
// finds the first row where two traces part. Nothing here reaches into the
// runtime: a case uses the public API only, as a user's program would.
package conformance

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
)

// Case is one program as its generator wrote it. The statements stay raw until
// [Parse] has looked at them.
type Case struct {
	Line    int                          `json:"-"` // where it stood in its file, from 1
	ID      json.RawMessage              `json:"id"`
	Objects [][]json.RawMessage          `json:"objects"`
	Coros   map[string][]json.RawMessage `json:"coros"`
	Main    []json.RawMessage            `json:"main"`
	Trace   []Row                        `json:"trace"`
}

// Row is one line of a trace: at which tick who did what.
type Row struct {
	Tick int64
	Who  string // the task's name, or "loop" for a callback
	Text string
}

func (r Row) String() string { return fmt.Sprintf("%5d  %-6s %s", r.Tick, r.Who, r.Text) }

// UnmarshalJSON reads the form [tick, who, text].
func (r *Row) UnmarshalJSON(data []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	if len(parts) != 3 {
		return fmt.Errorf("a trace row is [tick, who, text], got %s", data)
	}
	return errors.Join(
		json.Unmarshal(parts[0], &r.Tick),
		json.Unmarshal(parts[1], &r.Who),
		json.Unmarshal(parts[2], &r.Text))
}

// Cases reads one JSON object a line, a case at a time, so that a file may be
// larger than memory. Empty lines are skipped. The first bad line ends the
// sequence with an error that tells its number.
func Cases(r io.Reader) iter.Seq2[*Case, error] {
	return func(yield func(*Case, error) bool) {
		in := bufio.NewReaderSize(r, 1<<16)
		for number := 1; ; number++ {
			line, err := in.ReadBytes('\n')
			if err != nil && err != io.EOF {
				yield(nil, fmt.Errorf("line %d: %w", number, err))
				return
			}
			last := err == io.EOF
			if line = bytes.TrimSpace(line); len(line) > 0 {
				c, err := decode(line, number)
				if !yield(c, err) || err != nil {
					return
				}
			}
			if last {
				return
			}
		}
	}
}

// decode reads one line. A case without a main, or without a trace to compare
// with, is refused here: it is the mark of a file that holds something else.
func decode(line []byte, number int) (*Case, error) {
	c := &Case{Line: number}
	if err := json.Unmarshal(line, c); err != nil {
		return nil, fmt.Errorf("line %d: not a case: %w", number, err)
	}
	switch {
	case c.Main == nil:
		return nil, fmt.Errorf("line %d: not a case: it has no \"main\"", number)
	case c.Trace == nil:
		return nil, fmt.Errorf("line %d: case %s has no \"trace\" to compare with: reference.py run adds it", number, c.Name())
	}
	return c, nil
}

// Name is the case's id, for messages; the line number where it has none.
func (c *Case) Name() string {
	if len(c.ID) == 0 {
		return fmt.Sprintf("on line %d", c.Line)
	}
	return string(c.ID)
}
