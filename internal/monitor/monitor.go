// Package monitor is what a console knows of the loops of this process. It lies
// below the loop, which fills it, and below the console, which reads it, so that
// neither knows the other.
//
// A loop registers itself as a [Source] when its Run begins. Nothing is collected
// before somebody asks: a console posts a function to the loop, which runs between two
// steps and sees a [View]; and who takes a [Tape] makes the loop write down what it
// does. A loop that does not answer and does not move is blocked ([Pulse]), and what runs
// on it can be told from outside.
package monitor

import "time"

// A Source is a loop as other goroutines see it. Any goroutine may call its methods.
type Source interface {
	// Number tells the loops of the process apart. It is never used again.
	Number() uint32
	Name() string
	// Started is when the run began, by the loop's clock: the zero of all Event.At.
	Started() time.Time
	// Virtual tells that the clock is virtual.
	Virtual() bool
	// Asleep tells that the loop waits for events or for time to pass.
	Asleep() bool
	// Moved is another number than at an earlier call where the loop has begun a step or a
	// callback since then.
	Moved() uint64
	// Post makes the loop call f between two steps, soon. f must take less than a
	// millisecond: who has more to do posts again. It returns false where the loop
	// has ended; f is then never called. A loop that ends may drop f too: Ended tells.
	Post(f func(View)) bool
	// Ended is closed when the run has ended.
	Ended() <-chan struct{}
	// Last are the numbers with which the run has ended, once Ended is closed: what is
	// counted in short runs would be lost otherwise.
	Last() Stats
	// Running is the traceback of what runs on the loop now, nil where nothing does.
	// It stops the world for some microseconds for each goroutine there is.
	Running() []byte
	// Stacks are the tracebacks of the loop's tasks that have begun, by their IDs, at
	// the price of Running.
	Stacks() map[uint64][]byte
	// Record makes the loop write down what it does, until the tape is closed. There
	// may be several tapes; the loop writes once.
	Record(Detail) Tape
	// Flush gives what the loop has written down so far to the tapes. It is for the loop's
	// own goroutine, in the middle of a step; others post View.Flush.
	Flush()
	// Meter makes the loop keep what costs it something for each round: utilisation
	// and lag. Call the function that it returns when nobody wants them any more.
	Meter() (stop func())
}

// Detail is how much is written down.
type Detail uint8

const (
	// Coarse writes the order of all events, and the time of a few: it costs some four
	// nanoseconds for each, and may stay on for ever.
	Coarse Detail = iota
	// Exact writes the time of each step.
	Exact
	// Stacks writes also the stack of each wait.
	Stacks
)

// A Tape reads what a loop writes down. One goroutine at a time may use it.
type Tape interface {
	// Read returns what was written since the last Read, oldest first, at the first
	// time what was kept from before; lost is how many events were overwritten
	// meanwhile. What the loop has written in the last moments comes with it only
	// after a Post(View.Flush).
	Read() (chunks []*Chunk, lost uint64)
	// Close is idempotent.
	Close() error
}

// A Chunk is a piece of what a loop has written down. It does not change.
type Chunk struct {
	First  uint64 // the number of the first event: they are counted from 0
	Lost   uint64 // how many events before the first were overwritten before they were read
	Events []Event
	Refs   []any       // what Event.Ref points to
	Stacks [][]uintptr // what Event.Stack points to: program counters for runtime.CallersFrames
}

// An Event is one thing that a loop did.
type Event struct {
	At    int64  // nanoseconds since Source.Started; NoTime where it was not looked at
	Task  uint64 // whose event it is, 0 for none
	Ref   int32  // in Chunk.Refs, -1 for none
	Stack int32  // in Chunk.Stacks, -1 for none
	Until int64  // for Parked: when a timer will end the wait; NoTime for none
	Kind  Kind
	Cause Cause // for Woken and Done
}

// NoTime stands for a time that nobody has looked at, and for no deadline.
const NoTime = -1 << 63

// Kind is what happened. A step ends where its task is Parked, Done, or Woken ByYield, a
// callback with the next event that is not of its doing. What a task did is what happened
// between the beginning and the end of its step. A Step in the middle of a step is that of
// a task which was started eagerly; another one tells that its starter goes on.
type Kind uint8

const (
	Created  Kind = iota // Task was made by the step in which this is. Ref: a Birth
	Step                 // Task runs from here
	Callback             // a callback, or a timer that is due, runs from here. Ref: what
	Parked               // Task waits, its step ends. Ref: what for
	Woken                // Task is ready again. Cause: why
	Done                 // Task has ended, its step ends. Cause: how. Ref: its error, if any
	Sleep                // the loop waits for events, until Until
	Awake                // and now no longer
	IO                   // what follows up to the next step comes from descriptors
	Posts                // what follows up to the next step comes from other goroutines
	Timers               // what follows up to the next step comes from timers
	Renamed              // Ref: the new name, a string
	Round                // a round begins; Until: how many entries it is to run
)

// Cause is why a task is ready again, or how it has ended.
type Cause uint8

const (
	ByWake   Cause = iota // what it waited for has come, or its time is over
	ByCancel              // its wait was cancelled
	ByYield               // it gave way and waits for its turn
	Returned              // Done without an error
	Failed
	Cancelled
	Panicked
	Exited // by runtime.Goexit
)

// A Birth is what is known of a task when it is made.
type Birth struct {
	Parent uint64 // the task under whose context it was made, 0 for none
	Name   string // "" for the usual one, "Task-" and the number
	Site   Site
}

// A Site is a place in a program.
type Site struct {
	Function string `json:"function,omitempty"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
}
