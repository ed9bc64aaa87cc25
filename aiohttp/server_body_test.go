package aiohttp_test

import (
	"bufio"
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

func TestServerRequestBodies(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %v %v", b, err, r.Trailer)
	}
	t.Run("come as they are sent", func(t *testing.T) {
		var pieces []string
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			buf := make([]byte, 100)
			for {
				n, err := r.Body.Read(buf)
				if n > 0 {
					pieces = append(pieces, string(buf[:n]))
				}
				if err != nil {
					return
				}
			}
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.raw("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
			for _, p := range []string{"3\r\none\r\n", "3\r\ntwo\r\n", "0\r\n\r\n"} {
				asyncio.Sleep(ctx, time.Second)
				k.raw(p)
			}
			k.answer("POST").want(t, 200, "")
			if fmt.Sprint(pieces) != "[one two]" {
				t.Errorf("%q", pieces)
			}
		})
	})
	t.Run("bring trailers, announced or not", func(t *testing.T) {
		serve(t, echo, func(ctx context.Context, s *service) {
			k := s.dial()
			for _, announced := range []string{"", "Trailer: Sum\r\n"} {
				k.raw("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + announced + "\r\n1\r\na\r\n0\r\nSum: 1\r\n\r\n")
				k.answer("POST").want(t, 200, "a <nil> map[Sum:[1]]")
			}
		})
	})
	t.Run("that end early are io.ErrUnexpectedEOF", func(t *testing.T) {
		serve(t, echo, func(ctx context.Context, s *service) {
			k := s.dial()
			k.raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
			k.CloseWrite()
			k.answer("POST").want(t, 200, "abc unexpected EOF map[]")
			k.ended()
		})
	})
	t.Run("are read to their end for a handler that does not, if that is not much", func(t *testing.T) {
		serve(t, greet, func(ctx context.Context, s *service) {
			k := s.dial()
			for range 2 {
				k.raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + strings.Repeat("a", 200000))
				k.answer("POST").want(t, 200, "hello")
			}
		})
	})
	t.Run("close the connection if it is much, and the client gets the response all the same", func(t *testing.T) {
		for _, framing := range []string{"Content-Length: 1000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n"} {
			serve(t, greet, func(ctx context.Context, s *service) {
				k := s.dial()
				k.raw("POST / HTTP/1.1\r\nHost: x\r\n" + framing)
				asyncio.Go(ctx, func(ctx context.Context) error {
					k.WriteContext(ctx, make([]byte, 300000))
					return nil
				})
				a := k.answer("POST")
				a.want(t, 200, "hello")
				if !a.Close {
					t.Error("the response does not say close")
				}
				k.ended()
			})
		}
	})
	t.Run("that do not come are waited for as long as for a header, and the client gets the response", func(t *testing.T) {
		serve(t, greet, func(ctx context.Context, s *service) {
			k := s.dial()
			start := asyncio.Now(ctx)
			k.raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na")
			a := k.answer("POST")
			a.want(t, 200, "hello")
			if took := asyncio.Now(ctx).Sub(start); !a.Close || took != 10*time.Second {
				t.Errorf("close=%t after %v", a.Close, took)
			}
		})
	})
	t.Run("that the handler has closed are of no further use to it", func(t *testing.T) {
		var got error
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "POST" {
				r.Body.Close()
				_, got = r.Body.Read(make([]byte, 1))
			}
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
			k.answer("POST").want(t, 200, "")
			k.get("/").want(t, 200, "")
			if got != http.ErrBodyReadAfterClose {
				t.Error(got)
			}
		})
	})
	t.Run("have one reader at a time (N1)", func(t *testing.T) {
		var second error
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			asyncio.Go(r.Context(), func(ctx context.Context) error {
				_, second = r.Body.Read(make([]byte, 1))
				return nil
			})
			io.ReadAll(r.Body)
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n")
			asyncio.Sleep(ctx, time.Second)
			k.raw("abc")
			k.answer("POST").want(t, 200, "")
			if second != asyncio.ErrBusy {
				t.Error(second)
			}
		})
	})
	t.Run("cannot be read any more by a task that the handler has left behind", func(t *testing.T) {
		var left *asyncio.Task[struct{}]
		var got error
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "GET" {
				greet(w, r)
				return
			}
			left = asyncio.Go(context.WithoutCancel(r.Context()), func(ctx context.Context) error {
				_, got = io.ReadAll(r.Body)
				return nil
			})
			asyncio.Sleep(r.Context(), time.Second)
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n")
			if a := k.answer("POST"); !a.Close {
				t.Error("the connection goes on")
			}
			k.Close()
			left.Await(ctx)
			if got == nil {
				t.Error("no error")
			}
			s.dial().get("/").want(t, 200, "hello")
		})
	})
	t.Run("have a deadline of the handler's, and the connection goes on without it", func(t *testing.T) {
		var got error
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "POST" {
				http.NewResponseController(w).SetReadDeadline(asyncio.Now(r.Context()).Add(time.Second))
				_, got = io.ReadAll(r.Body)
				http.NewResponseController(w).SetReadDeadline(time.Time{})
			}
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n")
			asyncio.Sleep(ctx, 2*time.Second)
			k.raw("abc")
			k.answer("POST").want(t, 200, "")
			k.get("/").want(t, 200, "")
			var timeout interface{ Timeout() bool }
			if !errors.As(got, &timeout) || !timeout.Timeout() {
				t.Error(got)
			}
		})
	})
}

