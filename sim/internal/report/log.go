package report

import "time"

// A Log is a schedule and what happened in it.
type Log struct {
	Test     string
	Seed     uint64
	Schedule int // its number in the campaign
	Strategy string
	Hosts    []string // in the order of their making
	Failure  Failure  // zero where the schedule has passed
	Entries  []Entry
	Dropped  int // entries that there was no room for
}

// A Failure is how the schedule has ended.
type Failure struct {
	Host  string
	At    time.Duration
	Place string // file:line, where it is known
	Error string
}

// Kind is what an entry is.
type Kind string

// The kinds of entries.
const (
	Step  Kind = "step"  // a task, or a callback, goes on until it gives way
	Call  Kind = "call"  // something happens between the hosts
	Event Kind = "event" // something has happened to the network, a disk or a host
	Draw  Kind = "draw"  // the environment has been decided on
)

// An Entry is one thing that happened. They stand in their order.
type Entry struct {
	Kind Kind
	At   time.Duration // true time of the world
	Host string

	// Of a step.
	Step  int // its number, from 1
	Task  string
	Key   uint64 // of the task in its world: names are not unique
	From  string // where the task goes on, as file:line
	To    string // where it gives way again; nothing where it ends
	Waits string
	First bool // it is the task's first
	Ends  bool // it is the task's last

	// Of a decision: what could have been instead. Choice is its place on the tape,
	// from 1; 0 where nothing was decided.
	Choice int
	Pick   int
	Of     int // how many alternatives there were
	Alts   []string
	Label  string // of a call or a draw

	// Of an event.
	Event string
	Peer  string
	What  string
	ID    uint64
	Size  int
}

// Chosen tells that the entry is not what would have happened by default.
func (e *Entry) Chosen() bool { return e.Choice > 0 && e.Pick > 0 }

// Actor is who the entry is about.
func (e *Entry) Actor() string {
	if e.Kind == Step {
		return e.Task
	}
	return e.Label
}
