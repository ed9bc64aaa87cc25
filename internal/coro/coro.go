// Package coro runs functions on coroutines that can be suspended and resumed.
//
// It is the only user of [iter.Pull] in the module. A coroutine is a goroutine
// that never runs at the same time as the goroutine that resumes it: [Coroutine.Resume]
// switches to it, [Coroutine.Suspend] switches back, and neither goes through
// the Go scheduler. One round trip costs about 100 ns, making one about 500 ns,
// so a coroutine is used again: when its body has ended it waits for the next one.
//
// Three traps of iter.Pull are dealt with here, so that nobody else meets them:
//
//   - A panic that crosses the switch loses its stack. It is recovered on the
//     coroutine and handed to [Body.Panicked] with the stack of the culprit.
//   - runtime.Goexit in a coroutine (t.FailNow) is raised again in whoever
//     resumed it, which would end the event loop without a word. The coroutine
//     parks in the middle of the Goexit instead, and Close lets it unwind on a
//     goroutine made for that.
//   - A coroutine that is dropped leaks its goroutine for ever: the owner must
//     Close each one. [Live] counts those that are left.
package coro

import (
	"iter"
	"runtime/debug"
	"sync/atomic"
)

// A Body is what a coroutine runs. Run may call Suspend.
type Body interface {
	Run()
	// Panicked is called on the coroutine, with the value and the stack of a panic in Run.
	Panicked(value any, stack []byte)
	// Exited is called on the coroutine when Run ended by runtime.Goexit.
	Exited()
	// Ended is called on the coroutine after Run has returned or panicked. The
	// coroutine goes on with the body that it returns, without a switch to its
	// owner and back; where that is nil it becomes idle, or, if keep is false, is
	// closed, which saves a switch as well.
	Ended(*Coroutine) (next Body, keep bool)
}

// State tells what a coroutine is about.
type State uint8

const (
	Idle      State = iota // no body: ready for Start
	Suspended              // in the middle of a body, or about to begin one
	Exiting                // its body called Goexit: only Close is allowed
	Closed
)

// A Coroutine runs one body after the other. It is not safe for concurrent use:
// its owner resumes it, from whatever goroutine, and waits until it gives way.
type Coroutine struct {
	next   func() (struct{}, bool)
	yield  func(struct{}) bool
	body   Body
	number uint64
	owner  uint32
	state  State

	panicked bool // the body in progress has panicked and was told so
}

var (
	live    atomic.Int64
	noValue struct{}
)

// Live is the number of coroutines of this process that are not closed.
func Live() int64 { return live.Load() }

// New makes a coroutine that waits for its first body. owner is a number for
// [Running], such as that of a loop.
func New(owner uint32) *Coroutine {
	c := new(Coroutine)
	c.Init(owner)
	return c
}

// Init is New for a coroutine that is a part of something else. It must be called
// once, before anything else, and the coroutine must not be moved after it.
func (c *Coroutine) Init(owner uint32) {
	c.owner = owner
	live.Add(1)
	// Its stop is not used: Close resumes the coroutine, which sees its state.
	c.next, _ = iter.Pull(func(yield func(struct{}) bool) {
		c.yield = yield
		c.serve()
	})
}

// State is the coroutine's state, as its owner sees it.
func (c *Coroutine) State() State { return c.state }

// SetNumber tells by which number [Stacks] is to know the body that comes next. It
// must be called before the body begins.
func (c *Coroutine) SetNumber(n uint64) { c.number = n }

// Start gives an idle coroutine its next body. It runs at the next Resume.
func (c *Coroutine) Start(b Body) {
	if c.state != Idle {
		panic("coro: Start of a coroutine that is not idle")
	}
	c.body = b
	c.state = Suspended
}

// Resume runs the coroutine until it suspends itself or its body ends.
func (c *Coroutine) Resume() { c.next() }

// Suspend gives control back to the caller of Resume. It must be called by the
// body, on the coroutine's own goroutine, and returns at the next Resume.
func (c *Coroutine) Suspend() { c.yield(noValue) }

// Close ends a coroutine that has no body in progress. A body that is suspended
// must be brought to its end first: its Suspend would return at once, for ever.
func (c *Coroutine) Close() {
	switch c.state {
	case Closed:
		return
	case Suspended:
		panic("coro: Close of a coroutine whose body has not ended")
	case Exiting:
		c.unwind()
	default:
		c.state = Closed
		c.next()
	}
	live.Add(-1)
}

// unwind lets a coroutine that parked in the middle of a Goexit run to its end.
// The Goexit is raised again in whoever does that, so it is a goroutine of its own.
func (c *Coroutine) unwind() {
	c.state = Closed
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.next()
	}()
	<-done
}

// serve is the coroutine's goroutine: one body after the other until Close.
//
// A stack that has outgrown its first 2 KiB does not shrink back below 4, so each byte
// counts that lies under the body: that is why mark is given the coroutine and not a
// function.
func (c *Coroutine) serve() {
	for c.state != Closed {
		mark([4]uint64{markMagic, uint64(c.owner), 1, c.number}, c, nil)
		if !c.follow() {
			return
		}
	}
}

// follow gets the next body. It returns false where there will be none.
func (c *Coroutine) follow() bool {
	var keep bool
	c.body, keep = c.body.Ended(c)
	switch {
	case c.body != nil: // it goes on, Suspended as before
	case keep:
		c.state = Idle
		c.yield(noValue)
	default:
		c.state = Closed
		live.Add(-1)
		return false
	}
	return true
}

// run runs the body and returns when it has returned or panicked. After a
// Goexit it parks and does not return.
func (c *Coroutine) run() {
	returned := false
	defer func() {
		if returned {
			return
		}
		if !c.panicked {
			c.body.Exited()
		}
		c.body = nil
		c.state = Exiting
		c.yield(noValue)
	}()
	c.panicked = false
	c.runBody()
	returned = true
}

// runBody tells the body of its panic, if it has one. It is a frame of its own
// because of a panic in the deferred calls of a Goexit: it can be recovered, but
// the Goexit goes on after that, and must be stopped in run.
func (c *Coroutine) runBody() {
	returned := false
	defer func() {
		if returned {
			return
		}
		if v := recover(); v != nil {
			c.body.Panicked(v, debug.Stack())
			c.panicked = true
		}
	}()
	c.body.Run()
	returned = true
}
