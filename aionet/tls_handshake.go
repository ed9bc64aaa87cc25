package aionet

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/goasyncio/asyncio"
)

// doHandshake waits for the handshake, and for nothing after it: what the last flight
// left, such as a server's session tickets, is sent while the program goes on, since a
// peer that writes first does not read yet.
func (t *TLSConn) doHandshake(ctx context.Context) error {
	bound, timeout := asyncio.WithTimeout(ctx, t.opts.handshake)
	defer timeout.Cancel()
	if err := asyncio.Checkpoint(bound); err != nil {
		return err
	}
	t.handshake = bound
	// tls.Conn gets a context that does not end: under one that does it would need a
	// goroutine. The waits are ours, and bounded.
	err := t.tls.HandshakeContext(context.WithoutCancel(bound))
	t.handshake = nil
	if err == nil {
		t.push()
		return nil
	}
	return t.handshakeError(bound, timeout, err)
}

// handshakeError sends the alert that tells the peer why, if there is one, and tells
// the caller.
func (t *TLSConn) handshakeError(ctx context.Context, timeout *asyncio.Timeout, err error) error {
	switch {
	case t.broken == nil:
		t.flush(ctx) // where it cannot be sent, the first error is the one to report
		return err
	case timeout.Caused(t.broken):
		return t.fail("handshake", handshakeTimeout(t.opts.handshake))
	case t.broken == io.ErrUnexpectedEOF:
		return t.fail("handshake", io.ErrUnexpectedEOF)
	}
	return t.broken
}

// handshakeTimeout is the error of a handshake that took so long.
type handshakeTimeout time.Duration

func (d handshakeTimeout) Error() string {
	return fmt.Sprintf("the peer did not complete it within %v: %v", time.Duration(d), os.ErrDeadlineExceeded)
}

func (handshakeTimeout) Unwrap() error { return os.ErrDeadlineExceeded }

// Timeout makes the [net.OpError] around it a timeout.
func (handshakeTimeout) Timeout() bool { return true }

// ErrResidue is the error of an upgrade to TLS where the peer has already sent more
// than what asked for it. Whoever can write to the unencrypted connection could have
// put that there, for the program to take for something that came encrypted. It was
// dropped, and the stream is closed.
var ErrResidue = errors.New("aionet: unencrypted bytes after the request for TLS: somebody may have injected them")

// StartTLSClient upgrades the stream below r to TLS, in the role of the client: after
// the answer to STARTTLS was read through r, as in SMTP or IMAP. It fails with
// [ErrResidue] if more than that is in r. What was written before has been sent; while
// another task is still at a write, the upgrade fails with [asyncio.ErrBusy]. r cannot
// be used afterwards: make another on the TLSConn. As to the rest see [TLSClient].
func StartTLSClient(ctx context.Context, r *Reader, config *tls.Config, opts ...TLSOption) (*TLSConn, error) {
	s, err := r.handOver(ctx)
	if err != nil {
		return nil, err
	}
	return TLSClient(ctx, s, config, opts...)
}

// StartTLSServer is [StartTLSClient] in the role of the server: call it when the answer
// to STARTTLS has been written.
func StartTLSServer(ctx context.Context, r *Reader, config *tls.Config, opts ...TLSOption) (*TLSConn, error) {
	s, err := r.handOver(ctx)
	if err != nil {
		return nil, err
	}
	return TLSServer(ctx, s, config, opts...)
}

// handOver takes the stream from the reader, which must be empty.
func (r *Reader) handOver(ctx context.Context) (Stream, error) {
	s, ok := r.src.(Stream)
	if !ok {
		return nil, fmt.Errorf("aionet: TLS needs a stream that can be written to: this reader reads from a %T", r.src)
	}
	if err := r.enter(ctx); err != nil {
		return nil, err
	}
	defer r.leave()
	residue := r.Buffered() > 0
	r.src, r.buf, r.start = upgraded{}, nil, 0
	if residue {
		s.Close()
		return nil, ErrResidue
	}
	return s, nil
}

// upgraded is the source of a reader that has handed over its stream.
type upgraded struct{}

var errUpgraded = errors.New("aionet: the stream of this reader was upgraded to TLS: read from the TLSConn")

func (upgraded) Read([]byte) (int, error) { return 0, errUpgraded }

func (upgraded) ReadContext(context.Context, []byte) (int, error) { return 0, errUpgraded }
