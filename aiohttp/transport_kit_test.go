package aiohttp_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// site is a server in memory and in virtual time, and a transport that finds it by any
// address. Its script plays the server's side of connection number n, from 1.
type site struct {
	t        testing.TB
	listener *aionet.MemoryListener
	client   *aiohttp.Transport
	dialed   []string // the addresses
	open     int      // connections that the client has and has not closed
}

type script func(ctx context.Context, p *peer, n int) error

// newSite starts the server. buffer is the size of a connection's buffers.
func newSite(ctx context.Context, t testing.TB, buffer int, play script) *site {
	s := &site{t: t, listener: aionet.ListenMemory(ctx, "site", 1, buffer)}
	s.client = &aiohttp.Transport{Dial: s.dial}
	asyncio.Go(ctx, func(ctx context.Context) error { return s.serve(ctx, play) }, asyncio.TaskName("server"))
	return s
}

func (s *site) serve(ctx context.Context, play script) error {
	defer s.listener.Close()
	for n := 1; ; n++ {
		c, err := s.listener.AcceptContext(ctx)
		if err != nil {
			return nil
		}
		asyncio.Go(ctx, func(ctx context.Context) error {
			defer c.Close()
			// That a client goes away is what many tests are about.
			play(ctx, &peer{c, ctx, bufio.NewReader(aionet.Bind(ctx, c))}, n)
			return nil
		}, asyncio.TaskName(fmt.Sprintf("server's connection %d", n)))
	}
}

func (s *site) dial(ctx context.Context, _, addr string) (aionet.Stream, error) {
	c, err := s.listener.Dial(ctx)
	if err != nil {
		return nil, err
	}
	s.dialed = append(s.dialed, addr)
	s.open++
	return &counted{MemoryConn: c, open: &s.open}, nil
}

// counted is a connection of which the test knows whether it is open.
type counted struct {
	*aionet.MemoryConn
	open   *int
	closed bool
}

func (c *counted) Close() error { c.count(); return c.MemoryConn.Close() }
func (c *counted) Abort() error { c.count(); return c.MemoryConn.Abort() }
func (c *counted) count() {
	if !c.closed {
		c.closed = true
		*c.open--
	}
}

// peer is the server's end of a connection.
type peer struct {
	*aionet.MemoryConn
	ctx context.Context
	br  *bufio.Reader
}

// request reads the header of a request.
func (p *peer) request() (*http.Request, error) { return http.ReadRequest(p.br) }

// whole reads a request with its body.
func (p *peer) whole() (*http.Request, string, error) {
	r, err := p.request()
	if err != nil {
		return nil, "", err
	}
	body, err := io.ReadAll(r.Body)
	return r, string(body), err
}

// say writes text as it is, but for \n, which is the end of a line of a header.
func (p *peer) say(text string) error {
	_, err := p.WriteContext(p.ctx, []byte(strings.ReplaceAll(text, "\n", "\r\n")))
	return err
}

// answering is a server that gives every request the same answer.
func answering(text string) script {
	return func(_ context.Context, p *peer, _ int) error {
		for {
			if _, _, err := p.whole(); err != nil {
				return err
			}
			if err := p.say(text); err != nil {
				return err
			}
		}
	}
}

const hello = "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"

func newRequest(ctx context.Context, method, url string, body io.Reader) *http.Request {
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		panic(err)
	}
	return r
}

// get sends a GET and reads the whole response.
func (s *site) get(ctx context.Context) (string, error) {
	return s.do(newRequest(ctx, "GET", "http://site/", nil))
}

func (s *site) do(r *http.Request) (string, error) {
	resp, err := s.client.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

// wantGet checks a GET.
func (s *site) wantGet(ctx context.Context, want string) {
	s.t.Helper()
	if got, err := s.get(ctx); got != want || err != nil {
		s.t.Errorf("GET: %q, %v; want %q", got, err, want)
	}
}

// wantConns checks how many connections were made so far, and are open.
func (s *site) wantConns(made, open int) {
	s.t.Helper()
	if len(s.dialed) != made || s.open != open {
		s.t.Errorf("%d connections were made and %d are open; want %d and %d", len(s.dialed), s.open, made, open)
	}
}

// virtually runs a test on a loop with a virtual clock.
func virtually(t *testing.T, name string, test func(t *testing.T, ctx context.Context)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) { test(t, ctx) })
	})
}

func parse(address string) *url.URL {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return u
}

func itoa(n int) string { return strconv.Itoa(n) }