func TestServerExpectContinue(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/read":
			b, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s", b)
		case "/refuse":
			w.WriteHeader(http.StatusForbidden)
		case "/explicit":
			w.WriteHeader(http.StatusContinue)
			b, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s", b)
		}
	}
	const request = "POST %s HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
	t.Run("the client is told to go on when the handler reads", func(t *testing.T) {
		for _, path := range []string{"/read", "/explicit"} {
			serve(t, handler, func(ctx context.Context, s *service) {
				k := s.dial()
				k.raw(fmt.Sprintf(request, path))
				const goOn = "HTTP/1.1 100 Continue\r\n\r\n"
				if got := k.wire(len(goOn)); got != goOn {
					t.Errorf("%q", got)
				}
				k.raw("abc")
				k.answer("POST").want(t, 200, "abc")
				k.get("/").want(t, 200, "")
			})
		}
	})
	t.Run("a handler that answers without reading gets no body, and the connection is closed", func(t *testing.T) {
		serve(t, handler, func(ctx context.Context, s *service) {
			k := s.dial()
			k.raw(fmt.Sprintf(request, "/refuse"))
			a := k.answer("POST")
			a.want(t, 403, "")
			if !a.Close {
				t.Error("the response does not say close")
			}
			k.ended()
		})
	})
	t.Run("a second reader is refused while the client is told (N1)", func(t *testing.T) {
		var second error
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			asyncio.Go(r.Context(), func(ctx context.Context) error {
				_, second = r.Body.Read(make([]byte, 1))
				return nil
			})
			b, err := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s %v", b, err)
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.raw(fmt.Sprintf(request, "/"))
			asyncio.Sleep(ctx, time.Second) // the server waits for us to read
			k.wire(len("HTTP/1.1 100 Continue\r\n\r\n"))
			k.raw("abc")
			k.answer("POST").want(t, 200, "abc <nil>")
			if second != asyncio.ErrBusy {
				t.Error(second)
			}
		})
	})
	t.Run("a client that does not wait for it is not told", func(t *testing.T) {
		serve(t, handler, func(ctx context.Context, s *service) {
			k := s.dial()
			k.raw("POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
			k.answer("POST").want(t, 200, "abc")
		})
	})
}

