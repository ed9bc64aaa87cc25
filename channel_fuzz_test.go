package asyncio_test

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// refChannel says what a channel with two ends on each side must do.
type refChannel struct {
	refWorld
	capacity       int
	free           []int // values that nobody was called for; more than capacity after a cancellation
	spoken         []int // values, before those in free, for which a receiver was called
	called         int   // receivers called: as many as spoken, more after the last sender
	sending        []*refTask
	receiving      []*refTask
	offer          map[*refTask]int // what a waiting sender wants to send
	at             map[*refTask]int // at which of the two ends a task waits
	closedS        [2]bool
	closedR        [2]bool
	sent, received int
	dropped        int
}

func (c *refChannel) noSender() bool   { return c.closedS[0] && c.closedS[1] }
func (c *refChannel) noReceiver() bool { return c.closedR[0] && c.closedR[1] }

// takeFirst removes the oldest value, whoever it was meant for: those who were called
// later get the later ones.
func (c *refChannel) takeFirst() string {
	all := append(append([]int{}, c.spoken...), c.free...)
	n := min(c.called, len(all)-1)
	c.spoken, c.free = all[1:1+n], all[1+n:]
	c.received++
	return fmt.Sprint(all[0])
}

// callReceivers calls up to n receivers for the oldest free values.
func (c *refChannel) callReceivers(n int) bool {
	called := false
	for ; n > 0 && c.call(&c.receiving) != nil; n-- {
		called = true
		c.called++
		if len(c.free) > 0 {
			c.spoken, c.free = append(c.spoken, c.free[0]), c.free[1:]
		}
	}
	return called
}

// keepCalled moves values that nobody is called for any more to the front of the free.
func (c *refChannel) keepCalled() {
	if n := len(c.spoken); n > c.called {
		c.free = append(append([]int{}, c.spoken[c.called:]...), c.free...)
		c.spoken = c.spoken[:c.called]
	}
}

func (c *refChannel) trySend(end, v int) string {
	switch {
	case c.closedS[end]:
		return "closed"
	case c.noReceiver():
		return "broken"
	case len(c.receiving) == 0 && len(c.free) >= c.capacity:
		return "would block"
	}
	c.free = append(c.free, v)
	c.sent++
	c.callReceivers(1)
	return "sent"
}

func (c *refChannel) tryReceive(end int) string {
	if c.closedR[end] {
		return "closed"
	}
	if len(c.free) <= c.capacity && len(c.sending) > 0 {
		sender := c.call(&c.sending)
		c.free = append(c.free, c.offer[sender])
		c.sent++
	}
	switch {
	case len(c.free) > 0:
		return c.takeFirst()
	case c.noSender() && len(c.spoken) == 0:
		return "EOF"
	}
	return "would block"
}

func (c *refChannel) startSend(end, v int) {
	c.start(func(task *refTask) {
		if outcome := c.trySend(end, v); outcome != "would block" {
			c.finish(task, outcome)
			return
		}
		c.offer[task], c.at[task] = v, end
		c.park(task, &c.sending, func(task *refTask) { c.finish(task, outcomeOf("sent", task.failed)) })
	})
}

func (c *refChannel) startReceive(end int) {
	c.start(func(task *refTask) {
		if outcome := c.tryReceive(end); outcome != "would block" {
			c.finish(task, outcome)
			return
		}
		c.at[task] = end
		c.park(task, &c.receiving, c.resumeReceive)
	})
}

func (c *refChannel) resumeReceive(task *refTask) {
	if task.failed != nil {
		c.finish(task, outcomeOf(nil, task.failed))
		return
	}
	c.called--
	switch {
	case task.cancelled:
		c.keepCalled()
		c.finish(task, "cancelled")
	case len(c.spoken)+len(c.free) > 0:
		c.finish(task, c.takeFirst())
	default:
		c.finish(task, "EOF")
	}
	if c.noSender() && !task.cancelled {
		c.callReceivers(len(c.receiving))
	} else {
		c.callReceivers(len(c.free))
	}
	c.dropUnwanted()
}

// dropUnwanted drops what nobody can take.
func (c *refChannel) dropUnwanted() {
	if c.noReceiver() {
		c.dropped += len(c.free)
		c.free = nil
	}
}

// failAt ends the waits in a line at one end, or at both.
func (c *refChannel) failAt(line *[]*refTask, err error, ends ...int) {
	for _, task := range append([]*refTask{}, *line...) {
		for _, end := range ends {
			if c.at[task] == end {
				c.callThis(task).failed = err
			}
		}
	}
}

func (c *refChannel) closeSender(end int) {
	if c.closedS[end] {
		return
	}
	c.closedS[end] = true
	c.failAt(&c.sending, io.ErrClosedPipe, end)
	if c.noSender() {
		c.callReceivers(len(c.receiving))
	}
}

