// Package wire is what a console and its clients say to each other: the answers of the
// HTTP API as types, and what is done to text before it goes out. docs/CONSOLE.md
// describes the API.
package wire

import (
	"time"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// Program is the answer of /api/v1/program.
type Program struct {
	Program string    `json:"program"` // the name of the executable file, without its folder
	PID     int       `json:"pid"`
	Go      string    `json:"go"`
	Module  string    `json:"module,omitempty"`
	Started time.Time `json:"started"`
	Loops   []Loop    `json:"loops"` // those that run, by number; then those that have ended, the last first
}

// The states of a loop.
const (
	Running = "running" // something runs, or is ready to
	Asleep  = "asleep"  // it waits for events or for time to pass
	Blocked = "blocked" // it has not answered for a quarter of a second
	Ended   = "ended"
)

// Loop is one loop of the program.
type Loop struct {
	Number       uint32        `json:"number"`
	Name         string        `json:"name"`
	State        string        `json:"state"`
	Started      time.Time     `json:"started"`
	Virtual      bool          `json:"virtual,omitempty"` // its clock is virtual
	BlockedSince time.Time     `json:"blocked_since,omitzero"`
	BlockedBy    uint64        `json:"blocked_by,omitempty"` // the task that runs on it, where it is blocked
	Stack        string        `json:"stack,omitempty"`      // of what runs on it, where it is blocked
	AgeMS        float64       `json:"age_ms"`               // of Stats
	Stats        monitor.Stats `json:"stats"`
	EndedAt      time.Time     `json:"ended_at,omitzero"`
	Error        string        `json:"error,omitempty"`   // what it has ended with, if that was an error of the loop
	Cycles       [][]uint64    `json:"cycles,omitempty"`  // of a deadlock: the first waits for the second, the last for the first
	Waiters      []Waiter      `json:"waiters,omitempty"` // the tasks of Cycles
}

// Waiter is a task that was in a cycle of tasks that wait for each other.
type Waiter struct {
	ID       uint64 `json:"id"`
	Name     string `json:"name"`
	WaitsFor string `json:"waits_for,omitempty"`
}

// Task is a task that has not ended. The numbers are what the console has seen of it
// since it has watched, and are left out where it has not.
type Task struct {
	monitor.Task
	Steps        uint64  `json:"steps,omitempty"`
	BusyNS       int64   `json:"busy_ns,omitempty"` // time on the loop
	Yields       uint64  `json:"yields,omitempty"`
	SelfWakes    uint64  `json:"self_wakes,omitempty"`
	SinceWatchMS float64 `json:"since_watch_ms,omitempty"` // over how long these were counted
	Partial      bool    `json:"partial,omitempty"`        // not all was counted: the loop does more than the console can read
}

// Page is what all lists have in common.
type Page struct {
	At        time.Time `json:"at"`                  // when the loop was asked
	AgeMS     float64   `json:"age_ms"`              // how long ago that was
	Total     int       `json:"total"`               // how many there are
	Truncated bool      `json:"truncated,omitempty"` // there are more than a console looks at
	Next      uint64    `json:"next,omitempty"`      // the after of the next page; 0 where there is none
}

// Tasks is the answer of …/tasks.
type Tasks struct {
	Page
	Matching int    `json:"matching"` // how many of Total the filters let through
	Tasks    []Task `json:"tasks"`
}

// Detail is the answer of …/tasks/{id}.
type Detail struct {
	At               time.Time       `json:"at"` // when the loop told of Task
	Task             Task            `json:"task"`
	Stack            []monitor.Frame `json:"stack"` // the innermost first; empty where it has not begun or runs
	Traceback        string          `json:"traceback,omitempty"`
	Path             []Relative      `json:"path"` // from the task up
	Children         []Relative      `json:"children"`
	ChildrenOmitted  int             `json:"children_omitted,omitempty"`
	AgeMS            float64         `json:"age_ms"` // of Task; Path and Children are from the last listing
	ListingAgeMS     float64         `json:"listing_age_ms"`
	ListingTruncated bool            `json:"listing_truncated,omitempty"`
}

// Relative is a task beside another one.
type Relative struct {
	ID    uint64 `json:"id"`
	Name  string `json:"name"`
	State string `json:"state,omitempty"`
}

// Tree is the answer of …/tree: a part of the tree of tasks, each behind its parent and
// before its parent's next child.
type Tree struct {
	Page
	Nodes []Node `json:"nodes"`
}

// Node is a task in a tree.
type Node struct {
	ID       uint64 `json:"id"`
	Name     string `json:"name"`
	State    string `json:"state"`
	Parent   uint64 `json:"parent,omitempty"`
	Depth    int    `json:"depth"`
	WaitsFor string `json:"waits_for,omitempty"`
	Children int    `json:"children"` // how many there are, whether they follow or not
}

// Graph is the answer of …/graph: who waits for whom.
type Graph struct {
	At        time.Time         `json:"at"`
	AgeMS     float64           `json:"age_ms"`
	Edges     []Edge            `json:"edges"`  // those of cycles first
	Cycles    [][]uint64        `json:"cycles"` // the first waits for the second, the last for the first
	Names     map[uint64]string `json:"names"`
	Truncated bool              `json:"truncated,omitempty"`
}

// Edge says that From waits, and that To could end the wait.
type Edge struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
	On   string `json:"on"`
}

// Timers is the answer of …/timers.
type Timers struct {
	Page
	Timers []monitor.Timer `json:"timers"`
}

// Descriptors is the answer of …/descriptors.
type Descriptors struct {
	Page
	Descriptors []monitor.Descriptor `json:"descriptors"`
}

// Threads is the answer of …/threads.
type Threads struct {
	Page
	Threads []monitor.Thread `json:"threads"`
}

// Resources is the answer of …/resources.
type Resources struct {
	Page
	Resources []monitor.Resource `json:"resources"`
}

// Failures is the answer of …/failures.
type Failures struct {
	Page
	Failures []monitor.Failure `json:"failures"`
}

// Histograms is the answer of …/histograms.
type Histograms struct {
	Lag     monitor.Histogram `json:"lag"`               // how late timers were
	Step    monitor.Histogram `json:"step"`              // how long steps took
	SinceMS float64           `json:"since_ms"`          // for how long both have been counted
	Partial bool              `json:"partial,omitempty"` // steps are missing, as in Task
}

// Now is the answer of …/stats.
type Now struct {
	State string  `json:"state"`
	AgeMS float64 `json:"age_ms"`
	monitor.Stats
}

// The kinds of warnings.
const (
	WarnBlocked    = "blocked"
	WarnNeverWaits = "never-waits"
	WarnSelfWakes  = "self-wakes"
	WarnLockHeld   = "lock-held"
	WarnUnseen     = "unseen-error"
	WarnQueueGrows = "queue-grows"
	WarnCycle      = "deadlock-cycle"
	WarnReport     = "report"
)

// Warnings is the answer of …/warnings.
type Warnings struct {
	Warnings []Warning `json:"warnings"`
}

// Warning is something that a person should look at.
type Warning struct {
	Kind  string    `json:"kind"`
	Task  uint64    `json:"task,omitempty"`
	Name  string    `json:"name,omitempty"` // of the task or the thing
	Text  string    `json:"text"`
	Since time.Time `json:"since"`
	Stack string    `json:"stack,omitempty"`
}

// Error is the answer of any request that has failed.
type Error struct {
	Error string `json:"error"`
}
