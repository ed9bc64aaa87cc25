package aiohttp

import (
	"io"
	"net/http"

	"github.com/goasyncio/asyncio"
)

// A serverBody is the body of a request as the handler reads it. The reader below it
// holds a lock while it waits for the client, which would stop the loop if another
// task wanted that lock; so nobody gets there but one at a time.
type serverBody struct {
	response *response
	from     io.ReadCloser // the standard library's
	left     int64         // of what MaxBodyBytes allows, if that bounds anything
	taken    int64
	reading  bool
	closed   bool
	ended    bool  // read to its end: the next request may follow
	err      error // why there will be no more
}

// Read waits for the client. A client that expects "100 Continue" is told to go on.
func (b *serverBody) Read(p []byte) (int, error) {
	switch {
	case b.reading:
		return 0, asyncio.ErrBusy
	case b.closed:
		return 0, http.ErrBodyReadAfterClose
	case b.err != nil:
		return 0, b.err
	case len(p) == 0:
		return 0, nil
	}
	b.reading = true
	defer func() { b.reading = false }()
	if err := b.response.sendContinue(); err != nil {
		return 0, err
	}
	return b.read(p)
}

// read is for who has set reading.
func (b *serverBody) read(p []byte) (n int, err error) {
	limit := b.response.conn.server.MaxBodyBytes
	if limit > 0 && int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one more, to see whether there is more
	}
	n, err = b.from.Read(p)
	b.taken += int64(n)
	if limit > 0 {
		if int64(n) > b.left {
			n, err = int(b.left), &http.MaxBytesError{Limit: limit}
			b.response.bodyTooLarge()
		}
		b.left -= int64(n)
	}
	if err == io.EOF {
		b.ended = true
		b.response.conn.checkHangup()
		b.response.req.Trailer = b.response.parsed.Trailer
	}
	if err != nil && !isTimeout(err) {
		b.err = err
	}
	return n, err
}

// Close says that the handler wants no more. What the client still sends is read, up
// to a bound, before the response.
func (b *serverBody) Close() error {
	b.closed = true
	return nil
}

// drainBytes is how much of a body that the handler has not read is read for it, so
// that the connection can go on, and so that a client which sends all of its request
// before it reads does not wait for us while we wait for it.
const drainBytes = 256 << 10

// drain reads the rest of the body, and reports whether it came to its end. It takes
// no longer than a header may take.
func (b *serverBody) drain() bool {
	if b.ended {
		return true
	}
	if b.reading || b.err != nil || b.response.unread() > drainBytes {
		return false
	}
	b.reading = true
	defer func() { b.reading = false }()
	c := b.response.conn
	c.timer.set(c, c.server.headerTimeout()) // the handler waits for nothing of it
	defer c.timer.clear()
	buf := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(buf)
	for n := 0; n <= drainBytes; {
		k, err := b.read(*buf)
		n += k
		if err != nil {
			return b.ended
		}
	}
	return false
}
