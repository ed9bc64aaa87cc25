package aiohttp_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
	"github.com/goasyncio/asyncio/aionet"
)

func TestServerResponses(t *testing.T) {
	t.Run("of a few bytes go in one write, with their length", func(t *testing.T) {
		counting := func(ctx context.Context, s *service) *countedConn {
			near, far := aionet.Pipe(ctx, aionet.DefaultBuffer)
			c := &countedConn{MemoryConn: far}
			asyncio.Go(ctx, func(ctx context.Context) error { return s.ServeConn(ctx, c) })
			k := &talk{near, t, nil}
			k.send("GET / HTTP/1.1", "Host: x", "")
			asyncio.Sleep(ctx, time.Second)
			near.Close()
			return c
		}
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("A", "b")
			fmt.Fprint(w, "one")
			fmt.Fprint(w, "two")
		}, func(ctx context.Context, s *service) {
			c := counting(ctx, s)
			if c.writes != 1 {
				t.Errorf("%d writes", c.writes)
			}
		})
	})
	t.Run("are flushed piece by piece", func(t *testing.T) {
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			for _, p := range []string{"one", "two", "three"} {
				io.WriteString(w, p)
				w.(http.Flusher).Flush()
				asyncio.Sleep(r.Context(), time.Second)
			}
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.send("GET / HTTP/1.1", "Host: x", "")
			resp, err := http.ReadResponse(k.r, &http.Request{Method: "GET"})
			if err != nil {
				t.Fatal(err)
			}
			start := asyncio.Now(ctx)
			for i, p := range []string{"one", "two", "three"} {
				b := make([]byte, len(p))
				_, err := io.ReadFull(resp.Body, b)
				if took := asyncio.Now(ctx).Sub(start); string(b) != p || err != nil || took != time.Duration(i)*time.Second {
					t.Errorf("%q, %v after %v", b, err, took)
				}
			}
		})
	})
	t.Run("have the date of the loop's clock, and it goes on", func(t *testing.T) {
		serve(t, greet, func(ctx context.Context, s *service) {
			k := s.dial()
			for range 3 {
				asyncio.Sleep(ctx, 1500*time.Millisecond)
				k.get("/").wantField(t, "Date", asyncio.Now(ctx).UTC().Format(http.TimeFormat))
			}
		})
	})
	t.Run("do not change with the header after WriteHeader", func(t *testing.T) {
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("A", "before")
			w.WriteHeader(201)
			w.Header().Set("A", "after")
			w.Header().Set("B", "after")
		}, func(ctx context.Context, s *service) {
			a := s.dial().get("/")
			a.want(t, 201, "")
			a.wantField(t, "A", "before")
			a.wantField(t, "B", "")
		})
	})
	t.Run("have their fields in the same order each time", func(t *testing.T) {
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			for c := 'z'; c >= 'a'; c-- {
				w.Header().Set("X-"+string(c), "1")
			}
		}, func(ctx context.Context, s *service) {
			var first string
			for i := range 5 {
				k := s.dial()
				k.send("GET / HTTP/1.1", "Host: x", "Connection: close", "")
				got := k.rest()
				if i == 0 {
					first = got
				} else if got != first {
					t.Errorf("%q and %q", first, got)
				}
			}
		})
	})
	t.Run("have one writer at a time (N1), and lose nothing of what it writes", func(t *testing.T) {
		var second, flush error
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			asyncio.Go(r.Context(), func(ctx context.Context) error {
				_, second = io.WriteString(w, "between")
				flush = http.NewResponseController(w).Flush()
				return nil
			})
			w.Write(make([]byte, 10000))
			w.Write(make([]byte, 10000))
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.send("GET / HTTP/1.1", "Host: x", "")
			asyncio.Sleep(ctx, time.Second)
			k.answer("GET").want(t, 200, string(make([]byte, 20000)))
			if second != asyncio.ErrBusy || flush != asyncio.ErrBusy {
				t.Errorf("%v, %v", second, flush)
			}
		})
	})
	t.Run("have one writer while the rest of the request is read before them", func(t *testing.T) {
		var second error
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			asyncio.Go(r.Context(), func(ctx context.Context) error {
				_, second = io.WriteString(w, "between")
				return nil
			})
			io.WriteString(w, "before ")
			http.NewResponseController(w).Flush()
			io.WriteString(w, "after")
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n")
			asyncio.Sleep(ctx, time.Second)
			k.raw("abc")
			k.answer("POST").want(t, 200, "before after")
			if second != asyncio.ErrBusy {
				t.Error(second)
			}
		})
	})
	t.Run("wait for their clients, and others are served meanwhile", func(t *testing.T) {
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/big" {
				w.Write(make([]byte, 1<<20))
			}
		}, func(ctx context.Context, s *service) {
			slow := s.dial()
			slow.send("GET /big HTTP/1.1", "Host: x", "")
			asyncio.Sleep(ctx, time.Minute)
			s.dial().get("/").want(t, 200, "")
			if a := slow.answer("GET"); len(a.body) != 1<<20 {
				t.Errorf("%d bytes", len(a.body))
			}
		})
	})
	t.Run("tell of mistakes of the handler", func(t *testing.T) {
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/twice":
				w.WriteHeader(200)
				w.WriteHeader(500)
			case "/length":
				w.Header().Set("Content-Length", "many")
			}
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.get("/twice").want(t, 200, "")
			k.get("/length").want(t, 200, "")
			if len(s.reports) != 2 || !strings.Contains(s.reports[0].Message, "superfluous") || !strings.Contains(s.reports[0].Message, "server_response_test.go") || !strings.Contains(s.reports[1].Message, "many") {
				t.Errorf("%+v", s.reports)
			}
		})
	})
	t.Run("cannot be written when the handler has returned", func(t *testing.T) {
		var late error
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			asyncio.Go(context.WithoutCancel(r.Context()), func(ctx context.Context) error {
				asyncio.Sleep(ctx, time.Second)
				_, late = io.WriteString(w, "late")
				return nil
			})
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.get("/").want(t, 200, "")
			asyncio.Sleep(ctx, 2*time.Second)
			k.get("/").want(t, 200, "")
			if late == nil {
				t.Error("no error")
			}
		})
	})
	t.Run("that panic in a status close the connection and say why", func(t *testing.T) {
		serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(7) }, func(ctx context.Context, s *service) {
			k := s.dial()
			k.send("GET / HTTP/1.1", "Host: x", "")
			k.ended()
			if len(s.reports) != 1 || !strings.Contains(s.reports[0].Err.Error(), "three digits") {
				t.Errorf("%+v", s.reports)
			}
		})
	})
}

