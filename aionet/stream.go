package aionet

import (
	"context"
	"errors"
	"io"
	"net"
)

// A Stream is what all byte streams of this package are: [Conn], [TLSConn],
// [MemoryConn]. It has one reader and one writer at a time; a second one gets
// asyncio.ErrBusy (rule N1). It belongs to its loop; other goroutines use
// [Threadsafe].
//
// Read and Write, which have no ctx, wait under the context of the task that calls
// them: they end when that task, its group or Run is cancelled, but know nothing of
// a timeout inside the task. ReadContext and WriteContext wait under ctx.
type Stream interface {
	net.Conn
	// ReadContext waits for at least one byte. A cancelled read has taken nothing.
	ReadContext(ctx context.Context, p []byte) (int, error)
	// WriteContext waits until all of p is written, or returns how much was. After a
	// cancellation in the middle of p the stream is at the end of half a message, and
	// later writes return [ErrPartialWrite].
	WriteContext(ctx context.Context, p []byte) (int, error)
	// CloseWrite tells the peer that no more will come. Reading goes on.
	CloseWrite() error
	// Abort closes without waiting and without sending what is buffered. The peer of
	// a TCP connection sees a reset.
	Abort() error
}

// ErrPartialWrite is the error of a write after one that was cancelled when part of
// it had been sent: what follows would be taken for the rest. Close the stream.
var ErrPartialWrite = errors.New("asyncio: an earlier write was cancelled in the middle: close the connection")

// bound is a stream whose Read and Write wait under a context of their own.
type bound struct {
	Stream
	ctx context.Context
}

// Bind is a view of s whose Read and Write wait under ctx: for libraries that take
// a net.Conn, an io.Reader or an io.Writer. It has no state of its own. That of a
// [Conn] is an io.ReaderFrom and an io.WriterTo, as the Conn is.
func Bind(ctx context.Context, s Stream) net.Conn {
	if c, ok := s.(*Conn); ok {
		return &boundConn{bound{s, ctx}, c}
	}
	return &bound{s, ctx}
}

func (b *bound) Read(p []byte) (int, error)  { return b.ReadContext(b.ctx, p) }
func (b *bound) Write(p []byte) (int, error) { return b.WriteContext(b.ctx, p) }

// boundConn is bound for a Conn.
type boundConn struct {
	bound
	conn *Conn
}

func (b *boundConn) ReadFrom(r io.Reader) (int64, error) { return b.conn.ReadFromContext(b.ctx, r) }
func (b *boundConn) WriteTo(w io.Writer) (int64, error)  { return b.conn.WriteToContext(b.ctx, w) }
