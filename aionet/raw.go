package aionet

import (
	"net"
	"syscall"
)

// SyscallConn is the descriptor, as that of [Conn].
func (l *Listener) SyscallConn() (syscall.RawConn, error) {
	if l.socket.closed {
		return nil, l.fail("raw-control", net.ErrClosed)
	}
	return &rawConn{&l.socket}, nil
}

type rawConn struct{ socket *socket }

func (r *rawConn) Control(f func(fd uintptr)) error {
	if r.socket.closed {
		return net.ErrClosed
	}
	f(uintptr(r.socket.fd))
	return nil
}

// Read calls f, and again after each time that the descriptor has become readable,
// until it returns true.
func (r *rawConn) Read(f func(fd uintptr) (done bool)) error {
	return r.repeat(&r.socket.in, f)
}

// Write is Read for writing.
func (r *rawConn) Write(f func(fd uintptr) (done bool)) error {
	return r.repeat(&r.socket.out, f)
}

func (r *rawConn) repeat(h *half, f func(fd uintptr) bool) error {
	s := r.socket
	ctx, err := s.poller.Context()
	if err != nil {
		return err
	}
	if err := s.enter(ctx, h); err != nil {
		return err
	}
	for !f(uintptr(s.fd)) {
		h.ready = false
		if err := s.await(ctx, h); err != nil {
			return err
		}
	}
	return nil
}
