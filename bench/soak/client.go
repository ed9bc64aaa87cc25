package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
	"github.com/goasyncio/asyncio/aiohttp"
	"github.com/goasyncio/asyncio/aionet"
)

// A client lives one life after the other.
type client struct {
	*town
	random *rand.Rand
	stop   asyncio.CancelFunc // ends the life under way
}

// kinds are the lives, and how many of a thousand are such.
var kinds = []struct {
	name  string
	of    int
	lives func(*client, context.Context) error
}{
	{"tcp", 350, (*client).tcp},
	{"tcp, server without a task while idle", 150, (*client).frugally},
	{"unix", 200, (*client).overUnix},
	{"tls", 60, (*client).overTLS},
	{"http", 100, (*client).overHTTP},
	{"datagrams", 80, (*client).datagrams},
	{"idle", 50, (*client).idle},
	{"look-up", 9, (*client).lookUp},
	{"child process", 1, (*client).child},
}

func (c *client) run(ctx context.Context) error {
	c.stop = func(error) {}
	if err := c.pause(ctx, time.Second); err != nil { // not all at once
		return err
	}
	for ctx.Err() == nil {
		scope, stop := asyncio.WithCancel(ctx)
		c.stop = stop
		c.live(scope)
		stop(nil)
	}
	return ctx.Err()
}

// live lives one life and books its end.
func (c *client) live(ctx context.Context) {
	kind := kinds[kindAt(c.random.IntN(1000))]
	var timeout *asyncio.Timeout
	timed := ctx
	if c.random.IntN(10) == 0 {
		timed, timeout = asyncio.WithTimeout(ctx, time.Duration(c.random.Int64N(int64(500*time.Millisecond))))
		defer timeout.Cancel()
	}
	err := kind.lives(c, timed)
	c.lives[kind.name]++
	switch {
	case err == nil:
		c.ends["completed"]++
	case ctx.Err() != nil:
		c.ends["cancelled"]++
	case timed.Err() != nil:
		c.ends["timed out"]++
	default:
		c.ends["failed"]++
		c.failed[kind.name+": "+masked(err)]++
	}
}

// kindAt is which kind the n-th of a thousand lives is.
func kindAt(n int) int {
	for i, k := range kinds {
		if n -= k.of; n < 0 {
			return i
		}
	}
	return 0
}

// masked is an error without its numbers, so that the same count as the same.
func masked(err error) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '#'
		}
		return r
	}, err.Error())
}

func (c *client) pause(ctx context.Context, most time.Duration) error {
	return asyncio.Sleep(ctx, time.Duration(c.random.Int64N(int64(most))))
}

// words are up to n bytes to say, at least one.
func (c *client) words(n int) []byte {
	p := make([]byte, 1+c.random.IntN(n))
	for i := range p {
		p[i] = byte(c.random.Uint32())
	}
	return p
}

func (c *client) tcp(ctx context.Context) error      { return c.dial(ctx, "tcp", c.plainAddr) }
func (c *client) frugally(ctx context.Context) error { return c.dial(ctx, "tcp", c.frugalAddr) }
func (c *client) overUnix(ctx context.Context) error {
	return c.dial(ctx, "unix", c.onUnix.Addr().String())
}

func (c *client) dial(ctx context.Context, network, address string) error {
	conn, err := aionet.Dial(ctx, network, address)
	if err != nil {
		return err
	}
	defer conn.Close()
	return c.talk(ctx, conn)
}

func (c *client) overTLS(ctx context.Context) error {
	conn, err := aionet.Dial(ctx, "tcp", c.tlsAddr)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AddCert(c.certificate.Leaf)
	secure, err := aionet.TLSClient(ctx, conn, &tls.Config{RootCAs: roots, ServerName: serverName})
	if err != nil {
		return err
	}
	defer secure.Close()
	return c.talk(ctx, secure)
}

// talk has things echoed for a while, and ends the connection in one of three ways.
func (c *client) talk(ctx context.Context, s aionet.Stream) error {
	for range 1 + c.random.IntN(5) {
		said := c.words(16 << 10)
		if _, err := s.WriteContext(ctx, said); err != nil {
			return err
		}
		heard := make([]byte, len(said))
		if err := readFull(ctx, s, heard); err != nil {
			return err
		}
		if !bytes.Equal(said, heard) {
			return errors.New("the echo is not what was said")
		}
		if err := c.pause(ctx, 500*time.Millisecond); err != nil {
			return err
		}
	}
	switch c.random.IntN(3) {
	case 0:
		return s.Abort()
	case 1:
		if err := s.CloseWrite(); err != nil {
			return err
		}
		if _, err := s.ReadContext(ctx, make([]byte, 1)); !gone(err) {
			return fmt.Errorf("%w, where the end should be", err)
		}
	}
	return nil
}

func readFull(ctx context.Context, s aionet.Stream, p []byte) error {
	for len(p) > 0 {
		n, err := s.ReadContext(ctx, p)
		if p = p[n:]; err != nil {
			return err
		}
	}
	return nil
}

// idle says nothing.
func (c *client) idle(ctx context.Context) error {
	conn, err := aionet.Dial(ctx, "tcp", c.frugalAddr)
	if err != nil {
		return err
	}
	defer conn.Close()
	return c.pause(ctx, 3*time.Second)
}

func (c *client) overHTTP(ctx context.Context) error {
	browser := new(aiohttp.Client)
	defer browser.CloseIdleConnections()
	for range 1 + c.random.IntN(3) {
		said := c.words(20 << 10)
		resp, err := browser.Post(ctx, "http://"+c.webAddr+"/", "application/octet-stream", bytes.NewReader(said))
		if err != nil {
			return err
		}
		heard, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			return err
		}
		if !bytes.Equal(said, heard) {
			return errors.New("the response is not what was said")
		}
		if err := c.pause(ctx, 300*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// datagrams may be lost: then it says the next.
func (c *client) datagrams(ctx context.Context) error {
	conn, err := aionet.DialPacket(ctx, "udp", c.packetAddr)
	if err != nil {
		return err
	}
	defer conn.Close()
	heard := make([]byte, 2<<10)
	for range 5 {
		said := c.words(1000)
		if _, err := conn.WriteContext(ctx, said); err != nil {
			return err
		}
		patient, timeout := asyncio.WithTimeout(ctx, time.Second)
		n, err := conn.ReadContext(patient, heard)
		timeout.Cancel()
		if timeout.Caused(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if !bytes.Equal(said, heard[:n]) {
			return errors.New("the answer is not what was said")
		}
	}
	return nil
}

// lookUp finds names in numbers and files, off the loop. The net is not asked.
func (c *client) lookUp(ctx context.Context) error {
	d := aionet.Dialer{Resolver: here{}}
	conn, err := d.Dial(ctx, "tcp", strings.Replace(c.plainAddr, "127.0.0.1", "soak.example", 1))
	if err != nil {
		return err
	}
	defer conn.Close()
	return c.talk(ctx, conn)
}

// here is a resolver that takes its time and knows one address.
type here struct{}

func (here) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(20 * time.Millisecond):
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
}

func (here) LookupPort(context.Context, string, string) (int, error) {
	return 0, errors.New("the port is a number")
}

func (c *client) child(ctx context.Context) error {
	said := c.words(1000)
	heard, _, err := aioexec.Command("cat").Communicate(ctx, said)
	if err == nil && !bytes.Equal(said, heard) {
		err = errors.New("the child's output is not what was said")
	}
	return err
}
