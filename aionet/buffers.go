package aionet

import (
	"context"
	"net"
	"syscall"
)

// WriteBuffers writes several buffers one after the other, as many as the system takes
// in one call together. What was sent is taken off v, with an error as well, as
// net.Buffers does it. Cancellations and deadlines are those of WriteContext.
func (c *Conn) WriteBuffers(ctx context.Context, v *net.Buffers) (int64, error) {
	n, err := c.socket.writeBuffers(ctx, v)
	return n, c.fail("write", wrapCall("writev", err))
}

func (s *socket) writeBuffers(ctx context.Context, v *net.Buffers) (sent int64, err error) {
	if err := s.enter(ctx, &s.out); err != nil {
		return 0, err
	}
	if s.partial {
		return 0, ErrPartialWrite
	}
	consume(v, 0)
	for len(*v) > 0 && err == nil {
		if s.out.spent > fairShare {
			err = s.giveWay(ctx, &s.out)
		} else if s.out.ready {
			var n int
			n, err = s.writev(*v)
			consume(v, n)
			sent += int64(n)
		} else {
			err = s.await(ctx, &s.out)
		}
	}
	if err != nil && sent > 0 && ctx.Err() != nil {
		s.partial = true
	}
	return sent, err
}

// maxVector is how many buffers go into one call: no system takes more (IOV_MAX).
const maxVector = 1024

// writev writes what the system takes.
func (s *socket) writev(bufs [][]byte) (int, error) {
	n, err := s.net.Writev(s.fd, bufs[:min(len(bufs), maxVector)])
	if err == syscall.EAGAIN {
		s.out.ready = false
		return 0, nil
	}
	s.out.spent += n
	return n, err
}

// consume takes n bytes off v, and the empty buffers before what is left.
func consume(v *net.Buffers, n int) {
	for len(*v) > 0 && n >= len((*v)[0]) {
		n -= len((*v)[0])
		(*v)[0] = nil
		*v = (*v)[1:]
	}
	if n > 0 {
		(*v)[0] = (*v)[0][n:]
	}
}