func TestServerLimits(t *testing.T) {
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			http.Error(w, fmt.Sprint(len(b), " of at most ", tooLarge.Limit), http.StatusRequestEntityTooLarge)
			return
		}
		fmt.Fprint(w, len(b))
	})
	t.Run("MaxHeaderBytes", func(t *testing.T) {
		withService(t, &aiohttp.Server{Handler: echo, MaxHeaderBytes: 10000}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.raw("GET / HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("a", 9000) + "\r\n\r\n")
			k.answer("GET").want(t, 200, "0")
			asyncio.Go(ctx, func(ctx context.Context) error {
				k.WriteContext(ctx, []byte("GET / HTTP/1.1\r\nHost: x\r\nA: "+strings.Repeat("a", 100000)))
				return nil
			})
			k.answer("GET").want(t, 431, "431 Request Header Fields Too Large")
			k.ended()
		})
	})
	t.Run("MaxURIBytes", func(t *testing.T) {
		withService(t, &aiohttp.Server{Handler: echo, MaxURIBytes: 10}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.get("/123456789").want(t, 200, "0")
			k.get("/1234567890").want(t, 414, "414 Request URI Too Long")
			k.ended()
		})
	})
	t.Run("MaxBodyBytes, for a body that says how long it is, answers before it comes", func(t *testing.T) {
		withService(t, &aiohttp.Server{Handler: echo, MaxBodyBytes: 10}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789")
			k.answer("POST").want(t, 200, "10")
			k.raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n")
			k.answer("POST").want(t, 413, "413 Request Entity Too Large")
			k.ended()
		})
	})
	t.Run("MaxBodyBytes, for a body in chunks, is an http.MaxBytesError for the handler", func(t *testing.T) {
		withService(t, &aiohttp.Server{Handler: echo, MaxBodyBytes: 10}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.raw("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n")
			k.answer("POST").want(t, 200, "10")
			k.raw("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n")
			a := k.answer("POST")
			a.want(t, 413, "10 of at most 10\n")
			if !a.Close {
				t.Error("the response does not say close")
			}
			k.ended()
		})
	})
	t.Run("MaxConns: who comes when all are taken waits for his turn", func(t *testing.T) {
		withService(t, &aiohttp.Server{Handler: echo, MaxConns: 2}, func(ctx context.Context, s *service) {
			a, b, c := s.dial(), s.dial(), s.dial()
			a.get("/")
			b.get("/")
			answered := asyncio.Go(ctx, func(ctx context.Context) error {
				c.get("/").want(t, 200, "0")
				return nil
			})
			asyncio.Sleep(ctx, time.Second)
			if answered.Done() {
				t.Error("the third was served")
			}
			a.Close()
			start := asyncio.Now(ctx)
			answered.Await(ctx)
			if took := asyncio.Now(ctx).Sub(start); took != 0 {
				t.Errorf("the third waited %v after the first had gone", took)
			}
		})
	})
}

