package aionet

import (
	"context"
	"io"
	"net"
	"time"
)

// tlsLink is the connection that tls.Conn believes to be on. It never waits, but during
// the handshake, when nobody else has the connection.
type tlsLink struct{ conn *TLSConn }

// comeBack is what tls.Conn gets where there is nothing to read. Errors that are called
// temporary it does not keep: its next Read goes on where this one stopped, be it in
// the middle of a record.
type comeBack struct{}

func (comeBack) Error() string   { return "aionet: nothing has come yet" }
func (comeBack) Timeout() bool   { return true }
func (comeBack) Temporary() bool { return true }

var errComeBack net.Error = comeBack{}

// Read takes what has come.
func (l tlsLink) Read(p []byte) (int, error) {
	t := l.conn
	if t.inStart == len(t.in) {
		if t.handshake == nil {
			return 0, errComeBack
		}
		if err := t.exchange(t.handshake); err != nil {
			t.broken = err
			return 0, err
		}
	}
	n := copy(p, t.in[t.inStart:])
	t.inStart += n
	return n, nil
}

// exchange is the wait of a handshake: for the peer to get our part, and then for its.
func (t *TLSConn) exchange(ctx context.Context) error {
	if err := t.flush(ctx); err != nil {
		return err
	}
	return t.fill(ctx)
}

// Write leaves p in the buffer.
func (l tlsLink) Write(p []byte) (int, error) {
	t := l.conn
	if t.out == nil {
		t.out = t.buffers.get()
	}
	t.out = append(t.out, p...)
	return len(p), nil
}

// Close is nothing: the TLSConn closes the stream.
func (l tlsLink) Close() error { return nil }

// LocalAddr is the stream's.
func (l tlsLink) LocalAddr() net.Addr { return l.conn.LocalAddr() }

// RemoteAddr is the stream's.
func (l tlsLink) RemoteAddr() net.Addr { return l.conn.RemoteAddr() }

// SetDeadline is nothing, as there is nothing that waits. tls.Conn sets one for its
// close_notify.
func (l tlsLink) SetDeadline(time.Time) error { return nil }

// SetReadDeadline is nothing.
func (l tlsLink) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline is nothing.
func (l tlsLink) SetWriteDeadline(time.Time) error { return nil }

// The size in bytes of the buffer of what has come. It doubles when it was full, and
// halves when it was nearly empty several times running, so that a connection on which
// little comes holds little.
const (
	leastInput = 1 << 10
	mostInput  = 32 << 10
	manyLittle = 16 // times
)

// fill waits for bytes from the stream. The buffer is empty.
func (t *TLSConn) fill(ctx context.Context) error {
	if t.inEnd != nil {
		return t.inEnd
	}
	t.fitInput()
	n, err := t.stream.ReadContext(ctx, t.in[:cap(t.in)])
	t.in, t.inStart = t.in[:n], 0
	switch {
	case n > 0:
		return nil // the stream will say again what is wrong with it
	case err == io.EOF:
		// The stream has ended and TLS has not: somebody may have cut it (rule N5).
		t.inEnd = io.ErrUnexpectedEOF
		return t.inEnd
	case err == nil:
		return io.ErrNoProgress
	}
	return err
}

// fitInput chooses the size of the buffer after what came last.
func (t *TLSConn) fitInput() {
	size, came := cap(t.in), len(t.in)
	if came >= size/8 {
		t.little = 0
	} else {
		t.little++
	}
	switch {
	case came == size && size < mostInput:
		t.in = make([]byte, max(leastInput, 2*size))
	case t.little == manyLittle && size > leastInput:
		t.in = make([]byte, size/2)
		t.little = 0
	}
}
