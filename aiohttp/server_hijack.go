package aiohttp

import (
	"bufio"
	"errors"
	"net"
	"time"
)

var errHijackLate = errors.New("aiohttp: Hijack after the handler has returned")

// Hijack implements [http.Hijacker]: the connection is the caller's from here on, with
// what has been read ahead in the buffer. It may outlive the handler; the server
// neither closes it nor waits for it at a Shutdown. It stands on the loop all the
// same: Read and Write are for tasks.
//
// Libraries for protocols such as WebSocket hold a lock of their own while they write.
// Another task that wants that lock meanwhile stops the loop, and the first with it:
// let one task write, or take an asyncio.Lock around each call that does, the answers
// to pings included.
func (x *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c := x.conn
	if x.done && !c.hijacked {
		return nil, nil, errHijackLate
	}
	if err := x.usable(); err != nil {
		return nil, nil, err
	}
	if x.body != nil && x.body.reading {
		return nil, nil, errors.New("aiohttp: Hijack while another task reads the request's body")
	}
	x.expectsGo = false
	if x.status != 0 {
		if x.buffer != nil {
			x.buffer.Flush()
		}
		x.commit(nil)
		if err := c.out.Flush(); err != nil {
			return nil, nil, err
		}
	}
	c.hijacked = true
	c.timer.stop()
	c.stream.SetDeadline(time.Time{})
	c.server.conns.Forget(c.entry)
	return c.stream, bufio.NewReadWriter(c.in, c.out), nil
}

// SetReadDeadline bounds how long the handler waits for the request's body; see
// [http.ResponseController]. The clock is the loop's. It ends with the request.
func (x *response) SetReadDeadline(t time.Time) error {
	x.deadlines = true
	return x.conn.stream.SetReadDeadline(t)
}

// SetWriteDeadline bounds how long the handler waits for the client to take the
// response.
func (x *response) SetWriteDeadline(t time.Time) error {
	x.deadlines = true
	return x.conn.stream.SetWriteDeadline(t)
}

// EnableFullDuplex leaves the rest of the request's body alone when the response
// begins, so that the handler can read the one while it writes the other.
func (x *response) EnableFullDuplex() error {
	x.fullDuplex = true
	return nil
}
