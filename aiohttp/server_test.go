package aiohttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
)

func TestServerKeepsConnections(t *testing.T) {
	t.Run("HTTP/1.1 goes on until somebody says close", func(t *testing.T) {
		serve(t, greet, func(ctx context.Context, s *service) {
			k := s.dial()
			for range 3 {
				k.get("/").want(t, 200, "hello")
			}
			k.send("GET / HTTP/1.1", "Host: x", "Connection: close", "")
			a := k.answer("GET")
			a.want(t, 200, "hello")
			if !a.Close {
				t.Error("the response does not say close")
			}
			k.ended()
		})
	})
	t.Run("HTTP/1.0 closes", func(t *testing.T) {
		serve(t, greet, func(ctx context.Context, s *service) {
			k := s.dial()
			k.send("GET / HTTP/1.0", "")
			a := k.answer("GET")
			a.want(t, 200, "hello")
			if a.Proto != "HTTP/1.0" {
				t.Errorf("answered by %s", a.Proto)
			}
			k.ended()
		})
	})
	t.Run("HTTP/1.0 goes on where the client asks for it and the length is known", func(t *testing.T) {
		serve(t, greet, func(ctx context.Context, s *service) {
			k := s.dial()
			for range 2 {
				k.send("GET / HTTP/1.0", "Connection: keep-alive", "")
				a := k.answer("GET")
				a.want(t, 200, "hello")
				a.wantField(t, "Connection", "keep-alive")
			}
		})
	})
	t.Run("HTTP/1.0 closes where the length is not known", func(t *testing.T) {
		flushing := func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "a")
			w.(http.Flusher).Flush()
			fmt.Fprint(w, "b")
		}
		serve(t, flushing, func(ctx context.Context, s *service) {
			k := s.dial()
			k.send("GET / HTTP/1.0", "Connection: keep-alive", "")
			k.answer("GET").want(t, 200, "ab")
			k.ended()
		})
	})
	t.Run("a handler that says close is obeyed", func(t *testing.T) {
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Connection", "close")
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			if a := k.get("/"); !a.Close {
				t.Error("the response does not say close")
			}
			k.ended()
		})
	})
	t.Run("MaxRequests closes after that many, and says so", func(t *testing.T) {
		withService(t, &aiohttp.Server{Handler: http.HandlerFunc(greet), MaxRequests: 2}, func(ctx context.Context, s *service) {
			k := s.dial()
			if a := k.get("/"); a.Close {
				t.Error("closed after the first")
			}
			if a := k.get("/"); !a.Close {
				t.Error("the second does not say close")
			}
			k.ended()
		})
	})
}

func TestServerPipelining(t *testing.T) {
	serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			asyncio.Sleep(r.Context(), time.Second)
		}
		b, _ := io.ReadAll(r.Body)
		fmt.Fprint(w, r.URL.Path, string(b))
	}, func(ctx context.Context, s *service) {
		k := s.dial()
		k.raw("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n" +
			"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" +
			"GET /last HTTP/1.1\r\nHost: x\r\n\r\n")
		for _, want := range []string{"/slow", "/bodyabc", "/last"} {
			k.answer("GET").want(t, 200, want)
		}
	})
}

func TestServerHandlersShareStateWithoutLocks(t *testing.T) {
	visits, inside := 0, 0
	serve(t, func(w http.ResponseWriter, r *http.Request) {
		v := visits
		if inside++; inside > 1 {
			t.Log("two handlers are between their waits at the same time")
		}
		inside--
		asyncio.Sleep(r.Context(), time.Second)
		visits = max(visits, v) + 1
	}, func(ctx context.Context, s *service) {
		start := asyncio.Now(ctx)
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for range 50 {
				g.Go(func(ctx context.Context) error {
					s.dial().get("/").want(t, 200, "")
					return nil
				})
			}
			return nil
		})
		if took := asyncio.Now(ctx).Sub(start); err != nil || took != time.Second || visits != 50 {
			t.Errorf("%d visits in %v, %v: want 50 at the same time", visits, took, err)
		}
	})
}

