package fast_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp/fast"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/valyala/fasthttp"
)

// serve runs a test with a server in memory, under a virtual clock.
func serve(t *testing.T, s *fast.Server, test func(ctx context.Context, dial func() *talk)) {
	t.Helper()
	asynciotest.Run(t, func(ctx context.Context) {
		l := aionet.ListenMemory(ctx, "server", 0, aionet.DefaultBuffer)
		over := asyncio.Go(ctx, func(ctx context.Context) error { return s.Serve(ctx, l) })
		test(ctx, func() *talk {
			c, err := l.Dial(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return &talk{c, bufio.NewReader(c), t}
		})
		s.Close()
		if _, err := over.Await(ctx); err != http.ErrServerClosed {
			t.Errorf("Serve: %v", err)
		}
	})
}

type talk struct {
	*aionet.MemoryConn
	r *bufio.Reader
	t *testing.T
}

// ask sends a request and returns the status and the body of the response.
func (k *talk) ask(request string) string {
	k.t.Helper()
	if _, err := io.WriteString(k, request); err != nil {
		k.t.Fatal(err)
	}
	return k.answer()
}

func (k *talk) answer() string {
	k.t.Helper()
	resp, err := http.ReadResponse(k.r, nil)
	if err != nil {
		k.t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	return fmt.Sprint(resp.StatusCode, " ", string(b), " ", err)
}

// end waits for the end of the connection and tells how long that took.
func (k *talk) end(ctx context.Context) time.Duration {
	k.t.Helper()
	start := asyncio.Now(ctx)
	if b, _ := io.ReadAll(k.r); strings.Contains(string(b), " 200 ") {
		k.t.Errorf("%q, where the end of the connection should be", b)
	}
	return asyncio.Now(ctx).Sub(start)
}

const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

func TestServer(t *testing.T) {
	count := 0
	handler := func(ctx context.Context, rc *fasthttp.RequestCtx) {
		switch string(rc.Path()) {
		case "/panic":
			panic("a bug")
		case "/sleep":
			asyncio.Sleep(ctx, time.Hour)
			fmt.Fprint(rc, context.Cause(ctx))
		default:
			v := count
			asyncio.Sleep(ctx, time.Second)
			count = max(count, v+1)
			fmt.Fprintf(rc, "%s %s", rc.Path(), rc.PostBody())
		}
	}
	t.Run("serves connections at the same time, each in a task, as fasthttp does", func(t *testing.T) {
		serve(t, &fast.Server{Handler: handler}, func(ctx context.Context, dial func() *talk) {
			start := asyncio.Now(ctx)
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				for range 20 {
					g.Go(func(ctx context.Context) error {
						k := dial()
						for range 2 {
							if got := k.ask("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"); got != "200 /a abc <nil>" {
								t.Errorf("%q", got)
							}
						}
						return nil
					})
				}
				return nil
			})
			if took := asyncio.Now(ctx).Sub(start); err != nil || took != 2*time.Second {
				t.Errorf("%v after %v", err, took)
			}
		})
	})
	t.Run("a panic closes its connection and is reported", func(t *testing.T) {
		var reports []asyncio.Report
		s := &fast.Server{Handler: handler, OnError: func(r asyncio.Report) { reports = append(reports, r) }}
		serve(t, s, func(ctx context.Context, dial func() *talk) {
			other, k := dial(), dial()
			io.WriteString(k, "GET /panic HTTP/1.1\r\nHost: x\r\n\r\n")
			k.end(ctx)
			if got := other.ask(get); got != "200 /  <nil>" {
				t.Errorf("%q", got)
			}
			if len(reports) != 1 || !strings.Contains(reports[0].Err.Error(), "a bug") || !strings.Contains(string(reports[0].Stack), "fast_test.go") {
				t.Errorf("%+v", reports)
			}
		})
	})
	t.Run("what is malformed is refused, as fasthttp does", func(t *testing.T) {
		serve(t, &fast.Server{Handler: handler}, func(ctx context.Context, dial func() *talk) {
			k := dial()
			if got := k.ask("GET / HTTP/1.1\r\nno colon\r\n\r\n"); !strings.HasPrefix(got, "400 ") {
				t.Errorf("%q", got)
			}
			k.end(ctx)
		})
	})
}

