package aionet

import (
	"context"
	"io"
	"syscall"

	"github.com/goasyncio/asyncio/internal/driver"
)

// A splicing moves bytes from one connection to another through a buffer inside the
// system, which is filled only when it is empty: so it is known which of the two would
// block.
type splicing struct {
	channel  driver.Channel
	from, to *Conn
	fromCtx  context.Context
	toCtx    context.Context
	left     int64 // of the limit
	sent     int64
	broken   bool // a part of what the channel held was sent, and not all
}

// splice is readFrom from another connection, for which it waits under fromCtx. done is
// false where the system cannot, and nothing was moved.
func (c *Conn) splice(ctx context.Context, from *Conn, fromCtx context.Context, limit int64) (n int64, done bool, err error) {
	system, ok := c.socket.net.(driver.System)
	if !ok || c.kind.Type != driver.Stream || from.kind.Type != driver.Stream || c.socket.poller != from.socket.poller {
		return 0, false, nil
	}
	channel, err := system.Channel()
	if err != nil {
		return 0, false, nil // not here, or no descriptor is left: then by hand
	}
	defer channel.Close()
	x := &splicing{channel: channel, from: from, to: c, fromCtx: fromCtx, toCtx: ctx, left: limit}
	if c.socket.partial {
		return 0, true, ErrPartialWrite
	}
	for err == nil {
		if channel.Held() > 0 {
			err = x.drain()
		} else if x.left > 0 {
			err = x.fill()
		} else {
			err = io.EOF
		}
		if cannot(err) && x.sent == 0 && channel.Held() == 0 {
			return 0, false, nil
		}
	}
	if err == io.EOF {
		err = nil
	}
	c.socket.partial = c.socket.partial || x.broken && ctx.Err() != nil
	return x.sent, true, err
}

// fill takes from the one, or waits for it.
func (x *splicing) fill() error {
	s := &x.from.socket
	if err := s.enter(x.fromCtx, &s.in); err != nil {
		return x.from.fail("read", err)
	}
	if !s.in.ready {
		return x.from.fail("read", s.await(x.fromCtx, &s.in))
	}
	n, err := x.channel.Fill(s.fd, int(min(x.left, 1<<20)))
	switch {
	case err == syscall.EAGAIN:
		s.in.ready = false
		return nil
	case err == nil && n == 0:
		s.over = true
		return io.EOF
	}
	s.in.spent += n
	x.left -= int64(n)
	x.broken = false
	return x.from.fail("read", wrapCall("splice", err))
}

// drain gives to the other, or waits for it.
func (x *splicing) drain() error {
	s := &x.to.socket
	if err := s.enter(x.toCtx, &s.out); err != nil {
		return x.to.fail("write", err)
	}
	if !s.out.ready {
		return x.to.fail("write", s.await(x.toCtx, &s.out))
	}
	n, err := x.channel.Drain(s.fd)
	if err == syscall.EAGAIN {
		s.out.ready = false
		return nil
	}
	s.out.spent += n
	x.sent += int64(n)
	x.broken = x.channel.Held() > 0
	return x.to.fail("write", wrapCall("splice", err))
}