func TestServerPanics(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/abort":
			panic(http.ErrAbortHandler)
		case "/panic":
			fmt.Fprint(w, "half of it")
			panic("a bug")
		}
		greet(w, r)
	}
	t.Run("a panic closes its connection, is reported with its stack, and harms nobody else", func(t *testing.T) {
		serve(t, handler, func(ctx context.Context, s *service) {
			other, k := s.dial(), s.dial()
			other.get("/").want(t, 200, "hello")
			k.send("GET /panic HTTP/1.1", "Host: x", "")
			k.ended()
			other.get("/").want(t, 200, "hello")
			if len(s.reports) != 1 || !strings.Contains(s.reports[0].Message, "GET /panic") || s.reports[0].Err.Error() != "a bug" || !strings.Contains(string(s.reports[0].Stack), "server_test.go") {
				t.Errorf("reported: %+v", s.reports)
			}
		})
	})
	t.Run("http.ErrAbortHandler closes the connection and is not reported", func(t *testing.T) {
		serve(t, handler, func(ctx context.Context, s *service) {
			k := s.dial()
			k.send("GET /abort HTTP/1.1", "Host: x", "")
			k.ended()
			s.noReports()
		})
	})
}

func TestServerTimeouts(t *testing.T) {
	took := func(ctx context.Context, since time.Time) time.Duration { return asyncio.Now(ctx).Sub(since) }
	t.Run("a client that says nothing is closed after the time for a header", func(t *testing.T) {
		serve(t, greet, func(ctx context.Context, s *service) {
			start := asyncio.Now(ctx)
			s.dial().ended()
			if d := took(ctx, start); d != 10*time.Second {
				t.Errorf("after %v", d)
			}
		})
	})
	t.Run("a header that does not end is given up, however often something comes", func(t *testing.T) {
		withService(t, &aiohttp.Server{Handler: http.HandlerFunc(greet), ReadHeaderTimeout: 3 * time.Second}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.get("/")
			asyncio.Sleep(ctx, time.Minute)
			start := asyncio.Now(ctx)
			for _, c := range "GET / H" {
				if _, err := k.Write([]byte(string(c))); err != nil {
					break
				}
				asyncio.Sleep(ctx, time.Second)
			}
			k.rest()
			if d := took(ctx, start); d < 3*time.Second || d > 7*time.Second {
				t.Errorf("after %v", d)
			}
		})
	})
	t.Run("an idle connection is closed after IdleTimeout, which begins anew with each request", func(t *testing.T) {
		withService(t, &aiohttp.Server{Handler: http.HandlerFunc(greet), IdleTimeout: time.Minute}, func(ctx context.Context, s *service) {
			k := s.dial()
			for range 5 {
				k.get("/")
				asyncio.Sleep(ctx, 59*time.Second)
			}
			start := asyncio.Now(ctx)
			k.ended()
			if d := took(ctx, start); d != time.Second {
				t.Errorf("after %v", d)
			}
		})
	})
	t.Run("no timeout cuts a handler off that takes long", func(t *testing.T) {
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			asyncio.Sleep(r.Context(), time.Hour)
			greet(w, r)
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.get("/").want(t, 200, "hello")
			k.get("/").want(t, 200, "hello")
		})
	})
	t.Run("ReadTimeout bounds the body", func(t *testing.T) {
		var got error
		withService(t, &aiohttp.Server{ReadTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, got = io.ReadAll(r.Body)
		})}, func(ctx context.Context, s *service) {
			k := s.dial()
			start := asyncio.Now(ctx)
			k.send("POST / HTTP/1.1", "Host: x")
			asyncio.Sleep(ctx, 2*time.Second) // it begins with the header
			k.send("Content-Length: 5", "", "a")
			k.answer("POST").want(t, 200, "")
			k.ended()
			var timeout interface{ Timeout() bool }
			if d := took(ctx, start); !errors.As(got, &timeout) || d != 5*time.Second {
				t.Errorf("%v after %v", got, d)
			}
		})
	})
	t.Run("WriteTimeout bounds the response, not the wait for the next request", func(t *testing.T) {
		withService(t, &aiohttp.Server{WriteTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/big" {
				_, err := w.Write(make([]byte, 1<<20))
				if err == nil || r.Context().Err() == nil {
					t.Errorf("a client that reads nothing took all: %v, %v", err, r.Context().Err())
				}
			}
		})}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.get("/")
			asyncio.Sleep(ctx, time.Minute)
			k.get("/")
			k.send("GET /big HTTP/1.1", "Host: x", "")
			asyncio.Sleep(ctx, 6*time.Second)
			if rest := k.rest(); len(rest) >= 1<<20 {
				t.Error("the connection went on")
			}
		})
	})
}

