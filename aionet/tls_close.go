package aionet

import (
	"net"
	"time"

	"github.com/goasyncio/asyncio"
)

// Close sends a close_notify and closes the stream below; waits under way return
// [net.ErrClosed]. It does not wait: where the peer is slow to take what was written, a
// task of the connection's own goes on to send it, for up to the [ShutdownTimeout], and
// closes the stream then. Where another task is in the middle of a write the stream is
// closed at once, and the peer finds it cut off, as with [crypto/tls]. A second
// Close returns [net.ErrClosed].
func (t *TLSConn) Close() error {
	if t.closed {
		return t.fail("close", net.ErrClosed)
	}
	t.closed = true
	if t.writing || hasEnded(t.poller) {
		return t.stream.Close()
	}
	if !t.writeBy.IsZero() {
		t.stream.SetWriteDeadline(time.Time{}) // it was for the program's writes
	}
	t.notify()
	t.push()
	if !t.pumping {
		return t.stream.Close()
	}
	// The task that sends will close the stream; a reader should not wait for that.
	t.stream.SetWriteDeadline(asyncio.Now(t.poller.Root()).Add(t.opts.shutdown))
	return t.stream.SetReadDeadline(time.Unix(1, 0))
}

// CloseWrite sends a close_notify: the peer reads what was written and then io.EOF.
// Reading goes on. It does not wait: see [TLSConn.Close]. With an error the peer finds
// the stream cut off.
func (t *TLSConn) CloseWrite() error {
	if t.closed {
		return t.fail("close", net.ErrClosed)
	}
	t.notify()
	t.push()
	return t.outEnd
}

// notify writes the close_notify into the buffer, once.
func (t *TLSConn) notify() {
	if !t.finished {
		t.finished = true
		t.tls.CloseWrite() // it cannot fail: the handshake is over and the buffer takes it
	}
}

// Abort closes the stream below without a close_notify and drops what is not sent: the
// peer's reads and writes fail.
func (t *TLSConn) Abort() error {
	t.closed = true
	return t.stream.Abort()
}
