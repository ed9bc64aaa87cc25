package aionet

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/inside"
)

// Threadsafe is a view of s that any goroutine may use, several at a time: for a
// library that works on goroutines of its own, such as the standard library's HTTP/2.
// Each call goes to the loop and waits there for its turn: the calls of one direction
// are done one after the other. The loop's tasks must leave s to the view.
//
// Close closes s and gives the view back; until then the loop waits for it as for an
// open handle (rules T1 and L5). Deadlines and Close reach the calls under way. When
// ctx, which must be that of a task of the loop, ends, or the loop does, all calls
// fail with net.ErrClosed. Deadlines are on the loop's clock.
//
// A Read or Write by the loop itself would wait for itself: it returns [ErrOnLoop],
// after a moment in which nothing else runs. Close may be called there.
func Threadsafe(ctx context.Context, s Stream) (net.Conn, error) {
	p := inside.PollerOf(ctx)
	if p == nil {
		return nil, asyncio.ErrNoLoop
	}
	v := &threadsafe{stream: s, poller: p, local: s.LocalAddr(), remote: s.RemoteAddr()}
	v.handle = asyncio.OpenHandle(ctx)
	v.in.open(ctx, v, "read", s.ReadContext)
	v.out.open(ctx, v, "write", s.WriteContext)
	return v, nil
}

// ErrOnLoop is the error of a Read or Write of a [Threadsafe] view by a task or a
// callback of the view's own loop.
var ErrOnLoop = errors.New("asyncio: a thread-safe view was used on its own loop, which would wait for itself: use the stream there, or the view in ToThread")

// threadsafe is a view of a stream.
type threadsafe struct {
	stream  Stream
	poller  inside.Poller
	handle  *asyncio.LoopHandle
	in, out lane
	local   net.Addr
	remote  net.Addr
	closed  atomic.Bool
}

func (v *threadsafe) Read(p []byte) (int, error)  { return v.in.call(p) }
func (v *threadsafe) Write(p []byte) (int, error) { return v.out.call(p) }

func (v *threadsafe) LocalAddr() net.Addr  { return v.local }
func (v *threadsafe) RemoteAddr() net.Addr { return v.remote }

func (v *threadsafe) SetDeadline(t time.Time) error {
	return v.post(func() { v.stream.SetDeadline(t) })
}

func (v *threadsafe) SetReadDeadline(t time.Time) error {
	return v.post(func() { v.stream.SetReadDeadline(t) })
}

func (v *threadsafe) SetWriteDeadline(t time.Time) error {
	return v.post(func() { v.stream.SetWriteDeadline(t) })
}

// post makes the loop do f before any call that comes later: posts keep their order.
func (v *threadsafe) post(f func()) error {
	if v.closed.Load() || v.handle.CallSoonThreadsafe(f) != nil {
		return v.fail("set", net.ErrClosed)
	}
	return nil
}

// CloseWrite tells the peer that no more will come. Reading goes on.
func (v *threadsafe) CloseWrite() error {
	if v.closed.Load() {
		return v.fail("close", net.ErrClosed)
	}
	err, done := v.onLoop(v.stream.CloseWrite)
	if !done {
		return v.fail("close", net.ErrClosed)
	}
	return err
}

// Close closes the stream and ends the calls under way with net.ErrClosed.
func (v *threadsafe) Close() error {
	if v.closed.Swap(true) {
		return v.fail("close", net.ErrClosed)
	}
	defer v.handle.Close()
	err, _ := v.onLoop(v.shut) // after the loop's end, which has closed everything, too
	return err
}

// shut is the loop's part of Close.
func (v *threadsafe) shut() error {
	err := v.stream.Close()
	v.in.end()
	v.out.end()
	return err
}

// onLoop does f on the loop and waits for it. done is false where the loop has ended.
func (v *threadsafe) onLoop(f func() error) (err error, done bool) {
	if inside.OnLoop(v.poller) {
		return f(), true
	}
	reply := make(chan error, 1)
	if v.handle.CallSoonThreadsafe(func() { reply <- f() }) != nil {
		return nil, false
	}
	return <-reply, true
}

// fail is err as package net would return it.
func (v *threadsafe) fail(op string, err error) error {
	return &net.OpError{Op: op, Net: networkName(v.local), Source: v.local, Addr: v.remote, Err: err}
}
