package aionet

import (
	"context"
	"net"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A lane takes the calls of one direction of a [Threadsafe] view to the loop. A task
// is there for them as long as the view is open, so that a call costs one hop there
// and one back, and starts nothing.
type lane struct {
	view *threadsafe
	op   string
	do   func(ctx context.Context, p []byte) (int, error)

	// The goroutines' half. Who is in turn may use what follows.
	turn  chan struct{}
	reply chan result
	slow  *time.Timer

	// The loop's half. What is for both changes hands with a post and with the reply.
	p         []byte
	pending   bool // a call is there, and not answered
	over      bool // no call will be answered but with an error
	withdrawn int  // calls that will come and that nobody waits for
	calls     asyncio.WaitQueue
}

type result struct {
	n   int
	err error
}

// suspicious is how long a call may take before it looks whether it waits for the
// loop on the loop. To look at once would cost each call as much as the hop.
const suspicious = 10 * time.Millisecond

func (l *lane) open(ctx context.Context, v *threadsafe, op string, do func(context.Context, []byte) (int, error)) {
	l.view, l.op, l.do = v, op, do
	l.turn, l.reply = make(chan struct{}, 1), make(chan result, 1)
	l.slow = time.NewTimer(0)
	asyncio.Go(ctx, l.serve, asyncio.TaskName("thread-safe "+op))
}

// call is one Read or Write, on the caller's goroutine.
func (l *lane) call(p []byte) (int, error) {
	if err := l.enter(); err != nil {
		return 0, err
	}
	defer l.leave()
	l.p = p
	if l.view.closed.Load() || l.view.handle.CallSoonThreadsafe(l.arrive) != nil {
		return 0, l.view.fail(l.op, net.ErrClosed)
	}
	l.slow.Reset(suspicious)
	defer l.slow.Stop()
	select {
	case r := <-l.reply:
		return r.n, r.err
	case <-l.slow.C:
	}
	if inside.OnLoop(l.view.poller) {
		l.withdrawn++ // the loop is here: it has not taken the call
		return 0, ErrOnLoop
	}
	r := <-l.reply
	return r.n, r.err
}

// enter waits for the end of the calls before this one.
func (l *lane) enter() error {
	select {
	case l.turn <- struct{}{}:
		return nil
	default:
	}
	slow := time.NewTimer(suspicious)
	defer slow.Stop()
	select {
	case l.turn <- struct{}{}:
		return nil
	case <-slow.C:
	}
	if inside.OnLoop(l.view.poller) {
		return ErrOnLoop
	}
	l.turn <- struct{}{}
	return nil
}

func (l *lane) leave() {
	l.p = nil
	<-l.turn
}

// arrive takes a call, on the loop.
func (l *lane) arrive() {
	if l.withdrawn > 0 {
		l.withdrawn--
		return
	}
	l.pending = true
	if l.over {
		l.refuse()
	}
	l.calls.Wake(1) // nobody is there where the task has ended, or has not begun
}

// serve is the task that does the calls.
func (l *lane) serve(ctx context.Context) error {
	defer func() { // also where the loop ends the task by force
		l.over = true
		l.refuse()
	}()
	for !l.over {
		if !l.pending {
			if _, err := l.calls.Park(ctx, l); err != nil {
				return nil
			}
			continue
		}
		n, err := l.do(ctx, l.p)
		if err != nil && ctx.Err() != nil {
			err = l.view.fail(l.op, net.ErrClosed)
		}
		l.answer(result{n, err})
	}
	return nil
}

// answer lets the goroutine go on. There is room for one answer, and one call.
func (l *lane) answer(r result) {
	l.pending = false
	l.reply <- r
}

// refuse answers the call that is there.
func (l *lane) refuse() {
	if l.pending {
		l.answer(result{0, l.view.fail(l.op, net.ErrClosed)})
	}
}

// end makes the task end. A call that is with the stream ends there, with it.
func (l *lane) end() {
	l.over = true
	l.calls.WakeAll()
}

// String is what reports call the wait.
func (l *lane) String() string { return "a call of another goroutine" }
