package aiohttp_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// A service is a server under test, in memory and under a virtual clock.
type service struct {
	*aiohttp.Server
	t        *testing.T
	ctx      context.Context
	listener *aionet.MemoryListener
	reports  []asyncio.Report
	over     *asyncio.Task[struct{}] // its value is nil where Serve returned http.ErrServerClosed
	closed   bool                    // by the test
}

// withService runs a test with a server, and shuts the server down at its end.
func withService(t *testing.T, s *aiohttp.Server, test func(ctx context.Context, s *service)) {
	t.Helper()
	asynciotest.Run(t, func(ctx context.Context) {
		sv := &service{Server: s, t: t, ctx: ctx, listener: aionet.ListenMemory(ctx, "server", 0, 0)}
		s.OnError = func(r asyncio.Report) { sv.reports = append(sv.reports, r) }
		sv.over = asyncio.Go(ctx, func(ctx context.Context) error { return s.Serve(ctx, sv.listener) })
		test(ctx, sv)
		if !sv.closed {
			s.Close()
		}
		if _, err := sv.over.Await(ctx); err != http.ErrServerClosed {
			t.Errorf("Serve returned %v, want http.ErrServerClosed", err)
		}
	})
}

// serve runs a test with a server that has the handler.
func serve(t *testing.T, h http.HandlerFunc, test func(ctx context.Context, s *service)) {
	t.Helper()
	withService(t, &aiohttp.Server{Handler: h}, test)
}

// noReports fails the test where the server has reported something.
func (s *service) noReports() {
	s.t.Helper()
	for _, r := range s.reports {
		s.t.Errorf("reported: %s: %v\n%s", r.Message, r.Err, r.Stack)
	}
}

// A talk is a client that speaks by hand.
type talk struct {
	*aionet.MemoryConn
	t *testing.T
	r *bufio.Reader
}

func (s *service) dial() *talk {
	s.t.Helper()
	c, err := s.listener.Dial(s.ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	return &talk{c, s.t, bufio.NewReader(c)}
}

// send writes lines; each is ended by CRLF.
func (k *talk) send(lines ...string) {
	k.t.Helper()
	k.raw(strings.Join(lines, "\r\n") + "\r\n")
}

func (k *talk) raw(text string) {
	k.t.Helper()
	if _, err := io.WriteString(k.MemoryConn, text); err != nil {
		k.t.Fatal(err)
	}
}

// get asks for a path, by HTTP/1.1.
func (k *talk) get(path string) *answer {
	k.t.Helper()
	k.send("GET "+path+" HTTP/1.1", "Host: x", "")
	return k.answer("GET")
}

// An answer is a response that was read to its end.
type answer struct {
	*http.Response
	body string
	err  error // of reading the body
}

// answer reads the response to a request with this method.
func (k *talk) answer(method string) *answer {
	k.t.Helper()
	resp, err := http.ReadResponse(k.r, &http.Request{Method: method})
	if err != nil {
		k.t.Fatalf("no response: %v", err)
	}
	b, err := io.ReadAll(resp.Body)
	return &answer{resp, string(b), err}
}

// wire reads n bytes of what the server sends, as it comes.
func (k *talk) wire(n int) string {
	k.t.Helper()
	b := make([]byte, n)
	got, err := io.ReadFull(k.r, b)
	if err != nil {
		k.t.Fatalf("%q and then %v", b[:got], err)
	}
	return string(b)
}

// rest reads to the end of the connection.
func (k *talk) rest() string {
	k.t.Helper()
	b, err := io.ReadAll(k.r)
	if err != nil {
		k.t.Errorf("%q and then %v", b, err)
	}
	return string(b)
}

// ended fails the test where the server has not closed the connection.
func (k *talk) ended() {
	k.t.Helper()
	if rest := k.rest(); rest != "" {
		k.t.Errorf("the server sent %q, where the end of the connection should be", rest)
	}
}

// want compares status and body.
func (a *answer) want(t *testing.T, status int, body string) {
	t.Helper()
	if a.StatusCode != status || a.body != body || a.err != nil {
		t.Errorf("%d %q (%v), want %d %q", a.StatusCode, a.body, a.err, status, body)
	}
}

// wantField compares a field of the header.
func (a *answer) wantField(t *testing.T, name, value string) {
	t.Helper()
	if got := strings.Join(a.Header[name], "|"); got != value {
		t.Errorf("%s: %q, want %q", name, got, value)
	}
}

// onLoopback runs a server on a real loop with real sockets, on a goroutine, while
// the test goes on here. The address is passed to it.
func onLoopback(t *testing.T, s *aiohttp.Server, test func(addr string)) {
	t.Helper()
	addr, end := startLoopback(t, s)
	defer end()
	test(addr)
}

func startLoopback(t *testing.T, s *aiohttp.Server) (addr string, end func()) {
	t.Helper()
	started, over := make(chan string, 1), make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		over <- asyncio.Run(ctx, func(ctx context.Context) error {
			l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
			if err != nil {
				started <- ""
				return err
			}
			started <- l.Addr().String()
			return s.Serve(ctx, l)
		})
	}()
	if addr = <-started; addr == "" {
		t.Fatal(<-over)
	}
	return addr, sync.OnceFunc(func() {
		cancel()
		select {
		case <-over:
		case <-time.After(20 * time.Second):
			t.Error("the server did not end within 20 s")
		}
	})
}

func greet(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello") }

// quiet is for servers whose handlers do what is reported.
func quiet(asyncio.Report) {}

var quietLog = log.New(io.Discard, "", 0)

func bufioReader(r io.Reader) *bufio.Reader { return bufio.NewReader(r) }