func TestServerClientsThatGo(t *testing.T) {
	t.Run("end the context of their request, with ErrClientGone as the cause", func(t *testing.T) {
		var got, cause error
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			got = asyncio.Sleep(r.Context(), time.Hour)
			cause = context.Cause(r.Context())
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.send("GET / HTTP/1.1", "Host: x", "")
			asyncio.Sleep(ctx, time.Second)
			start := asyncio.Now(ctx)
			k.Close()
			asyncio.Sleep(ctx, time.Second)
			if !errors.Is(got, context.Canceled) || cause != aiohttp.ErrClientGone {
				t.Errorf("%v, cause %v, after %v", got, cause, asyncio.Now(ctx).Sub(start))
			}
			s.noReports()
		})
	})
	t.Run("before the handler begins, too", func(t *testing.T) {
		var got error
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			got = asyncio.Sleep(r.Context(), time.Hour)
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.send("GET / HTTP/1.1", "Host: x", "")
			k.Close()
			asyncio.Sleep(ctx, time.Second)
			if !errors.Is(got, context.Canceled) {
				t.Error(got)
			}
		})
	})
	t.Run("after another request get the answer to the first", func(t *testing.T) {
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, asyncio.Sleep(r.Context(), time.Second))
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.raw("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
			k.CloseWrite()
			k.answer("GET").want(t, 200, "<nil>")
		})
	})
	t.Run("and whose response cannot be sent end it as well", func(t *testing.T) {
		var wrote, wait error
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			buf := make([]byte, 10000)
			for wrote == nil {
				_, wrote = w.Write(buf)
			}
			wait = asyncio.Sleep(r.Context(), time.Hour)
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.send("GET / HTTP/1.1", "Host: x", "")
			asyncio.Sleep(ctx, time.Second)
			k.Abort()
			asyncio.Sleep(ctx, time.Second)
			if wrote == nil || !errors.Is(wait, context.Canceled) {
				t.Errorf("%v, %v", wrote, wait)
			}
		})
	})
	t.Run("the context ends when the handler has returned", func(t *testing.T) {
		var of context.Context
		var left *asyncio.Task[struct{}]
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			of = r.Context()
			left = asyncio.Go(of, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		}, func(ctx context.Context, s *service) {
			s.dial().get("/")
			asyncio.Sleep(ctx, time.Second)
			if of.Err() == nil {
				t.Error("it goes on")
			}
			if _, err := left.Await(ctx); err == nil {
				t.Error("what was started with it goes on")
			}
			if of.Value(http.LocalAddrContextKey) == nil || aiohttp.ServerOf(of) != s.Server {
				t.Error("it does not know its server")
			}
		})
	})
}

func TestServerHijack(t *testing.T) {
	t.Run("gives the connection with what was read ahead", func(t *testing.T) {
		var buffered string
		var lateWrite error
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			conn, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, lateWrite = w.Write([]byte("late"))
			b, _ := rw.Peek(rw.Reader.Buffered())
			buffered = string(b)
			line, err := rw.ReadString('\n')
			more, err2 := rw.ReadString('\n')
			fmt.Fprintf(rw, "%s%s%v %v", line, more, err, err2)
			rw.Flush()
			conn.Close()
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.raw("GET / HTTP/1.1\r\nHost: x\r\n\r\nread ahead\n")
			asyncio.Sleep(ctx, time.Second)
			k.raw("and later\n")
			if got := k.rest(); got != "read ahead\nand later\n<nil> <nil>" {
				t.Errorf("%q", got)
			}
			if buffered != "read ahead\n" || lateWrite != http.ErrHijacked {
				t.Errorf("%q, %v", buffered, lateWrite)
			}
			s.noReports()
		})
	})
	t.Run("lets the connection outlive the handler, and a shutdown not wait for it", func(t *testing.T) {
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			asyncio.Go(context.WithoutCancel(r.Context()), func(ctx context.Context) error {
				defer conn.Close()
				line, err := bufio.NewReader(conn).ReadString('\n')
				io.WriteString(conn, "got "+line)
				return err
			})
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.send("GET / HTTP/1.1", "Host: x", "")
			asyncio.Sleep(ctx, time.Hour) // longer than any timeout of the server
			if err := s.Shutdown(ctx); err != nil {
				t.Error(err)
			}
			k.raw("a line\n")
			if got := k.rest(); got != "got a line\n" {
				t.Errorf("%q", got)
			}
		})
	})
	t.Run("after WriteHeader sends the header first", func(t *testing.T) {
		serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Upgrade", "echo")
			w.Header().Set("Connection", "Upgrade")
			w.WriteHeader(http.StatusSwitchingProtocols)
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			io.WriteString(conn, "echo")
		}, func(ctx context.Context, s *service) {
			k := s.dial()
			k.send("GET / HTTP/1.1", "Host: x", "Connection: Upgrade", "Upgrade: echo", "")
			got := k.rest()
			if !strings.HasPrefix(got, "HTTP/1.1 101 Switching Protocols\r\n") || !strings.Contains(got, "\r\nConnection: Upgrade\r\n") || !strings.HasSuffix(got, "\r\n\r\necho") {
				t.Errorf("%q", got)
			}
		})
	})
}
