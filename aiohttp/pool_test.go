package aiohttp_test

import (
	"context"
	"errors"
	"io"
	"net/http/httptrace"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// slowly is a server that takes a second for each answer.
func slowly(ctx context.Context, p *peer, _ int) error {
	for {
		if _, _, err := p.whole(); err != nil {
			return err
		}
		if err := asyncio.Sleep(ctx, time.Second); err != nil {
			return err
		}
		p.say(hello)
	}
}

// together sends n requests at the same time and returns when each was answered.
func (s *site) together(ctx context.Context, n int) (at []time.Duration) {
	began := asyncio.Now(ctx)
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		for range n {
			g.Go(func(ctx context.Context) error {
				_, err := s.get(ctx)
				at = append(at, asyncio.Now(ctx).Sub(began))
				return err
			})
		}
		return nil
	})
	if err != nil {
		s.t.Error(err)
	}
	return at
}

func TestIdleConnections(t *testing.T) {
	virtually(t, "are closed after IdleConnTimeout", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, answering(hello))
		for _, limit := range []time.Duration{0, time.Second} {
			s.client.IdleConnTimeout = limit
			if limit == 0 {
				limit = 90 * time.Second
			}
			s.wantGet(ctx, "hello")
			asyncio.Sleep(ctx, limit-time.Millisecond)
			s.wantConns(len(s.dialed), 1)
			asyncio.Sleep(ctx, 2*time.Millisecond)
			s.wantConns(len(s.dialed), 0)
		}
	})
	virtually(t, "begin to count anew with each use", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, answering(hello))
		for range 5 {
			s.wantGet(ctx, "hello")
			asyncio.Sleep(ctx, 60*time.Second)
		}
		s.wantConns(1, 1)
	})
	virtually(t, "are kept per host, up to a number, and overall", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, slowly)
		s.client.MaxIdleConnsPerHost = 3
		s.together(ctx, 5)
		asyncio.Yield(ctx)
		s.wantConns(5, 3)
		s.client.MaxIdleConns = 4
		for _, host := range []string{"a", "b", "c"} {
			s.do(newRequest(ctx, "GET", "http://"+host, nil))
		}
		asyncio.Yield(ctx)
		s.wantConns(8, 4)
		s.do(newRequest(ctx, "GET", "http://c", nil)) // those that have been idle longest have gone
		s.wantConns(8, 4)
	})
	virtually(t, "outlive the context of the request that made them", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, answering(hello))
		limited, timeout := asyncio.WithTimeout(ctx, time.Minute)
		s.wantGet(limited, "hello")
		timeout.Cancel()
		asyncio.Sleep(ctx, time.Second)
		s.wantConns(1, 1)
	})
	virtually(t, "are used last in, first out", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, slowly)
		s.together(ctx, 2)
		for range 9 { // every ten seconds; one connection has no part in it
			asyncio.Sleep(ctx, 10*time.Second)
			s.wantGet(ctx, "hello")
		}
		s.wantConns(2, 1)
	})
	virtually(t, "are dropped when the server closes them", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, _ int) error {
			p.request()
			p.say(hello)
			return asyncio.Sleep(ctx, time.Second)
		})
		s.wantGet(ctx, "hello")
		s.wantConns(1, 1)
		asyncio.Sleep(ctx, 2*time.Second)
		s.wantConns(1, 0)
		s.wantGet(ctx, "hello")
		s.wantConns(2, 1)
	})
	virtually(t, "are dropped when the server says what nobody asked for", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, _ int) error {
			p.request()
			p.say(hello)
			asyncio.Sleep(ctx, time.Second)
			p.say("HTTP/1.1 408 Request Timeout\n\n")
			return asyncio.Sleep(ctx, time.Hour)
		})
		s.wantGet(ctx, "hello")
		asyncio.Sleep(ctx, 2*time.Second)
		s.wantConns(1, 0)
	})
	virtually(t, "are closed by CloseIdleConnections, and busy ones are not", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, slowly)
		s.wantGet(ctx, "hello")
		busy := asyncio.Go(ctx, func(ctx context.Context) error { s.together(ctx, 2); return nil })
		asyncio.Sleep(ctx, 500*time.Millisecond)
		s.client.CloseIdleConnections()
		s.wantConns(2, 2)
		busy.Await(ctx)
		s.client.CloseIdleConnections()
		asyncio.Yield(ctx)
		s.wantConns(2, 0)
		s.wantGet(ctx, "hello")
	})
	t.Run("are closed at the end of Run, and the transport can be used in another", func(t *testing.T) {
		defer asynciotest.CheckLeaks(t)()
		var s *site
		asynciotest.Run(t, func(ctx context.Context) {
			s = newSite(ctx, t, 4096, answering(hello))
			s.wantGet(ctx, "hello")
			s.wantConns(1, 1)
		})
		s.wantConns(1, 0)
		old := s.client
		asynciotest.Run(t, func(ctx context.Context) {
			s = newSite(ctx, t, 4096, answering(hello))
			old.Dial, s.client = s.client.Dial, old
			s.wantGet(ctx, "hello")
		})
	})
	virtually(t, "tell the trace what they are", func(t *testing.T, ctx context.Context) {
		var got []any
		trace := &httptrace.ClientTrace{
			GetConn:     func(addr string) { got = append(got, addr) },
			GotConn:     func(i httptrace.GotConnInfo) { got = append(got, i.Reused, i.WasIdle, i.IdleTime) },
			PutIdleConn: func(err error) { got = append(got, err) },
		}
		s := newSite(ctx, t, 4096, answering(hello))
		for range 2 {
			s.wantGet(httptrace.WithClientTrace(ctx, trace), "hello")
			asyncio.Sleep(ctx, time.Second)
		}
		want := []any{"site:80", false, false, time.Duration(0), nil, "site:80", true, true, time.Second, nil}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%v\nwant %v", got, want)
		}
	})
}

