package aiohttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
	"github.com/goasyncio/asyncio/asynciotest"
)

// What becomes of connections when something ends that should not have ended so.

func TestTheEndOfRun(t *testing.T) {
	t.Run("gives up the connection of a body that nobody has closed", func(t *testing.T) {
		var s *site
		asynciotest.Run(t, func(ctx context.Context) {
			s = newSite(ctx, t, 4096, answering("HTTP/1.1 200 OK\nContent-Length: 10000\n\nhello"))
			if _, err := s.client.RoundTrip(newRequest(ctx, "GET", "http://site", nil)); err != nil {
				t.Fatal(err)
			}
			s.wantConns(1, 1)
		})
		s.wantConns(1, 0)
	})
	t.Run("leaves no descriptor of such a body, and the transport can be used in another Run", func(t *testing.T) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, strings.Repeat("x", 1<<20))
		}))
		defer server.Close()
		var client aiohttp.Client
		for range 2 {
			run(t, func(ctx context.Context) {
				if _, err := client.Get(ctx, server.URL); err != nil {
					t.Error(err)
				}
			})
		}
	})
	t.Run("by force, in the middle of a request, closes its connection", func(t *testing.T) {
		var s *site
		err := asynciotest.Main(t, func(ctx context.Context) error {
			s = newSite(ctx, t, 4096, func(ctx context.Context, p *peer, _ int) error {
				p.request()
				return asyncio.Sleep(context.WithoutCancel(ctx), 24*time.Hour)
			})
			asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := s.get(context.WithoutCancel(ctx))
				return err
			})
			return asyncio.Sleep(ctx, time.Second)
		}, asyncio.GracePeriod(time.Second), asyncio.OnError(func(asyncio.Report) {}))
		if !errors.Is(err, asyncio.ErrNotEnded) {
			t.Errorf("%v", err)
		}
		s.wantConns(1, 0)
	})
}

func TestATransportOnTwoLoops(t *testing.T) {
	virtually(t, "is refused while the first has connections", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, answering(hello))
		s.wantGet(ctx, "hello")
		_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
			return 0, asyncio.Run(t.Context(), func(ctx context.Context) error {
				_, err := s.get(ctx)
				return err
			})
		})
		if !errors.Is(err, asyncio.ErrOtherLoop) {
			t.Errorf("%v", err)
		}
		s.wantGet(ctx, "hello")
	})
}

// panicking is a body with a mistake.
type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("a mistake") }

func TestABodyThatPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("Run has not raised the panic")
		}
	}()
	asynciotest.Run(t, func(ctx context.Context) {
		s := newSite(ctx, t, 4096, echo)
		if _, err := s.do(newRequest(ctx, "POST", "http://site", panicking{})); err == nil || !strings.Contains(err.Error(), "panicked") {
			t.Errorf("%v", err)
		}
		s.wantConns(1, 0)
	})
}

// A transport may be a variable of the package: what one run has left, even where it
// went out of its way to do so, is no hindrance for the next.
func TestATransportServesOneRunAfterTheOther(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "beginning")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	defer s.Close()
	transport := &aiohttp.Transport{MaxConnsPerHost: 1}
	transport.CloseIdleConnections() // before there are any
	var left []io.Closer
	loop := asyncio.NewLoop()
	for _, run := range []func(func(ctx context.Context) error) error{
		func(main func(ctx context.Context) error) error { return asyncio.Run(context.Background(), main) },
		func(main func(ctx context.Context) error) error { return loop.Run(context.Background(), main) },
		func(main func(ctx context.Context) error) error { return loop.Run(context.Background(), main) },
	} {
		err := run(func(ctx context.Context) error {
			req, err := http.NewRequestWithContext(context.WithoutCancel(ctx), "GET", s.URL, nil)
			if err != nil {
				return err
			}
			resp, err := transport.RoundTrip(req)
			if err != nil {
				return err
			}
			for _, body := range left {
				body.Close() // too late, and harmless
			}
			left = append(left, resp.Body)
			_, err = io.ReadFull(resp.Body, make([]byte, len("beginning")))
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
