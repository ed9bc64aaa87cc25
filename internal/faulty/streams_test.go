//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package faulty_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// What goes over a stream is a pattern in which each byte tells its place, so that
// whoever receives can tell a wrong one at once.

// errWrongByte is of a byte that was not sent at this place.
var errWrongByte = errors.New("a wrong byte")

func patternAt(i int) byte { return byte(i*7 + i>>8*13 + i>>16) }

func pattern(from, n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = patternAt(from + i)
	}
	return p
}

// send writes n bytes of the pattern in chunks.
func send(ctx context.Context, c aionet.Stream, n, chunk int) error {
	for at := 0; at < n; {
		p := pattern(at, min(chunk, n-at))
		sent, err := c.WriteContext(ctx, p)
		if err != nil {
			return err
		}
		if sent != len(p) {
			return fmt.Errorf("a write of %d of %d bytes: %w", sent, len(p), io.ErrShortWrite)
		}
		at += sent
	}
	return nil
}

// A source is where receive reads.
type source interface {
	ReadContext(ctx context.Context, p []byte) (int, error)
}

// receive reads n bytes of the pattern.
func receive(ctx context.Context, c source, n int) error {
	got, err := receiveSome(ctx, c, 0, n)
	if err == io.EOF {
		return fmt.Errorf("%d bytes of %d: %w", got, n, io.ErrUnexpectedEOF)
	}
	return err
}

// receiveSome reads from a place in the pattern up to another or the end of the stream.
func receiveSome(ctx context.Context, c source, at, n int) (int, error) {
	buf := make([]byte, 8<<10)
	for at < n {
		k, err := c.ReadContext(ctx, buf[:min(len(buf), n-at)])
		for i, b := range buf[:k] {
			if b != patternAt(at+i) {
				return at, fmt.Errorf("%w at %d: %d, want %d", errWrongByte, at+i, b, patternAt(at+i))
			}
		}
		if at += k; err != nil {
			return at, err
		}
	}
	return at, nil
}

// ended wants the end of the stream.
func ended(ctx context.Context, c source) error {
	n, err := c.ReadContext(ctx, make([]byte, 1))
	if n == 0 && err == io.EOF {
		return nil
	}
	return fmt.Errorf("%d bytes and %w, where the end should be", n, err)
}

// echo sends back what comes, to the end.
func echo(ctx context.Context, c aionet.Stream) error {
	buf := make([]byte, 4<<10)
	for {
		n, err := c.ReadContext(ctx, buf)
		if _, err := c.WriteContext(ctx, buf[:n]); err != nil {
			return err
		}
		if err == io.EOF {
			return c.CloseWrite()
		}
		if err != nil {
			return err
		}
	}
}

type task = func(ctx context.Context) error

// group runs tasks of which one that fails ends the others.
func group(ctx context.Context, tasks ...task) error {
	return asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
		for _, t := range tasks {
			g.Go(t)
		}
		return nil
	})
}

// addressIn is where to listen.
func addressIn(dir, network string) string {
	switch network {
	case "unix", "unixgram", "unixpacket":
		return filepath.Join(dir, "s")
	}
	return "127.0.0.1:0"
}

// listen is aionet.Listen with an address that can be dialled.
func listen(ctx context.Context, dir, network string) (*aionet.Listener, error) {
	l, err := aionet.Listen(ctx, network, addressIn(dir, network))
	if err == nil && l.Addr() == nil { // the system would not tell
		l.Close()
		return nil, errors.New("a listener without an address")
	}
	return l, err
}

type side = func(ctx context.Context, c *aionet.Conn) error

// linked runs a client and a server on a connection, and closes both ends.
func linked(ctx context.Context, dir, network string, client, server side) error {
	return linkedAsIs(ctx, dir, network, closing(client), closing(server))
}

// closing closes the connection after a side, and aborts it where that fails.
func closing(run side) side {
	return func(ctx context.Context, c *aionet.Conn) error {
		defer c.Abort()
		if err := run(ctx, c); err != nil {
			return err
		}
		if err := c.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	}
}

// linkedAsIs is linked where each side closes its end.
func linkedAsIs(ctx context.Context, dir, network string, client, server side) error {
	l, err := listen(ctx, dir, network)
	if err != nil {
		return err
	}
	defer l.Close()
	return group(ctx, func(ctx context.Context) error {
		c, err := aionet.Dial(ctx, network, l.Addr().String())
		if err != nil {
			return err
		}
		return client(ctx, c)
	}, func(ctx context.Context) error {
		c, err := l.AcceptContext(ctx)
		if err != nil {
			return err
		}
		return server(ctx, c)
	})
}

// receiveAll wants n bytes of the pattern and then the end.
func receiveAll(ctx context.Context, c source, n int) error {
	if err := receive(ctx, c, n); err != nil {
		return err
	}
	return ended(ctx, c)
}

func serveEcho(ctx context.Context, c *aionet.Conn) error { return echo(ctx, c) }

// exchange sends n bytes, ends, and wants them back.
func exchange(n, chunk int) side {
	return func(ctx context.Context, c *aionet.Conn) error { return exchangeOn(ctx, c, n, chunk) }
}

func exchangeOn(ctx context.Context, c aionet.Stream, n, chunk int) error {
	return group(ctx, func(ctx context.Context) error {
		if err := send(ctx, c, n, chunk); err != nil {
			return err
		}
		return c.CloseWrite()
	}, func(ctx context.Context) error {
		return receiveAll(ctx, c, n)
	})
}
