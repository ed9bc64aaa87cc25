package aionet

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A MemoryListener accepts the memory streams that its Dial makes: a server and its
// clients within one program, for tests under virtual time. It belongs to the loop on
// which it was made.
type MemoryListener struct {
	poller  inside.Poller
	addr    MemoryAddr
	buffer  int
	closed  bool
	waiting *asyncio.Queue[*MemoryConn]
}

// ListenMemory makes a listener of that name. Up to backlog connections, at least 1,
// wait in it to be accepted; then Dial waits. Each direction of a connection holds up
// to buffer bytes, as with [Pipe]. ListenMemory panics where ctx does not lead to a
// running loop.
func ListenMemory(ctx context.Context, name string, backlog, buffer int) *MemoryListener {
	p := inside.PollerOf(ctx)
	if p == nil {
		panic(asyncio.ErrNoLoop)
	}
	return &MemoryListener{
		poller:  p,
		addr:    MemoryAddr(name),
		buffer:  buffer,
		waiting: asyncio.NewQueue[*MemoryConn](max(backlog, 1)),
	}
}

// Dial connects to the listener and returns the client's end. As with TCP it does not
// wait for the server to accept, but it does for a place in the backlog; cancelled, it
// leaves no connection behind. After Close it fails with ECONNREFUSED.
func (l *MemoryListener) Dial(ctx context.Context) (*MemoryConn, error) {
	client, server := newPipe(ctx, l.buffer, l.addr+MemoryAddr(":client"), l.addr)
	switch err := l.waiting.Put(ctx, server); {
	case err == nil:
		return client, nil
	case errors.Is(err, asyncio.ErrQueueShutDown):
		err = os.NewSyscallError("connect", syscall.ECONNREFUSED)
		return nil, opError("dial", "memory", nil, l.addr, err)
	default:
		return nil, err
	}
}

// AcceptContext waits for the next connection. Cancelled, it took none (rule C3). After
// Close it fails with [net.ErrClosed].
func (l *MemoryListener) AcceptContext(ctx context.Context) (*MemoryConn, error) {
	c, err := l.waiting.Get(ctx)
	if err != nil && l.closed {
		l.drop() // what this call was to get and has left, too
	}
	if errors.Is(err, asyncio.ErrQueueShutDown) {
		err = opError("accept", "memory", nil, l.addr, net.ErrClosed)
	}
	return c, err
}

// AcceptStream is [MemoryListener.AcceptContext] for a [StreamListener].
func (l *MemoryListener) AcceptStream(ctx context.Context) (Stream, error) {
	c, err := l.AcceptContext(ctx)
	if err != nil {
		return nil, err // and no Stream that holds a nil pointer
	}
	return c, nil
}

// Accept is [MemoryListener.AcceptContext] under the context of the running task.
func (l *MemoryListener) Accept() (net.Conn, error) {
	ctx, err := l.poller.Context()
	if err != nil {
		return nil, err
	}
	return l.AcceptStream(ctx)
}

// Close refuses further connections, and resets those that nobody has accepted. A
// second Close returns [net.ErrClosed].
func (l *MemoryListener) Close() error {
	if l.closed {
		return opError("close", "memory", nil, l.addr, net.ErrClosed)
	}
	l.closed = true
	l.waiting.Shutdown(false)
	l.drop()
	return nil
}

// drop resets the connections that nobody has accepted.
func (l *MemoryListener) drop() {
	for {
		c, err := l.waiting.TryGet()
		if err != nil {
			return
		}
		c.Abort()
	}
}

// Addr is the listener's [MemoryAddr].
func (l *MemoryListener) Addr() net.Addr { return l.addr }
