package monitor

import "time"

// A View is a loop between two steps. It is valid for the call of the function that
// was posted, on the loop's goroutine, and no longer.
type View interface {
	Stats() Stats
	// Tasks appends to buf, up to its capacity and for at most about a quarter of a
	// millisecond, the tasks that have not ended and whose IDs are above after, in
	// their order. more tells that there are further ones.
	Tasks(after uint64, buf []Task) (tasks []Task, more bool)
	// Task is one task, its stack included.
	Task(id uint64) (Task, []Frame, bool)
	// Timers, Descriptors, Threads and Failures work as Tasks does; after counts from 0.
	Timers(after int, buf []Timer) (timers []Timer, more bool)
	Descriptors(after int, buf []Descriptor) (descriptors []Descriptor, more bool)
	Threads(after int, buf []Thread) (threads []Thread, more bool)
	// Resources are the locks, queues and the like that were met since a console was
	// there, as far as they are still in use. after is 0 or what the call before has
	// returned as next, which is 0 where nothing is left; a call may find none and yet
	// not be the last.
	Resources(after uint64, buf []Resource) (resources []Resource, next uint64)
	// Failures are the errors that nobody has looked at.
	Failures(after int, buf []Failure) (failures []Failure, more bool)
	// Describe says what something in Chunk.Refs is.
	Describe(ref any) string
	// Flush gives what the loop has written down so far to the tapes.
	Flush()
}

// A Task is a task that has not ended. It is what the console sends over the wire.
type Task struct {
	ID       uint64    `json:"id"`
	Name     string    `json:"name"`
	State    string    `json:"state"` // "ready", "running", "waiting"
	Parent   uint64    `json:"parent,omitempty"`
	Site     Site      `json:"site"`
	Created  Site      `json:"created,omitzero"` // only in debug mode
	WaitsFor string    `json:"waits_for,omitempty"`
	On       uint64    `json:"on,omitempty"` // the same number for all who wait for the same thing, and for it among the Resources; 0 where it is no object
	Since    time.Time `json:"since,omitzero"`
	Until    time.Time `json:"until,omitzero"`   // when a timer will end the wait
	Tasks    []uint64  `json:"tasks,omitempty"`  // who could end the wait, as far as that is known
	Ending   bool      `json:"ending,omitempty"` // it was cancelled and has not ended yet
	Priority int       `json:"priority,omitempty"`
	Begun    bool      `json:"begun"`
}

// A Frame is one function of a stack, the innermost first.
type Frame = Site

// Stats are the numbers of a loop. Times and histograms are there only as far as
// somebody has asked for them with Source.Meter, since when Metered tells.
type Stats struct {
	At      time.Time `json:"at"`
	Tasks   int       `json:"tasks"`
	Waiting int       `json:"waiting"` // of the tasks; the others are ready
	Created uint64    `json:"created"` // tasks made since the start
	Ready   int       `json:"ready"`
	Timers  int       `json:"timers"`
	Next    time.Time `json:"next,omitzero"` // when the first timer is due

	Threads     int `json:"threads"`
	Handles     int `json:"handles"`
	Descriptors int `json:"descriptors"`
	Contexts    int `json:"contexts"` // of the standard library, that are watched
	Coroutines  int `json:"coroutines"`
	Failures    int `json:"failures"` // that nobody has looked at

	Rounds  uint64 `json:"rounds"`
	Entries uint64 `json:"entries"` // steps and callbacks that were run
	Wakeups uint64 `json:"wakeups"` // times the loop slept and was woken
	Posts   uint64 `json:"posts"`   // calls from other goroutines

	Metered time.Time     `json:"metered,omitzero"`
	Busy    time.Duration `json:"busy_ns"`   // not asleep since Metered
	Asleep  time.Duration `json:"asleep_ns"` // since Metered
	Lag     Histogram     `json:"lag"`       // how late timers were
}

// A Histogram counts durations by powers of two: Buckets[i] those below 1<<i
// nanoseconds that are not below 1<<(i-1).
type Histogram struct {
	Buckets [48]uint64    `json:"buckets"`
	Sum     time.Duration `json:"sum_ns"`
	Max     time.Duration `json:"max_ns"`
}

// Add counts d; what is below 0 counts as 0.
func (h *Histogram) Add(d time.Duration) {
	d = max(d, 0)
	h.Buckets[min(bitLen(uint64(d)), len(h.Buckets)-1)]++
	h.Sum += d
	h.Max = max(h.Max, d)
}

// A Timer is something that the loop will do at a time.
type Timer struct {
	When time.Time `json:"when"`
	What string    `json:"what"`
	Task uint64    `json:"task,omitempty"` // whose it is, if it is a task's
}

// A Descriptor is one that the loop watches.
type Descriptor struct {
	FD   int    `json:"fd"`
	What string `json:"what"` // its kind: a connection's addresses are not told
}

// A Thread is a call of ToThread that has not come back.
type Thread struct {
	Task  uint64    `json:"task,omitempty"` // 0 where the task no longer waits for it
	Site  Site      `json:"site"`
	Since time.Time `json:"since"`
}

// A Resource is a lock, a queue or the like.
type Resource struct {
	ID      uint64   `json:"id"` // what Task.On says of those who wait for it
	Kind    string   `json:"kind"`
	State   string   `json:"state"` // for people: "held by \"writer\"", "12 of 100"
	Length  int      `json:"length,omitempty"`
	Limit   int      `json:"limit,omitempty"` // 0 for none
	Holders []uint64 `json:"holders,omitempty"`
	Waiting int      `json:"waiting"`
}

// A Failure is an error that nobody has looked at.
type Failure struct {
	Task  string `json:"task"`
	Error string `json:"error"`
}
