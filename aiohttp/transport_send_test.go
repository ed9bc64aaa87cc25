package aiohttp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// slow is a body that comes piece by piece, a second apart.
type slow struct {
	ctx    context.Context
	pieces []string
	err    error // after the last piece; nil is io.EOF
	begun  bool  // a part of the first piece has been read
	closed bool
}

func (s *slow) Read(p []byte) (int, error) {
	if len(s.pieces) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		return 0, io.EOF
	}
	if !s.begun {
		if err := asyncio.Sleep(s.ctx, time.Second); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.pieces[0])
	s.pieces[0] = s.pieces[0][n:]
	if s.begun = s.pieces[0] != ""; !s.begun {
		s.pieces = s.pieces[1:]
	}
	return n, nil
}

func (s *slow) Close() error { s.closed = true; return nil }

// echo is a server that answers with the method, the framing and the body.
func echo(_ context.Context, p *peer, _ int) error {
	for {
		r, body, err := p.whole()
		if err != nil {
			return err
		}
		text := r.Method + " " + strings.Join(r.TransferEncoding, "") + " " + body + " " + r.Trailer.Get("Sum")
		p.say("HTTP/1.1 200 OK\nContent-Length: " + itoa(len(text)) + "\n\n" + text)
	}
}

func TestBodiesOfRequests(t *testing.T) {
	big := strings.Repeat("x", 100_000)
	for _, c := range []struct {
		name, method string
		body         func(ctx context.Context) io.Reader
		want         string
	}{
		{"in memory and small", "POST", func(context.Context) io.Reader { return strings.NewReader("abc") }, "POST  abc "},
		{"in memory and large", "POST", func(context.Context) io.Reader { return strings.NewReader(big) }, "POST  " + big + " "},
		{"of unknown length", "POST", func(ctx context.Context) io.Reader { return &slow{ctx: ctx, pieces: []string{"ab", "c"}} }, "POST chunked abc "},
		{"that turns out to be empty", "POST", func(ctx context.Context) io.Reader { return &slow{ctx: ctx} }, "POST chunked  "},
		{"that turns out to be empty, of a GET", "GET", func(ctx context.Context) io.Reader { return &slow{ctx: ctx} }, "GET   "},
		{"of unknown length, of a GET", "GET", func(ctx context.Context) io.Reader { return &slow{ctx: ctx, pieces: []string{"ab", "c"}} }, "GET chunked abc "},
		{"http.NoBody", "POST", func(context.Context) io.Reader { return http.NoBody }, "POST   "},
	} {
		virtually(t, c.name, func(t *testing.T, ctx context.Context) {
			s := newSite(ctx, t, 4096, echo)
			for range 2 {
				got, err := s.do(newRequest(ctx, c.method, "http://site", c.body(ctx)))
				if got != c.want || err != nil {
					t.Errorf("%.99q, %v; want %.99q", got, err, c.want)
				}
			}
			s.wantConns(1, 1)
		})
	}
	virtually(t, "a trailer is sent after the body", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, echo)
		r := newRequest(ctx, "POST", "http://site", &slow{ctx: ctx, pieces: []string{"abc"}})
		r.Trailer = http.Header{"Sum": {"3"}}
		if got, err := s.do(r); got != "POST chunked abc 3" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	})
	virtually(t, "the pieces arrive as they come", func(t *testing.T, ctx context.Context) {
		var at []time.Duration
		began := asyncio.Now(ctx)
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, _ int) error {
			r, err := p.request()
			at = append(at, asyncio.Now(ctx).Sub(began))
			for err == nil {
				var n int
				if n, err = r.Body.Read(make([]byte, 1)); n > 0 {
					at = append(at, asyncio.Now(ctx).Sub(began))
				}
			}
			return p.say(hello)
		})
		s.do(newRequest(ctx, "POST", "http://site", &slow{ctx: ctx, pieces: []string{"a", "b"}}))
		if len(at) != 3 || at[0] != 0 || at[1] != time.Second || at[2] != 2*time.Second {
			t.Errorf("header and pieces came at %v", at)
		}
	})
	virtually(t, "an error of the body is the error of the request, and costs the connection", func(t *testing.T, ctx context.Context) {
		broken := errors.New("broken")
		s := newSite(ctx, t, 4096, echo)
		body := &slow{ctx: ctx, pieces: []string{"ab"}, err: broken}
		if _, err := s.do(newRequest(ctx, "POST", "http://site", body)); !errors.Is(err, broken) || !body.closed {
			t.Errorf("%v; closed: %v", err, body.closed)
		}
		s.wantConns(1, 0)
		r := newRequest(ctx, "POST", "http://site", strings.NewReader("abc"))
		r.ContentLength = 5
		if _, err := s.do(r); err == nil || !strings.Contains(err.Error(), "ContentLength=5") {
			t.Errorf("too short: %v", err)
		}
		s.wantConns(2, 0)
	})
}

