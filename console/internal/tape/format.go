package tape

import (
	"encoding/json"
	"fmt"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// Format and Version stand in the header of each recording.
const (
	Format  = "asyncio-recording"
	Version = 1
)

// Exists is the kind of an event that no loop writes down: the task was there when the
// recording began. A is its state, B the string what it waits for, C since when.
const Exists monitor.Kind = 20

// Said is the kind of another such event: a program that records itself notes that a
// task is at a place, and what it says there. A is the string, 0 for none, B its stack,
// as for Parked.
const Said monitor.Kind = 21

// A State is what a task is in the middle of.
type State uint8

// The states of a task. Ended is none that a recording can name: a task that has ended
// is not there.
const (
	Ready State = iota
	Running
	Waiting
	Ended
)

func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("State(%d)", s)
}

var stateNames = [...]string{"ready", "running", "waiting", "ended"}

// stateOf reads the name of a state, as a listing has it.
func stateOf(name string) State {
	for s, n := range stateNames {
		if n == name {
			return State(s)
		}
	}
	return Waiting
}

// A Header is the first line of a recording.
type Header struct {
	Format  string            `json:"format"`
	Version int               `json:"version"`
	Program string            `json:"program,omitempty"`
	PID     int               `json:"pid,omitempty"`
	Loop    uint32            `json:"loop"`
	Name    string            `json:"name,omitempty"`
	Title   string            `json:"title,omitempty"`
	Start   string            `json:"start"` // RFC 3339 with nanoseconds: the zero of all times
	Virtual bool              `json:"virtual"`
	Detail  string            `json:"detail"`
	Sources map[string]string `json:"sources,omitempty"` // the text of files, by the names that frames have
}

// A Task is what a recording tells of a task by the way. A second one with the same ID
// tells of a new name.
type Task struct {
	ID       uint64 `json:"id"`
	Name     string `json:"name"`
	Parent   uint64 `json:"parent,omitempty"`
	Function string `json:"function,omitempty"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
}

// An Event is one thing that a loop did. What A, B, C and D mean depends on the kind:
// docs/RECORDING.md.
type Event struct {
	At      int64 // nanoseconds since the start
	Kind    monitor.Kind
	Task    uint64
	A, B, C int64
	D       int64
}

// A Blocked tells that the loop is in the middle of one step and does not answer.
type Blocked struct {
	Since int64  `json:"since"`
	Task  uint64 `json:"task,omitempty"`
	Stack string `json:"stack,omitempty"`
}

// An End is how a run has ended.
type End struct {
	At    int64  `json:"t"`
	Error string `json:"error,omitempty"`
}

// A Batch is a piece of a recording. Its tables continue those of the batches before.
type Batch struct {
	Tasks   []Task
	Strings []string
	Frames  []monitor.Frame
	Stacks  [][]int // indexes of frames, the innermost first
	Events  []Event
	Lost    uint64 // how many events are missing before Events
	Now     int64  // the recording is complete up to here; 0 where that is not told
	Blocked *Blocked
	Freed   bool            // the loop answers again
	Warning json.RawMessage // as the console tells it
	Ended   *End
}

// Empty tells that there is nothing to tell but Now.
func (b *Batch) Empty() bool {
	return len(b.Tasks) == 0 && len(b.Strings) == 0 && len(b.Frames) == 0 && len(b.Stacks) == 0 && len(b.Events) == 0 &&
		b.Lost == 0 && b.Blocked == nil && !b.Freed && b.Warning == nil && b.Ended == nil
}