func (c *refChannel) closeReceiver(end int) {
	if c.closedR[end] {
		return
	}
	c.closedR[end] = true
	c.failAt(&c.receiving, io.ErrClosedPipe, end)
	if c.noReceiver() {
		c.failAt(&c.sending, asyncio.ErrBrokenChannel, 0, 1)
		c.dropUnwanted()
	}
}

// realChannel is a channel with two ends on each side.
type realChannel struct {
	realWorld
	s [2]*asyncio.Sender[int]
	r [2]*asyncio.Receiver[int]
}

func newRealChannel(capacity int) *realChannel {
	s, r := asyncio.NewChannel[int](capacity)
	return &realChannel{
		s: [2]*asyncio.Sender[int]{s, s.Clone()},
		r: [2]*asyncio.Receiver[int]{r, r.Clone()},
	}
}

func FuzzChannel(f *testing.F) {
	addRandomScripts(f)
	f.Add([]byte{0, 0, 0, 6, 2, 4, 3, 6, 6})            // rendezvous; the woken receiver is cancelled
	f.Add([]byte{0, 1, 1, 6, 4, 3, 3, 6, 6})            // a waiting sender is cancelled, then received from
	f.Add([]byte{1, 2, 1, 9, 6, 3, 0, 3, 6, 6})         // senders wait for a place
	f.Add([]byte{0, 0, 0, 6, 2, 10, 4, 12, 6, 1, 6, 3}) // both woken receivers are cancelled
	f.Add([]byte{2, 0, 6, 2, 5, 13, 0, 4, 6, 6})        // the last sender closes with a value spoken for
	f.Add([]byte{1, 0, 6, 2, 2, 1, 6, 7, 15, 4, 6, 2})  // the last receiver closes
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) == 0 || len(script) > 400 {
			return
		}
		capacity := int(script[0]) % 3
		asynciotest.Run(t, func(ctx context.Context) { fuzzChannel(ctx, t, capacity, script[1:]) })
	})
}

func fuzzChannel(ctx context.Context, t *testing.T, capacity int, script []byte) {
	real := newRealChannel(capacity)
	ref := &refChannel{capacity: capacity, offer: map[*refTask]int{}, at: map[*refTask]int{}}
	for v, op := range script {
		channelStep(ctx, t, real, ref, op, v)
		if t.Failed() {
			return
		}
		wantChannelAsModel(t, real, ref)
	}
	finishBoth(ctx, t, &real.realWorld, &ref.refWorld)
	if left := real.s[0].Stats().Len; ref.sent != ref.received+ref.dropped+left {
		t.Errorf("%d values sent, %d received, %d dropped, %d left", ref.sent, ref.received, ref.dropped, left)
	}
}

// channelStep does one operation in both worlds, at the end that the op names.
func channelStep(ctx context.Context, t *testing.T, real *realChannel, ref *refChannel, op byte, v int) {
	end := int(op) / 8 % 2
	s, r := real.s[end], real.r[end]
	switch op % 8 {
	case 0:
		real.start(ctx, func(ctx context.Context) (any, error) { return r.Receive(ctx) })
		ref.startReceive(end)
	case 1:
		real.start(ctx, func(ctx context.Context) (any, error) { return "sent", s.Send(ctx, v) })
		ref.startSend(end, v)
	case 2:
		if got, want := outcomeOf("sent", s.TrySend(v)), ref.trySend(end, v); got != want {
			t.Errorf("TrySend: %s, want %s", got, want)
		}
	case 3:
		if got, want := outcomeOf(r.TryReceive()), ref.tryReceive(end); got != want {
			t.Errorf("TryReceive: %s, want %s", got, want)
		}
	case 4:
		cancelBoth(&real.realWorld, &ref.refWorld, int(op)/8)
	case 5:
		s.Close()
		ref.closeSender(end)
	case 7:
		r.Close()
		ref.closeReceiver(end)
	default:
		roundInBoth(ctx, t, &real.realWorld, &ref.refWorld)
	}
}

// wantChannelAsModel compares what a channel tells about itself with the model.
func wantChannelAsModel(t *testing.T, real *realChannel, ref *refChannel) {
	t.Helper()
	open := func(closed [2]bool) (n int) {
		for _, c := range closed {
			if !c {
				n++
			}
		}
		return n
	}
	want := asyncio.ChannelStats{
		Len: len(ref.spoken) + len(ref.free), Cap: ref.capacity,
		Senders: open(ref.closedS), Receivers: open(ref.closedR),
		Sending: len(ref.sending), Receiving: len(ref.receiving),
	}
	if got := real.s[0].Stats(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