func TestAnEarlyResponse(t *testing.T) {
	early := func(_ context.Context, p *peer, _ int) error {
		if _, err := p.request(); err != nil {
			return err
		}
		return p.say("HTTP/1.1 413 Too Large\nContent-Length: 3\n\nbig")
	}
	virtually(t, "is had while the body is still being sent, and the connection is given up", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, n int) error {
			early(ctx, p, n)
			return asyncio.Sleep(ctx, time.Hour) // and read no further
		})
		resp, err := s.client.RoundTrip(newRequest(ctx, "PUT", "http://site", strings.NewReader(strings.Repeat("x", 1<<20))))
		if err != nil || resp.StatusCode != 413 {
			t.Fatalf("%v, %v", resp, err)
		}
		if body, err := io.ReadAll(resp.Body); string(body) != "big" || err != nil {
			t.Errorf("%q, %v", body, err)
		}
		asyncio.Sleep(ctx, 100*time.Millisecond)
		s.wantConns(1, 0)
	})
	virtually(t, "is had even where the server closes after it without reading", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, early)
		got, err := s.do(newRequest(ctx, "PUT", "http://site", strings.NewReader(strings.Repeat("x", 1<<20))))
		if got != "big" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	})
	virtually(t, "can be read while the body is sent: both ways at a time", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, _ int) error {
			r, err := p.request()
			if err != nil {
				return err
			}
			p.say("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n")
			for buf := make([]byte, 1); err == nil; {
				var n int
				if n, err = r.Body.Read(buf); n > 0 {
					p.say("1\n" + strings.ToUpper(string(buf)) + "\n")
				}
			}
			return p.say("0\n\n")
		})
		got, err := s.do(newRequest(ctx, "POST", "http://site", &slow{ctx: ctx, pieces: []string{"a", "b", "c"}}))
		if got != "ABC" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		s.wantConns(1, 1)
	})
	virtually(t, "may be long, though the server has stopped to read", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, _ int) error {
			p.request()
			p.say("HTTP/1.1 413 Too Large\nContent-Length: 5\n\nve")
			for _, rest := range []string{"r", "y", "!"} {
				asyncio.Sleep(ctx, 10*time.Second)
				p.say(rest)
			}
			return nil
		})
		s.client.Dial = func(ctx context.Context, network, addr string) (aionet.Stream, error) {
			c, err := s.dial(ctx, network, addr)
			return &deaf{c, 1000}, err
		}
		resp, err := s.client.RoundTrip(newRequest(ctx, "PUT", "http://site", &endless{}))
		if err != nil {
			t.Fatal(err)
		}
		wantBody(t, resp, err, "very!")
	})
	virtually(t, "that never comes after a broken connection is not waited for", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, _ int) error {
			p.request()
			return p.Abort()
		})
		_, err := s.do(newRequest(ctx, "PUT", "http://site", strings.NewReader(strings.Repeat("x", 1<<20))))
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%v", err)
		}
		s.wantConns(1, 0)
	})
}

// deaf is a connection whose peer takes no more than so many bytes.
type deaf struct {
	aionet.Stream
	left int
}

func (d *deaf) WriteContext(ctx context.Context, p []byte) (int, error) {
	if len(p) > d.left {
		asyncio.Sleep(ctx, time.Second)
		return 0, &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE}
	}
	d.left -= len(p)
	return d.Stream.WriteContext(ctx, p)
}