func TestServerShutdown(t *testing.T) {
	slow := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			if err := asyncio.Sleep(r.Context(), 10*time.Second); err != nil {
				fmt.Fprint(w, context.Cause(r.Context()))
				return
			}
		}
		greet(w, r)
	}
	t.Run("idle connections are closed at once, handlers finish, and their responses say close", func(t *testing.T) {
		serve(t, slow, func(ctx context.Context, s *service) {
			idle, fresh, busy := s.dial(), s.dial(), s.dial()
			idle.get("/")
			busy.send("GET /slow HTTP/1.1", "Host: x", "")
			asyncio.Sleep(ctx, time.Second)
			start := asyncio.Now(ctx)
			down := asyncio.Go(ctx, s.Shutdown)
			idle.ended()
			fresh.ended()
			if d := asyncio.Now(ctx).Sub(start); d != 0 {
				t.Errorf("the idle connections were closed after %v", d)
			}
			a := busy.answer("GET")
			a.want(t, 200, "hello")
			if !a.Close {
				t.Error("the last response does not say close")
			}
			if _, err := down.Await(ctx); err != nil || asyncio.Now(ctx).Sub(start) != 9*time.Second {
				t.Errorf("Shutdown: %v after %v", err, asyncio.Now(ctx).Sub(start))
			}
			if _, err := s.listener.Dial(ctx); err == nil {
				t.Error("it still listens")
			}
		})
	})
	t.Run("where its context ends the requests are cancelled, and may still answer", func(t *testing.T) {
		serve(t, slow, func(ctx context.Context, s *service) {
			k := s.dial()
			k.send("GET /slow HTTP/1.1", "Host: x", "")
			asyncio.Sleep(ctx, time.Second)
			ctx, timeout := asyncio.WithTimeout(ctx, 2*time.Second)
			defer timeout.Cancel()
			if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
	})
	t.Run("who does not end even then is cut off a second later", func(t *testing.T) {
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			asyncio.Sleep(context.WithoutCancel(r.Context()), time.Minute)
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.send("GET / HTTP/1.1", "Host: x", "")
			asyncio.Sleep(ctx, time.Second)
			start := asyncio.Now(ctx)
			within, timeout := asyncio.WithTimeout(ctx, 2*time.Second)
			defer timeout.Cancel()
			err := s.Shutdown(within)
			if d := asyncio.Now(ctx).Sub(start); err == nil || d != 3*time.Second {
				t.Errorf("%v after %v", err, d)
			}
			if _, err := io.ReadAll(k); err == nil {
				t.Error("the client was not told that the connection was cut off")
			}
		})
	})
	t.Run("Close cuts off, and what comes later is refused", func(t *testing.T) {
		serve(t, slow, func(ctx context.Context, s *service) {
			k := s.dial()
			k.send("GET /slow HTTP/1.1", "Host: x", "")
			asyncio.Sleep(ctx, time.Second)
			s.Close()
			if _, err := io.ReadAll(k); err == nil {
				t.Error("the client was not told")
			}
			if err := s.Serve(ctx, s.listener); err != http.ErrServerClosed {
				t.Errorf("Serve after Close: %v", err)
			}
		})
	})
}
