package fetch

import (
	"context"
	"net/url"
	"time"

	"github.com/goasyncio/asyncio"
)

// State is where a download is.
type State int

// A download goes from Queued to one of the last three, exactly once.
const (
	Queued      State = iota // waits for a place
	Connecting               // has asked, and has no answer yet
	Receiving                // the body comes
	Pausing                  // waits before it tries again
	Done                     // the file is whole and has its name
	Failed                   // will not be tried again
	Interrupted              // the user ended it
)

var stateNames = [...]string{"queued", "connecting", "receiving", "waiting to retry", "done", "failed", "interrupted"}

func (s State) String() string { return stateNames[s] }

// Ended tells whether nothing more will happen.
func (s State) Ended() bool { return s >= Done }

// A Download is one address and what became of it. Only tasks of the loop touch it, and
// they never run in parallel: it needs no lock, and whoever looks between two waits sees
// it whole.
type Download struct {
	Address string   // as it was given
	URL     *url.URL // nil where the address is not one
	Name    string   // the file name it will get, best known so far

	State    State
	Got      int64 // bytes of the file that are here, with those of earlier runs
	Total    int64 // bytes of the whole file; -1 while unknown
	Resumed  int64 // bytes that an earlier run had left
	Received int64 // bytes that came over the network, repeated ones too
	Attempts int
	Status   int       // the last HTTP status; 0 where no answer came
	Began    time.Time // when it got its place; zero where it never did
	Finished time.Time
	Path     string // the final name, where Done
	Kept     bool   // a part is kept to be resumed, where not Done
	Err      error  // where Failed or Interrupted

	changes []change // of State, in order
}

// change is the beginning of a state.
type change struct {
	at time.Time
	to State
}

// enter changes the state. The times are kept: pictures are labelled from them.
func (d *Download) enter(ctx context.Context, s State) {
	d.State = s
	d.changes = append(d.changes, change{asyncio.Now(ctx), s})
}

// stateAt tells the state at a moment of the past.
func (d *Download) stateAt(t time.Time) State {
	state := Queued
	for _, c := range d.changes {
		if c.at.After(t) {
			break
		}
		state = c.to
	}
	return state
}

// Busy is how long the download took, without the wait for its first place: the time that
// it would have taken alone.
func (d *Download) Busy() time.Duration {
	if d.Began.IsZero() {
		return 0
	}
	return d.Finished.Sub(d.Began)
}

// label is the address fit to be shown: without password, on one line.
func (d *Download) label() string {
	if d.URL == nil {
		return oneLine(d.Address)
	}
	return oneLine(d.URL.Redacted())
}
