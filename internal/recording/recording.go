// Package recording keeps what a loop did: for each task, when it ran, when it
// waited and for what, and when it was ready but had to wait for its turn.
//
// A [Recorder] observes the loop while it runs; its [Recording] is a value that
// pictures are drawn from (package timeline), and that can be saved as JSON.
package recording

import (
	"fmt"
	"time"
)

// State is what a task does during a [Span].
type State uint8

const (
	// Ready: in the loop's queue. A long Ready span means that another task
	// held the loop for as long.
	Ready State = iota
	// Running: its code has the loop. A long Running span blocks the loop.
	Running
	// Waiting: parked until what it waits for happens. The loop is free.
	Waiting
)

var stateNames = [...]string{Ready: "ready", Running: "running", Waiting: "waiting"}

// String returns "ready", "running" or "waiting".
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// MarshalText makes states readable in JSON.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *State) UnmarshalText(text []byte) error {
	for i, name := range stateNames {
		if string(text) == name {
			*s = State(i)
			return nil
		}
	}
	return fmt.Errorf("no state is called %q", text)
}

// Span is a time in which a task was in one state. Times count from the
// recording's start. Running spans may have no length: in virtual time
// computing takes none. Spans in the other states always have one.
type Span struct {
	State State         `json:"state"`
	Begin time.Duration `json:"begin_ns"`
	End   time.Duration `json:"end_ns"`
	On    string        `json:"on,omitempty"` // what a Waiting task waits for
}

// Length is how long the span lasted.
func (s Span) Length() time.Duration { return s.End - s.Begin }

// Lane is the life of one task: spans in order of time, without gaps.
type Lane struct {
	Task  uint64 `json:"task"`
	Name  string `json:"name"`
	Spans []Span `json:"spans"`
	Done  bool   `json:"done"` // false where the recording ended before the task
}

// In returns how much time the task spent in state.
func (l Lane) In(state State) time.Duration {
	var sum time.Duration
	for _, s := range l.Spans {
		if s.State == state {
			sum += s.Length()
		}
	}
	return sum
}

// At returns the state of the task at a moment, false where it did not exist.
// At a boundary it is the later state; spans without length are never found.
func (l Lane) At(moment time.Duration) (State, bool) {
	for _, s := range l.Spans {
		if s.Begin <= moment && moment < s.End {
			return s.State, true
		}
	}
	return 0, false
}

// Recording is what happened on a loop between its first event and its last.
type Recording struct {
	Start  time.Time     `json:"start"`
	Length time.Duration `json:"length_ns"`
	Lanes  []Lane        `json:"lanes"` // in order of creation

	// Dropped counts the events that were left out because the recorder was
	// full. The recording is whole where it is 0.
	Dropped int `json:"dropped,omitempty"`
}

// Only returns the recording with just the lanes that keep accepts. Start and
// Length stay: they are those of the loop.
func (r Recording) Only(keep func(Lane) bool) Recording {
	var lanes []Lane
	for _, l := range r.Lanes {
		if keep(l) {
			lanes = append(lanes, l)
		}
	}
	r.Lanes = lanes
	return r
}
