package aiohttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestCancellation(t *testing.T) {
	silent := func(ctx context.Context, p *peer, _ int) error {
		p.request()
		return asyncio.Sleep(ctx, time.Hour)
	}
	half := func(ctx context.Context, p *peer, _ int) error {
		p.request()
		p.say("HTTP/1.1 200 OK\nContent-Length: 10\n\nhello")
		return asyncio.Sleep(ctx, time.Hour)
	}
	reason := errors.New("the user went away")
	// cancelAfter is a context that is cancelled in a second.
	cancelAfter := func(ctx context.Context) context.Context {
		ctx, cancel := asyncio.WithCancel(ctx)
		asyncio.CallLater(ctx, time.Second, func() { cancel(reason) })
		return ctx
	}
	virtually(t, "ends the wait for a header, with the context's error, and closes the connection", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, silent)
		began := asyncio.Now(ctx)
		_, err := s.get(cancelAfter(ctx))
		if took := asyncio.Now(ctx).Sub(began); !errors.Is(err, context.Canceled) || !errors.Is(err, reason) || took != time.Second {
			t.Errorf("%v after %v", err, took)
		}
		s.wantConns(1, 0)
	})
	virtually(t, "ends the reading of a body", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, half)
		got, err := s.get(cancelAfter(ctx))
		if got != "hello" || !errors.Is(err, context.Canceled) || !errors.Is(err, reason) {
			t.Errorf("%q, %v", got, err)
		}
		s.wantConns(1, 0)
	})
	virtually(t, "closes the connection in the same step, though nobody reads", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, half)
		inner, cancel := asyncio.WithCancel(ctx)
		resp, err := s.client.RoundTrip(newRequest(inner, "GET", "http://site", nil))
		if err != nil {
			t.Fatal(err)
		}
		s.wantConns(1, 1)
		cancel(nil)
		s.wantConns(1, 0)
		if _, err := resp.Body.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		resp.Body.Close()
	})
	virtually(t, "of a task that reads the body of somebody else's request ends its wait, too", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, half)
		resp, err := s.client.RoundTrip(newRequest(ctx, "GET", "http://site", nil))
		if err != nil {
			t.Fatal(err)
		}
		reader := asyncio.CreateTask(ctx, func(context.Context) ([]byte, error) { return io.ReadAll(resp.Body) })
		asyncio.Sleep(ctx, time.Second)
		reader.Cancel(nil)
		if _, err := reader.Await(ctx); !errors.Is(err, asyncio.ErrTaskCancelled) {
			t.Errorf("%v", err)
		}
		s.wantConns(1, 0)
	})
	virtually(t, "of the context of one ReadContext gives the connection up", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, half)
		resp, err := s.client.RoundTrip(newRequest(ctx, "GET", "http://site", nil))
		if err != nil {
			t.Fatal(err)
		}
		io.ReadFull(resp.Body, make([]byte, 5))
		limited, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		_, err = resp.Body.(aiohttp.Body).ReadContext(limited, make([]byte, 1))
		if !timeout.Caused(err) {
			t.Errorf("%v", err)
		}
		s.wantConns(1, 0)
	})
	virtually(t, "costs its own connection and no other", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, slowly)
		inner, cancel := asyncio.WithCancel(ctx)
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for i := range 4 {
				g.Go(func(ctx context.Context) error {
					if i == 2 {
						ctx = inner
					}
					_, err := s.get(ctx)
					if (err != nil) != (i == 2) {
						return fmt.Errorf("request %d: %w", i, err)
					}
					return nil
				})
			}
			g.Go(func(ctx context.Context) error {
				err := asyncio.Sleep(ctx, 500*time.Millisecond)
				cancel(nil)
				return err
			})
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		s.wantConns(4, 3)
	})
	virtually(t, "ends the writer, and what its body waits for", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, silent)
		body := &endless{}
		r := newRequest(cancelAfter(ctx), "PUT", "http://site", body)
		if _, err := s.do(r); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		asyncio.Yield(ctx)
		s.wantConns(1, 0)
		if !body.closed {
			t.Error("the body is still open")
		}
	})
	virtually(t, "before the request is sent sends nothing", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, silent)
		inner, cancel := asyncio.WithCancel(ctx)
		cancel(reason)
		if _, err := s.get(inner); !errors.Is(err, reason) {
			t.Errorf("%v", err)
		}
		s.wantConns(0, 0)
	})
	virtually(t, "by a context of the standard library works as well", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, silent)
		inner, cancel := context.WithCancelCause(ctx)
		asyncio.CallLater(ctx, time.Second, func() { cancel(reason) })
		if _, err := s.get(inner); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		s.wantConns(1, 0)
	})
}

