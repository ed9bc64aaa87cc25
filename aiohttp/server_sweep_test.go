package aiohttp_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// Every task is cancelled at every point: the server's, a connection's, a client's.
// Nothing may hang or be left, and what a client gets is a whole response or an error.
func TestSweepServer(t *testing.T) {
	programs := map[string]struct {
		handler  http.HandlerFunc
		requests []string
	}{
		"bodies by length, in chunks, and none": {func(w http.ResponseWriter, r *http.Request) {
			b, err := io.ReadAll(r.Body)
			if err == nil {
				fmt.Fprintf(w, "%s", b)
			}
		}, []string{
			"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
			"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
			"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		}},
		"a handler with tasks of its own that streams": {func(w http.ResponseWriter, r *http.Request) {
			asyncio.WithTaskGroup(r.Context(), func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Second) })
				io.WriteString(w, "one")
				w.(http.Flusher).Flush()
				return asyncio.Sleep(ctx, time.Second)
			})
			io.WriteString(w, "two")
		}, []string{"GET / HTTP/1.1\r\nHost: x\r\n\r\n"}},
		"a hijacked connection": {func(w http.ResponseWriter, r *http.Request) {
			conn, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			rw.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			rw.Flush()
		}, []string{"GET / HTTP/1.1\r\nHost: x\r\n\r\n"}},
	}
	for name, p := range programs {
		t.Run(name, func(t *testing.T) {
			asynciotest.Sweep(t, func(ctx context.Context, trial *asynciotest.Trial) error {
				s := &aiohttp.Server{Handler: p.handler, OnError: func(r asyncio.Report) {
					trial.After(func() error { return fmt.Errorf("reported: %s: %w", r.Message, r.Err) })
				}}
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
					l := aionet.ListenMemory(ctx, "server", 0, 4)
					defer l.Close()
					g.Go(func(ctx context.Context) error {
						if err := s.Serve(ctx, l); err != http.ErrServerClosed {
							return err
						}
						return nil
					})
					defer s.Close()
					return converse(ctx, l, p.requests)
				})
			}, asyncio.OnError(func(asyncio.Report) {}))
		})
	}
}

// converse sends requests and reads the responses to them, as a pipeline.
func converse(ctx context.Context, l *aionet.MemoryListener, requests []string) error {
	c, err := l.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		g.Go(func(ctx context.Context) error {
			for _, r := range requests {
				if _, err := c.WriteContext(ctx, []byte(r)); err != nil {
					c.Abort() // the reader would wait for an answer
					return err
				}
			}
			return nil
		})
		in := bufio.NewReader(aionet.Bind(ctx, c))
		for range requests {
			resp, err := readFinal(in)
			if err != nil {
				return err
			}
			if _, err := io.Copy(io.Discard, resp.Body); err != nil {
				return err
			}
		}
		return nil
	})
}

// readFinal reads a response, past those that only inform.
func readFinal(in *bufio.Reader) (*http.Response, error) {
	for {
		resp, err := http.ReadResponse(in, nil)
		if err != nil || resp.StatusCode >= 200 {
			return resp, err
		}
	}
}