func TestExpectContinue(t *testing.T) {
	request := func(ctx context.Context) (*http.Request, *[]string) {
		var told []string
		trace := &httptrace.ClientTrace{
			Wait100Continue: func() { told = append(told, "waits") },
			Got100Continue:  func() { told = append(told, "goes on") },
		}
		r := newRequest(httptrace.WithClientTrace(ctx, trace), "PUT", "http://site", strings.NewReader("body"))
		r.Header.Set("Expect", "100-continue")
		return r, &told
	}
	virtually(t, "the body waits for the server to ask for it", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, _ int) error {
			r, err := p.request()
			if err != nil {
				return err
			}
			asyncio.Sleep(ctx, 500*time.Millisecond)
			if p.br.Buffered() > 0 {
				t.Error("the body came unasked")
			}
			p.say("HTTP/1.1 100 Continue\n\n")
			body, err := io.ReadAll(r.Body)
			p.say("HTTP/1.1 200 OK\nContent-Length: " + itoa(len(body)) + "\n\n" + string(body))
			return err
		})
		r, told := request(ctx)
		if got, err := s.do(r); got != "body" || err != nil || strings.Join(*told, ", ") != "waits, goes on" {
			t.Errorf("%q, %v, told %q", got, err, *told)
		}
		s.wantConns(1, 1)
	})
	virtually(t, "a server that is silent gets it after ExpectContinueTimeout", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, echo)
		for _, c := range []struct{ limit, want time.Duration }{{0, time.Second}, {5 * time.Second, 5 * time.Second}, {-1, 0}} {
			s.client.ExpectContinueTimeout = c.limit
			r, _ := request(ctx)
			began := asyncio.Now(ctx)
			got, err := s.do(r)
			if took := asyncio.Now(ctx).Sub(began); got != "PUT  body " || err != nil || took != c.want {
				t.Errorf("limit %v: %q, %v after %v, want %v", c.limit, got, err, took, c.want)
			}
		}
	})
	virtually(t, "a server that answers without asking does not get it", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, _ int) error {
			p.request()
			p.say("HTTP/1.1 401 Unauthorized\nContent-Length: 2\n\nn")
			asyncio.Sleep(ctx, 10*time.Second)
			p.say("o")
			if rest, _ := io.ReadAll(p.br); len(rest) > 0 {
				t.Errorf("sent: %q", rest)
			}
			return nil
		})
		r, _ := request(ctx)
		if got, err := s.do(r); got != "no" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		asyncio.Sleep(ctx, time.Second)
		s.wantConns(1, 0)
	})
}

func TestUpgrade(t *testing.T) {
	virtually(t, "the body is the connection, with what came early, and the request's context has no more say", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(_ context.Context, p *peer, _ int) error {
			p.request()
			p.say("HTTP/1.1 101 Switching Protocols\nConnection: Upgrade\nUpgrade: echo\n\nearly ")
			_, err := io.Copy(p, p.br)
			return err
		})
		limited, cancel := asyncio.WithCancel(ctx)
		r := newRequest(limited, "GET", "http://site", nil)
		r.Header.Set("Connection", "Upgrade")
		r.Header.Set("Upgrade", "echo")
		resp, err := s.client.RoundTrip(r)
		if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
			t.Fatalf("%v, %v", resp, err)
		}
		cancel(nil)
		conn := resp.Body.(io.ReadWriteCloser)
		if _, err := io.WriteString(conn, "late"); err != nil {
			t.Error(err)
		}
		got := make([]byte, 10)
		if _, err := io.ReadFull(conn, got); string(got) != "early late" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		s.wantConns(1, 1)
		conn.Close()
		s.wantConns(1, 0)
	})
	virtually(t, "the connection no longer counts", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, answering("HTTP/1.1 101 Switching Protocols\nConnection: Upgrade\nUpgrade: echo\n\n"))
		s.client.MaxConnsPerHost = 1
		for range 2 {
			resp, err := s.client.RoundTrip(newRequest(ctx, "GET", "http://site", nil))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
		}
		s.wantConns(2, 2)
	})
}
