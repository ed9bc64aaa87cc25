// Package simenv is what the parts of a simulated world, its network and its disks,
// get of the world: its clock, its events and its decisions.
package simenv

import (
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
)

// Env is a world as its parts see it. All of it is for the goroutine on which the
// world is at that moment.
type Env interface {
	// Now is the world's true time, from 0. The clocks of hosts may differ.
	Now() driver.Instant
	// After makes the world call f between two steps when d has passed. It never calls
	// f itself, not even where d is 0. label says what happens, for traces.
	After(d time.Duration, label string, f func()) Timer
	// Chance decides something that happens with probability p. It is false in the
	// mildest run, and without a decision where p is 0 or less.
	Chance(p float64, label string) bool
	// Draw decides between n values, of which 0 is the mildest. It is 0 without a
	// decision where n is 1 or less.
	Draw(n int, label string) int
	// Event tells what has happened, for traces and diagrams. Whoever has to format
	// something for it asks Recording first.
	Event(e Event)
	// Recording tells whether anybody looks at events.
	Recording() bool
}

// A Timer is a call that After has promised.
type Timer interface {
	// Stop takes the promise back. It may be called when f has been called.
	Stop()
}

// Kind is what has happened.
type Kind uint8

const (
	Sent      Kind = iota // a packet has left Host for Peer
	Delivered             // the packet ID of Host has come to Peer
	Dropped               // the packet will never come
	Connected             // a connection from Host to Peer is established
	Refused               // it is not
	Reset                 // the connection has ended with a reset
	Fault                 // something else was made to fail at Host
	Crashed               // Host has lost its memory
	Restarted             // Host runs its main again
	Paused                // Host stands still
	Resumed               // and goes on
	Clock                 // the clock of Host has jumped
	Partition             // Host cannot reach Peer any more
	Healed                // it can again
	Synced                // Host has brought a file to the disk
	Lost                  // a crash has taken what was not synced
	Mark                  // the program has come by a mark
)

// Event is something that has happened in a world.
type Event struct {
	Kind Kind
	Host string
	Peer string
	What string // in words: the label of a fault, the name of a file or of a mark
	ID   uint64 // of a packet: the same in Sent, Delivered and Dropped
	Size int    // bytes
}

// String is the kind in a word.
func (k Kind) String() string {
	return [...]string{
		"sent", "delivered", "dropped", "connected", "refused", "reset", "fault", "crashed",
		"restarted", "paused", "resumed", "clock", "partition", "healed", "synced", "lost", "mark",
	}[k]
}
