package aiohttp

import (
	"bufio"
	"context"

	"github.com/goasyncio/asyncio/aionet"
)

// handOver takes the connection out of the exchange and of the pool. From here on it
// speaks another protocol, and the context of the request has no say over it.
func (x *exchange) handOver() *upgraded {
	c := x.conn
	u := &upgraded{Stream: c.stream}
	if c.br.Buffered() > 0 {
		u.br = c.br
	}
	x.leave(func() {
		c.closed = true // for the pool
		c.pool.forget(c.route)
	})
	return u
}

// upgraded is the Response.Body after "101 Switching Protocols", an
// io.ReadWriteCloser as in package net/http, and an [aionet.Stream].
type upgraded struct {
	aionet.Stream
	br *bufio.Reader // what came with the header, nil when that has been read
}

// Read implements io.Reader.
func (u *upgraded) Read(p []byte) (int, error) {
	if u.br != nil {
		return u.buffered(p)
	}
	return u.Stream.Read(p)
}

// ReadContext implements [aionet.Stream].
func (u *upgraded) ReadContext(ctx context.Context, p []byte) (int, error) {
	if u.br != nil {
		return u.buffered(p)
	}
	return u.Stream.ReadContext(ctx, p)
}

func (u *upgraded) buffered(p []byte) (int, error) {
	p = p[:min(len(p), u.br.Buffered())]
	n, err := u.br.Read(p)
	if u.br.Buffered() == 0 {
		u.br = nil
	}
	return n, err
}