// endless is a body that is always full.
type endless struct{ closed bool }

func (e *endless) Read(p []byte) (int, error) { return len(p), nil }
func (e *endless) Close() error               { e.closed = true; return nil }

func TestBodiesOfResponses(t *testing.T) {
	long := func(buffer int) script {
		return answering("HTTP/1.1 200 OK\nContent-Length: " + itoa(buffer) + "\n\n" + strings.Repeat("x", buffer))
	}
	response := func(t *testing.T, ctx context.Context, s *site) *http.Response {
		t.Helper()
		resp, err := s.client.RoundTrip(newRequest(ctx, "GET", "http://site", nil))
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	virtually(t, "closed early where the rest is here already leave the connection ready", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, long(2000))
		resp := response(t, ctx, s)
		resp.Body.Read(make([]byte, 10))
		resp.Body.Close()
		resp.Body.Close()
		s.wantConns(1, 1)
		s.wantGet(ctx, strings.Repeat("x", 2000))
		s.wantConns(1, 1)
	})
	virtually(t, "closed early where more is to come give the connection up, without waiting", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, long(100_000))
		response(t, ctx, s).Body.Close()
		s.wantConns(1, 0)
	})
	virtually(t, "cannot be read after Close", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, long(20))
		for _, whole := range []bool{true, false} {
			resp := response(t, ctx, s)
			if whole {
				io.ReadAll(resp.Body)
			}
			resp.Body.Close()
			if _, err := resp.Body.Read(make([]byte, 1)); err != http.ErrBodyReadAfterClose {
				t.Errorf("%v", err)
			}
		}
	})
	virtually(t, "have one reader; a Close by another task ends its wait and holds nobody up", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, _ int) error {
			p.request()
			p.say("HTTP/1.1 200 OK\nContent-Length: 10\n\n")
			return asyncio.Sleep(ctx, time.Hour)
		})
		resp := response(t, ctx, s)
		first := asyncio.CreateTask(ctx, func(context.Context) (int, error) { return resp.Body.Read(make([]byte, 1)) })
		asyncio.Sleep(ctx, time.Second)
		if _, err := resp.Body.Read(make([]byte, 1)); err != asyncio.ErrBusy {
			t.Errorf("the second reader got %v", err)
		}
		resp.Body.Close()
		if _, err := first.Await(ctx); err != http.ErrBodyReadAfterClose {
			t.Errorf("the first reader got %v", err)
		}
		s.wantConns(1, 0)
	})
	virtually(t, "that are cut off end with io.ErrUnexpectedEOF", func(t *testing.T, ctx context.Context) {
		for _, answer := range []string{
			"HTTP/1.1 200 OK\nContent-Length: 10\n\nhello",
			"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n",
			"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhel",
		} {
			s := newSite(ctx, t, 4096, func(_ context.Context, p *peer, _ int) error {
				p.request()
				return p.say(answer)
			})
			if got, err := s.get(ctx); !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix("hello", got) {
				t.Errorf("%q: %q, %v", answer, got, err)
			}
			s.wantConns(1, 0)
		}
	})
	virtually(t, "that are reset end with the reset", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, _ int) error {
			p.request()
			p.say("HTTP/1.1 200 OK\nContent-Length: 10\n\nhello")
			asyncio.Sleep(ctx, time.Second)
			return p.Abort()
		})
		_, err := s.get(ctx)
		var op *net.OpError
		if !errors.As(err, &op) {
			t.Errorf("%v", err)
		}
		s.wantConns(1, 0)
	})
}