func TestMaxConnsPerHost(t *testing.T) {
	virtually(t, "lets the others wait, first come, first served", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, slowly)
		s.client.MaxConnsPerHost = 2
		at := s.together(ctx, 5)
		if want := []time.Duration{1e9, 1e9, 2e9, 2e9, 3e9}; !reflect.DeepEqual(at, want) {
			t.Errorf("answered at %v, want %v", at, want)
		}
		s.wantConns(2, 2)
	})
	virtually(t, "lets the next one connect when a connection is not kept", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, slowly)
		s.client.MaxConnsPerHost = 1
		s.client.DisableKeepAlives = true
		at := s.together(ctx, 3)
		if want := []time.Duration{1e9, 2e9, 3e9}; !reflect.DeepEqual(at, want) {
			t.Errorf("answered at %v, want %v", at, want)
		}
		s.wantConns(3, 0)
	})
	virtually(t, "is a bound for each host", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, slowly)
		s.client.MaxConnsPerHost = 1
		began := asyncio.Now(ctx)
		a := asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) { return s.get(ctx) })
		s.do(newRequest(ctx, "GET", "http://other", nil))
		a.Await(ctx)
		if took := asyncio.Now(ctx).Sub(began); took != time.Second {
			t.Errorf("took %v", took)
		}
	})
	virtually(t, "a failed dial lets the next one try", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, answering(hello))
		s.client.MaxConnsPerHost = 1
		s.listener.Close()
		for range 2 {
			if _, err := s.get(ctx); err == nil {
				t.Error("no error")
			}
		}
		s.wantConns(0, 0)
	})
	virtually(t, "who leaves the line takes nothing with it", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, slowly)
		s.client.MaxConnsPerHost = 1
		limited, timeout := asyncio.WithTimeout(ctx, 500*time.Millisecond)
		defer timeout.Cancel()
		first := asyncio.Go(ctx, func(ctx context.Context) error { s.wantGet(ctx, "hello"); return nil })
		asyncio.Yield(ctx)
		if _, err := s.get(limited); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		first.Await(ctx)
		s.wantGet(ctx, "hello")
		s.wantConns(1, 1)
	})
}

// Who waits for a connection is given one, or leave to make one, and is cancelled before
// it has run: the next one in line gets what it was given (rule C3).
func TestAConnectionForWhoIsCancelledGoesToTheNext(t *testing.T) {
	for name, c := range map[string]struct {
		rest string // of the body that the first request has not read
		made int
	}{
		"a connection that can serve again": {"", 1},
		"leave to make a connection":        {"more to come", 2},
	} {
		virtually(t, name, func(t *testing.T, ctx context.Context) {
			s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, n int) error {
				if n == 1 {
					p.request()
					p.say("HTTP/1.1 200 OK\nContent-Length: " + itoa(5+len(c.rest)) + "\n\nhello")
				}
				return answering(hello)(ctx, p, n)
			})
			s.client.MaxConnsPerHost = 1
			resp, err := s.client.RoundTrip(newRequest(ctx, "GET", "http://site", nil))
			if err != nil {
				t.Fatal(err)
			}
			get := func(ctx context.Context) (string, error) { return s.get(ctx) }
			first, second := asyncio.CreateTask(ctx, get), asyncio.CreateTask(ctx, get)
			asyncio.Sleep(ctx, time.Second) // they stand in line
			resp.Body.Close()
			first.Cancel(nil)
			if got, err := second.Await(ctx); got != "hello" || err != nil {
				t.Errorf("the second got %q, %v", got, err)
			}
			if _, err := first.Await(ctx); !errors.Is(err, asyncio.ErrTaskCancelled) {
				t.Errorf("the first got %v", err)
			}
			s.wantConns(c.made, 1)
		})
	}
}