// countedConn counts the writes.
type countedConn struct {
	*aionet.MemoryConn
	writes int
}

func (c *countedConn) Write(p []byte) (int, error) {
	c.writes++
	return c.MemoryConn.Write(p)
}

// ReadFrom makes it a stream to which the server copies directly.
func (c *countedConn) ReadFrom(r io.Reader) (int64, error) {
	c.writes += 100
	return io.Copy(struct{ io.Writer }{c.MemoryConn}, r)
}

func TestServerCopiesDirectlyWhereTheStreamCan(t *testing.T) {
	text := strings.Repeat("0123456789", 10000)
	cases := map[string]struct {
		method string
		length string
		direct bool
		want   string
	}{
		"with a length":             {"GET", "100000", true, text},
		"no more than the length":   {"GET", "50000", true, text[:50000]},
		"without a length":          {"GET", "", false, text},
		"nothing in answer to HEAD": {"HEAD", "100000", false, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var n int64
			serve(t, func(w http.ResponseWriter, r *http.Request) {
				if c.length != "" {
					w.Header().Set("Content-Length", c.length)
				}
				n, _ = io.Copy(w, struct{ io.Reader }{strings.NewReader(text)}) // hides WriteTo
			}, func(ctx context.Context, s *service) {
				near, far := aionet.Pipe(ctx, aionet.DefaultBuffer)
				conn := &countedConn{MemoryConn: far}
				asyncio.Go(ctx, func(ctx context.Context) error { return s.ServeConn(ctx, conn) })
				k := &talk{near, t, bufioReader(near)}
				k.send(c.method+" / HTTP/1.1", "Host: x", "")
				a := k.answer(c.method)
				if a.body != c.want || a.err != nil {
					t.Errorf("%d bytes (%v), want %d", len(a.body), a.err, len(c.want))
				}
				a.wantField(t, "Content-Type", "text/plain; charset=utf-8")
				near.Close()
				if direct := conn.writes >= 100; direct != c.direct {
					t.Errorf("copied directly: %t", direct)
				}
				if c.method == "GET" && n != int64(len(c.want)) {
					t.Errorf("Copy returned %d", n)
				}
			})
		})
	}
}

func TestTimeout(t *testing.T) {
	h := aiohttp.Timeout(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/begun" {
			fmt.Fprint(w, "begun")
		}
		if r.URL.Path != "/quick" {
			asyncio.Sleep(r.Context(), time.Hour)
		}
	}), time.Second, "too slow")
	withService(t, &aiohttp.Server{Handler: h}, func(ctx context.Context, s *service) {
		k := s.dial()
		start := asyncio.Now(ctx)
		k.get("/quick").want(t, 200, "")
		k.get("/slow").want(t, 503, "too slow\n")
		k.get("/begun").want(t, 200, "begun")
		if took := asyncio.Now(ctx).Sub(start); took != 2*time.Second {
			t.Errorf("took %v", took)
		}
	})
}
