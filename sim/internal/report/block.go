package report

import (
	"fmt"
	"strings"
	"time"
)

// A Block is all that is said of a failure.
type Block struct {
	Log       *Log
	Of        string        // how many schedules there were to be: "200", or a time
	Each      time.Duration // that a schedule took
	Before    int           // decisions that were not the default, before the schedule was shrunk
	After     int
	Shrinking time.Duration
	Cut       bool // and there was no time to shrink it further
	Flips     []Flip
	Command   string // replays it
	Hash      string // of the steps
	Path      string // of the recording
	Diagram   string // its path, where one was asked for
	Notes     []string
	Summary   string // of the campaign
}

// String is the block.
func (b *Block) String() string {
	var s strings.Builder
	r := b.Log
	fmt.Fprintf(&s, "sim: seed %d, %s", r.Seed, r.Strategy)
	if b.Of != "" {
		fmt.Fprintf(&s, ", schedule %d of %s (%s each)", r.Schedule, b.Of, roughly(b.Each))
	}
	s.WriteString(b.shrunk())
	fmt.Fprintf(&s, "\n%s\n\n", indent(fmt.Sprintf("at %s on host %q: %s", when(r.Failure.At), r.Failure.Host, r.Failure.Error)))
	s.WriteString(indent(Trace(r, b.Marginal())))
	s.WriteString("\n")
	if p := b.passing(); p != "" {
		fmt.Fprintf(&s, "\n%s\n", indent(p))
	}
	for _, n := range b.Notes {
		fmt.Fprintf(&s, "\n%s\n", indent(n))
	}
	fmt.Fprintf(&s, "\n  replay:    %s\n", b.Command)
	fmt.Fprintf(&s, "  hash:      %s, of all steps: replays have the same\n", b.Hash)
	if b.Path != "" {
		fmt.Fprintf(&s, "  recording: %s (SIM_REPLAY takes it too, and then goes by label)\n", b.Path)
	}
	if b.Diagram != "" {
		fmt.Fprintf(&s, "  diagram:   %s\n", b.Diagram)
	}
	if b.Summary != "" {
		fmt.Fprintf(&s, "  campaign:  %s\n", strings.ReplaceAll(b.Summary, "\n", "\n             "))
	}
	return strings.TrimRight(s.String(), "\n")
}

// Marginal is the notes on decisions, by their numbers on the tape.
func (b *Block) Marginal() map[int]string {
	notes := map[int]string{}
	for _, f := range b.Flips {
		notes[f.Choice] = f.Note(b.Log)
	}
	return notes
}

func (b *Block) shrunk() string {
	if b.Shrinking == 0 || b.Before == 0 {
		return "" // there was nothing to leave out
	}
	s := fmt.Sprintf("; shrunk %d -> %d choices in %s", b.Before, b.After, roughly(b.Shrinking))
	if b.Cut {
		s += ", when its time was over (SIM_SHRINK=1m gives it more)"
	}
	return s
}

// aside is how many lines of the passing run are shown.
const aside = 6

// passing is how the nearest passing run goes on where it differs.
func (b *Block) passing() string {
	for _, f := range b.Flips {
		if !f.Nearest {
			continue
		}
		at, equal := Differ(b.Log, f.Instead)
		if equal {
			return "" // what differs is not in the trace
		}
		rest := &Log{Entries: f.Instead.Entries[at:]}
		if all := lines(rest.Entries); len(all) > aside {
			last := all[aside-1].last
			for i := range rest.Entries {
				if &rest.Entries[i] == last {
					rest.Entries = rest.Entries[:i+1]
					break
				}
			}
		}
		if len(rest.Entries) == 0 {
			return ""
		}
		return "the nearest passing run goes on otherwise:\n" + Trace(rest, nil)
	}
	return ""
}

// roughly is a time with as many digits as people want.
func roughly(d time.Duration) string {
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		if d >= unit {
			return d.Round(unit / 10).String()
		}
	}
	return d.String()
}

func indent(s string) string { return "  " + strings.ReplaceAll(s, "\n", "\n  ") }