// Cancelled at whatever point, a request leaves no connection that is open and belongs
// to nobody, none that is used again in the middle of a message, and nobody waiting.
func TestSweepRequests(t *testing.T) {
	for name, request := range map[string]func(ctx context.Context) *http.Request{
		"GET": func(ctx context.Context) *http.Request { return newRequest(ctx, "GET", "http://site", nil) },
		"POST": func(ctx context.Context) *http.Request {
			return newRequest(ctx, "POST", "http://site", &slow{ctx: ctx, pieces: []string{"a", "b"}})
		},
		"large POST": func(ctx context.Context) *http.Request {
			return newRequest(ctx, "POST", "http://site", strings.NewReader(strings.Repeat("x", 200)))
		},
		"Expect": func(ctx context.Context) *http.Request {
			r := newRequest(ctx, "POST", "http://site", strings.NewReader("abc"))
			r.Header.Set("Expect", "100-continue")
			return r
		},
	} {
		t.Run(name, func(t *testing.T) {
			asynciotest.Sweep(t, func(ctx context.Context, trial *asynciotest.Trial) error {
				s := newSite(ctx, t, 64, echo)
				s.client.MaxConnsPerHost = 1
				trial.After(func() error {
					if s.open != 0 {
						return fmt.Errorf("%d connections are left open", s.open)
					}
					return nil
				})
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
					for range 2 {
						g.Go(func(ctx context.Context) error { return checked(s, request(ctx)) })
					}
					return nil
				})
			})
		})
	}
}

// checked sends a request and checks that what it gets is its own.
func checked(s *site, r *http.Request) error {
	got, err := s.do(r)
	if err == nil && !strings.HasPrefix(got, r.Method+" ") {
		return fmt.Errorf("somebody else's answer: %q", got)
	}
	return err
}

// The same by a proxy, and with a client that follows a redirect under a timeout.
func TestSweepTheWayThere(t *testing.T) {
	redirecting := func(ctx context.Context, p *peer, _ int) error {
		for {
			r, err := p.request()
			if err != nil {
				return err
			}
			if r.URL.Path != "/there" {
				p.say("HTTP/1.1 302 Found\nLocation: /there\nContent-Length: 3\n\nhop")
			} else {
				p.say(hello)
			}
		}
	}
	for name, c := range map[string]struct {
		proxy string
		play  script
	}{
		"straight":          {"", redirecting},
		"by an HTTP proxy":  {"http://proxy", redirecting},
		"by a SOCKS5 proxy": {"socks5://user:secret@proxy", socksServer(new(string), 0, redirecting)},
	} {
		t.Run(name, func(t *testing.T) {
			asynciotest.Sweep(t, func(ctx context.Context, trial *asynciotest.Trial) error {
				s := newSite(ctx, t, 64, c.play)
				if c.proxy != "" {
					s.through(c.proxy)
				}
				trial.After(func() error {
					if s.open != 0 {
						return fmt.Errorf("%d connections are left open", s.open)
					}
					return nil
				})
				client := aiohttp.Client{Transport: s.client, Timeout: time.Minute}
				resp, err := client.Get(ctx, "http://site/")
				if err != nil {
					return err
				}
				defer resp.Body.Close()
				if got, err := io.ReadAll(resp.Body); string(got) != "hello" || err != nil {
					return fmt.Errorf("%q, %w", got, err)
				}
				return nil
			})
		})
	}
}

// A storm over loopback: many tasks, each request cancelled at a moment of its own, or
// not at all. Whoever gets an answer gets their own, and nothing is left.
func TestAStormOfCancellations(t *testing.T) {
	really(t, "leaves no connection in disorder", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Write(body)
	}, func(t *testing.T, ctx context.Context, address string) {
		client := aiohttp.Client{Transport: &aiohttp.Transport{MaxConnsPerHost: 5}}
		random := rand.New(rand.NewPCG(1, 2))
		answered, cancelled := 0, 0
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for i := range 20 {
				g.Go(func(ctx context.Context) error {
					for j := range 25 {
						limited, timeout := asyncio.WithTimeout(ctx, time.Duration(random.IntN(4000))*time.Microsecond)
						text := strings.Repeat(fmt.Sprintf("%d-%d ", i, j), 1+random.IntN(5000))
						got, err := post(limited, &client, address, text)
						timeout.Cancel()
						switch {
						case err == nil && got == text:
							answered++
						case timeout.Caused(err):
							cancelled++
						default:
							return fmt.Errorf("request %d-%d: %d bytes came back of %d, %w", i, j, len(got), len(text), err)
						}
					}
					return nil
				})
			}
			return nil
		})
		if err != nil || answered+cancelled != 500 {
			t.Errorf("%d answered, %d cancelled, %v", answered, cancelled, err)
		}
	})
}

func post(ctx context.Context, client *aiohttp.Client, address, text string) (string, error) {
	resp, err := client.Post(ctx, address, "text/plain", strings.NewReader(text))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}