func TestTimeouts(t *testing.T) {
	handler := func(ctx context.Context, rc *fasthttp.RequestCtx) {
		if string(rc.Path()) == "/long" {
			asyncio.Sleep(ctx, time.Hour)
		}
	}
	within := func(t *testing.T, took, d time.Duration) {
		t.Helper()
		if took < d || took > d+d/8 {
			t.Errorf("after %v, want %v and at most an eighth more", took, d)
		}
	}
	s := func() *fast.Server { return &fast.Server{Handler: handler} }
	t.Run("a client that says nothing", func(t *testing.T) {
		serve(t, s(), func(ctx context.Context, dial func() *talk) {
			within(t, dial().end(ctx), 2*time.Minute)
		})
	})
	t.Run("a client that is idle, from its last request on", func(t *testing.T) {
		serve(t, s(), func(ctx context.Context, dial func() *talk) {
			k := dial()
			for range 3 {
				k.ask(get)
				asyncio.Sleep(ctx, 100*time.Second)
			}
			k.ask(get)
			within(t, k.end(ctx), 2*time.Minute)
		})
	})
	t.Run("a request that does not end", func(t *testing.T) {
		serve(t, s(), func(ctx context.Context, dial func() *talk) {
			k := dial()
			io.WriteString(k, "GET / HTTP/1.1\r\n")
			within(t, k.end(ctx), time.Minute)
		})
	})
	t.Run("never a handler", func(t *testing.T) {
		serve(t, s(), func(ctx context.Context, dial func() *talk) {
			if got := dial().ask("GET /long HTTP/1.1\r\nHost: x\r\n\r\n"); got != "200  <nil>" {
				t.Errorf("%q", got)
			}
		})
	})
	t.Run("none where they are negative", func(t *testing.T) {
		serve(t, &fast.Server{Handler: handler, IdleTimeout: -1, ReadTimeout: -1}, func(ctx context.Context, dial func() *talk) {
			k := dial()
			asyncio.Sleep(ctx, 24*time.Hour)
			if got := k.ask(get); got != "200  <nil>" {
				t.Errorf("%q", got)
			}
		})
	})
}

func TestShutdown(t *testing.T) {
	s := &fast.Server{Handler: func(ctx context.Context, rc *fasthttp.RequestCtx) {
		asyncio.Sleep(ctx, 10*time.Second)
		fmt.Fprint(rc, "done")
	}}
	serve(t, s, func(ctx context.Context, dial func() *talk) {
		idle, busy := dial(), dial()
		idle.ask(get)
		io.WriteString(busy, get)
		asyncio.Sleep(ctx, time.Second)
		start := asyncio.Now(ctx)
		down := asyncio.Go(ctx, s.Shutdown)
		if took := idle.end(ctx); took != 0 {
			t.Errorf("the idle connection was closed after %v", took)
		}
		if got := busy.answer(); got != "200 done <nil>" {
			t.Errorf("%q", got)
		}
		busy.end(ctx)
		if _, err := down.Await(ctx); err != nil || asyncio.Now(ctx).Sub(start) != 9*time.Second {
			t.Errorf("Shutdown: %v after %v", err, asyncio.Now(ctx).Sub(start))
		}
	})
}

func TestTLS(t *testing.T) {
	theirs := httptest.NewTLSServer(nil)
	defer theirs.Close()
	trusted := theirs.Client().Transport.(*http.Transport).TLSClientConfig
	asynciotest.Run(t, func(ctx context.Context) {
		below := aionet.ListenMemory(ctx, "server", 0, aionet.DefaultBuffer)
		l, err := aionet.ListenTLS(ctx, below, &tls.Config{Certificates: theirs.TLS.Certificates})
		if err != nil {
			t.Fatal(err)
		}
		s := &fast.Server{Handler: func(ctx context.Context, rc *fasthttp.RequestCtx) {
			asyncio.Sleep(ctx, time.Second)
			fmt.Fprint(rc, rc.IsTLS(), rc.TLSConnectionState().HandshakeComplete)
		}}
		over := asyncio.Go(ctx, func(ctx context.Context) error { return s.Serve(ctx, l) })
		c, err := below.Dial(ctx)
		if err != nil {
			t.Fatal(err)
		}
		secure, err := aionet.TLSClient(ctx, c, &tls.Config{RootCAs: trusted.RootCAs, ServerName: "example.com"})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(secure, get)
		resp, err := http.ReadResponse(bufio.NewReader(secure), nil)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(resp.Body); string(b) != "true true" || err != nil {
			t.Errorf("%q, %v", b, err)
		}
		secure.Close()
		s.Close()
		over.Await(ctx)
	})
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	defer func() {
		if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), "MaxConnsPerIP") {
			t.Errorf("%v", v)
		}
	}()
	s := &fast.Server{Settings: &fasthttp.Server{MaxConnsPerIP: 1}}
	s.Close()
}