func TestRetry(t *testing.T) {
	// Each connection answers once and, at the next request, is closed.
	once := func(ctx context.Context, p *peer, n int) error {
		p.whole()
		p.say(hello)
		p.br.Peek(1)
		return nil
	}
	for _, c := range []struct {
		name, method string
		body         io.Reader
		key, retried bool
	}{
		{"a GET is sent again", "GET", nil, false, true},
		{"a POST is not", "POST", nil, false, false},
		{"a POST with an Idempotency-Key is sent again", "POST", nil, true, true},
		{"a body that can be had again is sent again", "POST", strings.NewReader("abc"), true, true},
		{"a body that cannot is not", "POST", &closing{Reader: strings.NewReader("abc")}, true, false},
	} {
		virtually(t, c.name, func(t *testing.T, ctx context.Context) {
			s := newSite(ctx, t, 4096, once)
			s.wantGet(ctx, "hello")
			r := newRequest(ctx, c.method, "http://site", c.body)
			if c.key {
				r.Header["Idempotency-Key"] = []string{}
			}
			got, err := s.do(r)
			if c.retried {
				if got != "hello" || err != nil {
					t.Errorf("%q, %v", got, err)
				}
				s.wantConns(2, 1)
			} else {
				if err == nil {
					t.Errorf("%q", got)
				}
				s.wantConns(1, 0)
			}
		})
	}
	virtually(t, "a POST of which nothing could be written is sent again", func(t *testing.T, ctx context.Context) {
		var server *peer
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, n int) error {
			server = p
			return answering(hello)(ctx, p, n)
		})
		s.wantGet(ctx, "hello")
		server.Abort() // in the step in which the connection became idle: nobody has seen it
		if got, err := s.do(newRequest(ctx, "POST", "http://site", nil)); got != "hello" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		s.wantConns(2, 1)
	})
	virtually(t, "a body that has failed is no reason to try again, and its error is told", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, _ int) error {
			p.request()
			p.say(hello)
			return asyncio.Sleep(ctx, time.Second) // and close
		})
		s.wantGet(ctx, "hello")
		bodies := 0
		broken := errors.New("broken")
		r := newRequest(ctx, "POST", "http://site", nil)
		r.Header["Idempotency-Key"] = []string{}
		r.GetBody = func() (io.ReadCloser, error) {
			bodies++
			return &failing{ctx, broken}, nil
		}
		r.Body, _ = r.GetBody()
		r.ContentLength = 10_000
		if _, err := s.do(r); err != broken || bodies != 1 {
			t.Errorf("%v; %d bodies", err, bodies)
		}
		s.wantConns(1, 0)
	})
	virtually(t, "a new connection that fails is no reason to try again", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(_ context.Context, p *peer, _ int) error {
			p.request()
			return nil
		})
		if _, err := s.get(ctx); !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "without an answer") {
			t.Errorf("%v", err)
		}
		s.wantConns(1, 0)
	})
	virtually(t, "half a header is no reason to try again", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(_ context.Context, p *peer, _ int) error {
			p.request()
			p.say(hello)
			p.request()
			return p.say("HTTP/1.1 200 OK\nX: y\n")
		})
		s.wantGet(ctx, "hello")
		if _, err := s.get(ctx); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%v", err)
		}
		s.wantConns(1, 0)
	})
	virtually(t, "all idle connections that have died are passed over", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, _ int) error {
			p.request()
			asyncio.Sleep(ctx, time.Second)
			p.say(hello)
			return nil // and close
		})
		s.together(ctx, 4)
		s.wantGet(ctx, "hello")
	})
}

// failing is a body that fails, and takes a while to close.
type failing struct {
	ctx context.Context
	err error
}

func (f *failing) Read([]byte) (int, error) { return 0, f.err }
func (f *failing) Close() error             { return asyncio.Sleep(f.ctx, 2*time.Second) }
