package client

import (
	"time"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// What a loop knows of itself, as the runtime counts it.
type (
	// Stats are the numbers of a loop.
	Stats = monitor.Stats
	// Histogram counts durations by powers of two.
	Histogram = monitor.Histogram
	// Frame is one function of a stack.
	Frame = monitor.Frame
	// Site is a place in a program.
	Site = monitor.Site
	// Timer is something that a loop will do at a time.
	Timer = monitor.Timer
	// Descriptor is one that a loop watches.
	Descriptor = monitor.Descriptor
	// Thread is a call of ToThread that has not come back.
	Thread = monitor.Thread
	// Resource is a lock, a queue or the like.
	Resource = monitor.Resource
	// Failure is an error that nobody has looked at.
	Failure = monitor.Failure
)

// Program is a process with a console.
type Program struct {
	Program string    `json:"program"`
	PID     int       `json:"pid"`
	Go      string    `json:"go"`     // the version of Go that it was built with
	Module  string    `json:"module"` // of its main package
	Started time.Time `json:"started"`
	Loops   []Loop    `json:"loops"`
}

// Loop is a loop of a process: one that runs, or one of the last that have ended.
type Loop struct {
	Number       uint32     `json:"number"`
	Name         string     `json:"name"`
	State        string     `json:"state"` // "running", "asleep", "blocked", "ended"
	Started      time.Time  `json:"started"`
	Virtual      bool       `json:"virtual"`
	BlockedSince time.Time  `json:"blocked_since,omitzero"`
	AgeMS        float64    `json:"age_ms"` // how old Stats are, in milliseconds
	Stats        Stats      `json:"stats"`
	Error        string     `json:"error,omitempty"`  // what it has ended with
	Cycles       [][]uint64 `json:"cycles,omitempty"` // of a deadlock
	Stack        string     `json:"stack,omitempty"`  // of what blocks it
}

// Task is a task that has not ended, with what the console has seen of it.
type Task struct {
	monitor.Task
	Steps        uint64  `json:"steps,omitempty"`
	BusyNS       int64   `json:"busy_ns,omitempty"` // on the loop
	Yields       uint64  `json:"yields,omitempty"`
	SelfWakes    uint64  `json:"self_wakes,omitempty"`
	SinceWatchMS float64 `json:"since_watch_ms,omitempty"` // over how long these were counted; 0 where they were not
}

// Tasks is a page of tasks.
type Tasks struct {
	At       time.Time `json:"at"`
	AgeMS    float64   `json:"age_ms"`
	Total    int       `json:"total"`    // tasks of the loop
	Matching int       `json:"matching"` // of which the question asks for
	Tasks    []Task    `json:"tasks"`
	Next     uint64    `json:"next"` // where the next page begins: TasksQuery.After; 0 at the end
}

// Relative is a task as another one sees it.
type Relative struct {
	ID    uint64 `json:"id"`
	Name  string `json:"name"`
	State string `json:"state,omitempty"`
}

// Detail is everything that is known of one task.
type Detail struct {
	Task     Task       `json:"task"`
	Stack    []Frame    `json:"stack"`
	Path     []Relative `json:"path"`     // from the task up to main
	Children []Relative `json:"children"` // at most 1,000
}

// Node is a task in a tree.
type Node struct {
	ID       uint64 `json:"id"`
	Name     string `json:"name"`
	State    string `json:"state"`
	Parent   uint64 `json:"parent"`
	Depth    int    `json:"depth"`
	WaitsFor string `json:"waits_for"`
	Children int    `json:"children"`
}

// Tree is who has started whom.
type Tree struct {
	At        time.Time `json:"at"`
	AgeMS     float64   `json:"age_ms"`
	Total     int       `json:"total"`
	Nodes     []Node    `json:"nodes"`
	Truncated bool      `json:"truncated"`
}

// Edge says that From waits for To.
type Edge struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
	On   string `json:"on"`
}

// Graph is who waits for whom.
type Graph struct {
	Edges     []Edge            `json:"edges"`
	Cycles    [][]uint64        `json:"cycles"`
	Names     map[uint64]string `json:"names"`
	Truncated bool              `json:"truncated"`
}

// Histograms are how late timers were and how long steps took.
type Histograms struct {
	Lag     Histogram `json:"lag"`
	Step    Histogram `json:"step"`
	SinceMS float64   `json:"since_ms"`
}

// Warning is something that a program should look at.
type Warning struct {
	Kind  string    `json:"kind"`
	Task  uint64    `json:"task,omitempty"`
	Name  string    `json:"name"`
	Text  string    `json:"text"`
	Since time.Time `json:"since"`
	Stack string    `json:"stack,omitempty"`
}

// Now is the numbers of a loop at a moment.
type Now struct {
	Stats
	State string  `json:"state"`
	AgeMS float64 `json:"age_ms"`
}
