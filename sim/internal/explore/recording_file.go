package explore

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Format is the version of the files that [Recording.Write] makes. Files of a version
// that is not known are refused.
const Format = 1

// header is the first line of a recording's file. The lines below it are the entries.
type header struct {
	Format   int    `json:"asyncio-schedule"`
	Program  string `json:"program,omitempty"`
	Strategy string `json:"strategy,omitempty"`
	Seed     string `json:"seed"` // JSON's numbers are not exact
	Schedule int    `json:"schedule"`
	Failure  string `json:"failure,omitempty"`
	Replay   string `json:"replay"` // the tape as text, for a reader
	Entries  int    `json:"entries"`
}

// Write writes the recording as lines of JSON: first what it is of, with how many
// entries follow, and then each entry.
func (r *Recording) Write(w io.Writer) error {
	b := bufio.NewWriter(w)
	lines := json.NewEncoder(b)
	lines.SetEscapeHTML(false)
	err := lines.Encode(header{
		Format: Format, Program: r.Program, Strategy: r.Strategy, Seed: fmt.Sprintf("%#x", r.Seed),
		Schedule: r.Schedule, Failure: r.Failure, Replay: r.Tape().String(), Entries: len(r.Entries),
	})
	for i := range r.Entries {
		if err != nil {
			return err
		}
		err = lines.Encode(written(r.Entries[i]))
	}
	if err != nil {
		return err
	}
	return b.Flush()
}

// line is an entry as it is in a file: with a time that people can read.
type line struct {
	T string `json:"t"`
	*Entry
}

func written(e Entry) line {
	if e.IsDraw() {
		e.By = 0 // that it has a name says it
	}
	return line{e.At.String(), &e}
}

// Read reads what [Recording.Write] wrote.
func Read(r io.Reader) (*Recording, error) {
	lines := json.NewDecoder(r)
	var h header
	if err := lines.Decode(&h); err != nil {
		return nil, fmt.Errorf("this is no recording of a schedule: %w", err)
	}
	if h.Format != Format {
		return nil, fmt.Errorf("the recording has format %d, and this program reads format %d: record the schedule again, by its seed", h.Format, Format)
	}
	rec := &Recording{Program: h.Program, Strategy: h.Strategy, Schedule: h.Schedule, Failure: h.Failure}
	if _, err := fmt.Sscanf(h.Seed, "%v", &rec.Seed); err != nil {
		return nil, fmt.Errorf("the recording's seed is %q: %w", h.Seed, err)
	}
	for i := range h.Entries {
		e, err := readEntry(lines)
		if err != nil {
			return nil, fmt.Errorf("the recording is damaged at entry %d of %d: %w", i+1, h.Entries, err)
		}
		rec.Entries = append(rec.Entries, e)
	}
	return rec, nil
}

func readEntry(lines *json.Decoder) (e Entry, err error) {
	l := line{Entry: &e}
	if err := lines.Decode(&l); err != nil {
		return e, err
	}
	if e.At, err = time.ParseDuration(l.T); err != nil {
		return e, err
	}
	if e.N < 0 || e.Pick < 0 || e.Pick >= max(e.N, 1) {
		return e, fmt.Errorf("pick %d of %d", e.Pick, e.N)
	}
	if e.Draw != "" {
		e.By = draw
	}
	return e, nil
}
