// Package faulty is the operating system on a bad day: a driver around the real one
// whose calls fail as a plan says, take or give less than they could, or would block
// although they are ready, and whose events come twice, late and without a cause.
//
// It also keeps the books of descriptors: which are open, and who uses or closes one
// that is not.
package faulty

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/goasyncio/asyncio/internal/driver"
)

// A Call is one that is about to be made of the system.
type Call struct {
	Verb  Verb
	N     int // of this verb, from 1
	FD    int // -1 where it has none yet
	Bytes int // that it would move; 0 where it moves none
}

// A Verb is the name of a call.
type Verb string

// The verbs of a driver, of its network, and of what its system can do besides.
const (
	Arm         Verb = "arm"
	Watch       Verb = "watch"
	Socket      Verb = "socket"
	Adopt       Verb = "adopt"
	Bind        Verb = "bind"
	Listen      Verb = "listen"
	Accept      Verb = "accept"
	Connect     Verb = "connect"
	SocketError Verb = "socket error"
	Read        Verb = "read"
	Write       Verb = "write"
	Recv        Verb = "recv"
	Send        Verb = "send"
	Writev      Verb = "writev"
	RecvMsg     Verb = "recvmsg"
	SendMsg     Verb = "sendmsg"
	Shutdown    Verb = "shutdown"
	CloseSocket Verb = "close"
	LocalAddr   Verb = "getsockname"
	PeerAddr    Verb = "getpeername"
	SetOption   Verb = "setsockopt"
	Option      Verb = "getsockopt"
	Pair        Verb = "socketpair"
	Take        Verb = "take"
	File        Verb = "file"
	Duplicate   Verb = "dup"
	SendFiles   Verb = "send files"
	RecvFiles   Verb = "recv files"
	Credentials Verb = "credentials"
	SendFile    Verb = "sendfile"
	Channel     Verb = "pipe"
	Fill        Verb = "splice in"
	Drain       Verb = "splice out"
)

// An Outcome is what happens to a call. The zero value lets it be made.
type Outcome struct {
	// Err is the error of a call that is not made. A close that fails has closed the
	// number all the same, as on every system.
	Err error
	// Event tells that an event comes after Err, as one does after EAGAIN on a socket
	// that is ready: an edge-triggered poller would not tell a second time. It has no
	// effect on SendFile, which is not for the loop's goroutine.
	Event bool
	// Max is how many bytes the call moves at most; 0 is no bound. An event follows: who
	// got less than it asked for waits for one.
	Max int
}

// Again is a call that would block although the socket is ready.
func Again(err error) Outcome { return Outcome{Err: err, Event: true} }

// A World is a driver whose calls go wrong. Its fields must be set before it is run.
type World struct {
	driver.Driver
	// Plan decides about each call; nil lets all of them be. It is called for one at a
	// time.
	Plan func(Call) Outcome
	// Spurious makes the events of watched sockets come twice, the second also where
	// the socket is closed by then and the number has another owner; a Watch is followed
	// by an event without a cause.
	Spurious bool

	mu    sync.Mutex // a thread may close a duplicate of its own, and send a file
	calls map[Verb]int
	open  map[int]bool
	wrong []error

	watched map[int]driver.Handle
	late    []driver.Event
	network driver.Network
}

// New is a world around the driver of this system.
func New() (*World, error) {
	real, err := driver.New()
	if err != nil {
		return nil, err
	}
	w := &World{Driver: real, calls: map[Verb]int{}, open: map[int]bool{}, watched: map[int]driver.Handle{}}
	inner := real.Network()
	n := &network{w, inner}
	w.network = n
	if s, ok := inner.(driver.System); ok {
		w.network = &system{n, s}
	}
	return w, nil
}

// Context makes the loop that is run with it one in this world.
func (w *World) Context(ctx context.Context) context.Context {
	return driver.NewContext(ctx, func() driver.Driver { return w })
}

// Calls is how many of each verb were made, those that have failed included.
func (w *World) Calls() map[Verb]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.calls)
}

// Err tells what was wrong with the use of descriptors so far, and which are open.
func (w *World) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	errs := slices.Clone(w.wrong)
	if len(w.open) > 0 {
		errs = append(errs, fmt.Errorf("open descriptors: %v", slices.Sorted(maps.Keys(w.open))))
	}
	return errors.Join(errs...)
}

// enter is the beginning of every call.
func (w *World) enter(v Verb, fd, bytes int) Outcome {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls[v]++
	if fd >= 0 && !w.open[fd] {
		w.wrong = append(w.wrong, fmt.Errorf("%s of descriptor %d, which is not open", v, fd))
	}
	if w.Plan == nil {
		return Outcome{}
	}
	return w.Plan(Call{v, w.calls[v], fd, bytes})
}

// try is enter for the calls of the loop's goroutine, with the event that follows.
func (w *World) try(v Verb, fd, bytes int) Outcome {
	out := w.enter(v, fd, bytes)
	if out.Event {
		w.tell(fd)
	}
	return out
}

// tell brings an event with what is so now.
func (w *World) tell(fd int) {
	if h, ok := w.watched[fd]; ok {
		w.Driver.Watch(h)
	}
}

// opened notes a new number.
func (w *World) opened(fd int, err error) (int, error) {
	if err != nil {
		return fd, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open[fd] {
		w.wrong = append(w.wrong, fmt.Errorf("descriptor %d was opened twice: somebody else has closed it", fd))
	}
	w.open[fd] = true
	return fd, nil
}

func (w *World) closed(fd int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, fd)
}
