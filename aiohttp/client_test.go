package aiohttp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
	"github.com/goasyncio/asyncio/asynciotest"
)

// The servers of this file are package net/http's, on loopback.

// really runs a test on a loop with real sockets, against a server with handler, and
// checks that nothing is left after it.
func really(t *testing.T, name string, handler http.HandlerFunc, test func(t *testing.T, ctx context.Context, address string)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		server := httptest.NewServer(handler)
		defer server.Close()
		run(t, func(ctx context.Context) { test(t, ctx, server.URL) })
	})
}

// run runs a test on a loop with real time.
func run(t *testing.T, test func(ctx context.Context)) {
	t.Helper()
	defer asynciotest.CheckLeaks(t)()
	err := asyncio.Run(t.Context(), func(ctx context.Context) error { test(ctx); return nil })
	if err != nil {
		t.Error(err)
	}
}

// wantBody checks what a client got.
func wantBody(t *testing.T, resp *http.Response, err error, want string) {
	t.Helper()
	if err != nil {
		t.Error(err)
		return
	}
	defer resp.Body.Close()
	if got, err := io.ReadAll(resp.Body); string(got) != want || err != nil {
		t.Errorf("%.200q, %v; want %.200q", got, err, want)
	}
}

func TestClientAgainstTheStandardServer(t *testing.T) {
	// what tells what the server saw.
	what := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s %d %v", r.Method, r.URL.RequestURI(), r.Header.Get("Content-Type"), len(body), err)
	}
	really(t, "the usual methods", what, func(t *testing.T, ctx context.Context, address string) {
		var c aiohttp.Client
		resp, err := c.Get(ctx, address+"/a?b=c")
		wantBody(t, resp, err, "GET /a?b=c  0 <nil>")
		resp, err = c.Post(ctx, address, "text/plain", strings.NewReader("hello"))
		wantBody(t, resp, err, "POST / text/plain 5 <nil>")
		resp, err = c.PostForm(ctx, address, url.Values{"a": {"b"}})
		wantBody(t, resp, err, "POST / application/x-www-form-urlencoded 3 <nil>")
		resp, err = c.Head(ctx, address)
		wantBody(t, resp, err, "")
		if resp.Request.Method != "HEAD" || resp.ContentLength <= 0 {
			t.Errorf("%+v", resp)
		}
	})
	really(t, "many requests at a time, and large bodies both ways", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Write(bytes.ToUpper(body))
	}, func(t *testing.T, ctx context.Context, address string) {
		c := aiohttp.Client{Transport: &aiohttp.Transport{MaxConnsPerHost: 4}}
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for i := range 20 {
				g.Go(func(ctx context.Context) error {
					text := strings.Repeat(string(rune('a'+i)), 300_000)
					resp, err := c.Post(ctx, address, "text/plain", strings.NewReader(text))
					wantBody(t, resp, err, strings.ToUpper(text))
					return nil
				})
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	really(t, "redirects and cookies are the standard library's", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/there" {
			cookie, err := r.Cookie("name")
			fmt.Fprint(w, r.Method, " ", cookie, " ", err)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "name", Value: "value"})
		http.Redirect(w, r, "/there", http.StatusSeeOther)
	}, func(t *testing.T, ctx context.Context, address string) {
		jar, _ := cookiejar.New(nil)
		c := aiohttp.Client{Jar: jar}
		resp, err := c.Post(ctx, address, "", strings.NewReader("x"))
		wantBody(t, resp, err, "GET name=value <nil>")
		c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		resp, err = c.Get(ctx, address)
		if err != nil || resp.StatusCode != http.StatusSeeOther {
			t.Errorf("%v, %v", resp, err)
		}
		resp.Body.Close()
	})
	really(t, "an http.Client for libraries is on the same connections", what, func(t *testing.T, ctx context.Context, address string) {
		var c aiohttp.Client
		resp, err := c.Standard().Do(newRequest(ctx, "PATCH", address, strings.NewReader("hello")))
		wantBody(t, resp, err, "PATCH /  5 <nil>")
	})
	really(t, "trailers, and a body that comes in pieces", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "Sum")
		for _, piece := range []string{"a", "b", "c"} {
			io.WriteString(w, piece)
			w.(http.Flusher).Flush()
		}
		w.Header().Set("Sum", "3")
	}, func(t *testing.T, ctx context.Context, address string) {
		resp, err := new(aiohttp.Client).Get(ctx, address)
		wantBody(t, resp, err, "abc")
		if resp.Trailer.Get("Sum") != "3" {
			t.Errorf("trailer %v", resp.Trailer)
		}
	})
	really(t, "a refusal before the body, with and without Expect: 100-continue", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "no", http.StatusForbidden)
	}, func(t *testing.T, ctx context.Context, address string) {
		var c aiohttp.Client
		for _, expect := range []string{"", "100-continue"} {
			r := newRequest(ctx, "PUT", address, strings.NewReader(strings.Repeat("x", 4<<20)))
			r.Header.Set("Expect", expect)
			resp, err := c.Do(ctx, r)
			wantBody(t, resp, err, "no\n")
		}
	})
	really(t, "a server that is not there", what, func(t *testing.T, ctx context.Context, _ string) {
		_, err := new(aiohttp.Client).Get(ctx, "http://127.0.0.1:1/")
		var u *url.Error
		if !errors.As(err, &u) || u.Op != "Get" || !strings.Contains(err.Error(), "refused") {
			t.Errorf("%v", err)
		}
	})
	really(t, "a server that closes its idle connections", what, func(t *testing.T, ctx context.Context, address string) {
		server := httptest.NewUnstartedServer(http.HandlerFunc(what))
		server.Config.IdleTimeout = time.Millisecond
		server.Start()
		defer server.Close()
		var c aiohttp.Client
		for i := range 20 {
			resp, err := c.Get(ctx, server.URL)
			wantBody(t, resp, err, "GET /  0 <nil>")
			asyncio.Sleep(ctx, time.Duration(i%4)*500*time.Microsecond)
		}
	})
}

func TestTheTimeoutOfAClient(t *testing.T) {
	drip := func(ctx context.Context, p *peer, _ int) error {
		for {
			if _, err := p.request(); err != nil {
				return err
			}
			asyncio.Sleep(ctx, time.Second)
			p.say("HTTP/1.1 200 OK\nContent-Length: 5\n\n")
			for _, c := range "hello" {
				asyncio.Sleep(ctx, time.Second)
				p.say(string(c))
			}
		}
	}
	for _, c := range []struct {
		limit, took time.Duration
		got         string
		err         error
	}{
		{500 * time.Millisecond, 500 * time.Millisecond, "", context.DeadlineExceeded},
		{3500 * time.Millisecond, 3500 * time.Millisecond, "he", context.DeadlineExceeded},
		{7 * time.Second, 6 * time.Second, "hello", nil},
		{0, 6 * time.Second, "hello", nil},
	} {
		virtually(t, fmt.Sprintf("of %v, with its body", c.limit), func(t *testing.T, ctx context.Context) {
			s := newSite(ctx, t, 4096, drip)
			client := aiohttp.Client{Transport: s.client, Timeout: c.limit}
			began := asyncio.Now(ctx)
			var got []byte
			resp, err := client.Get(ctx, "http://site")
			if err == nil {
				got, err = io.ReadAll(resp.Body)
				resp.Body.Close()
			}
			took := asyncio.Now(ctx).Sub(began)
			if string(got) != c.got || !errors.Is(err, c.err) || took != c.took {
				t.Errorf("%q, %v after %v; want %q, %v after %v", got, err, took, c.got, c.err, c.took)
			}
		})
	}
	virtually(t, "counts redirects as part of the request", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, _ int) error {
			for {
				if _, err := p.request(); err != nil {
					return err
				}
				asyncio.Sleep(ctx, time.Second)
				p.say("HTTP/1.1 302 Found\nLocation: /again\nContent-Length: 0\n\n")
			}
		})
		client := aiohttp.Client{Transport: s.client, Timeout: 4500 * time.Millisecond}
		began := asyncio.Now(ctx)
		_, err := client.Get(ctx, "http://site")
		var u *url.Error
		if took := asyncio.Now(ctx).Sub(began); !errors.As(err, &u) || !u.Timeout() || took != client.Timeout {
			t.Errorf("%v after %v", err, took)
		}
	})
	virtually(t, "leaves no timer behind when the body is not read", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, answering(hello))
		client := aiohttp.Client{Transport: s.client, Timeout: time.Hour}
		resp, err := client.Get(ctx, "http://site")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		client.CloseIdleConnections()
		began := asyncio.Now(ctx)
		asyncio.Sleep(ctx, 2*time.Hour)
		if took := asyncio.Now(ctx).Sub(began); took != 2*time.Hour {
			t.Errorf("took %v", took)
		}
	})
	virtually(t, "has no say over a connection that speaks another protocol", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, _ int) error {
			p.request()
			p.say("HTTP/1.1 101 Switching Protocols\nConnection: Upgrade\nUpgrade: late\n\n")
			asyncio.Sleep(ctx, time.Hour)
			return p.say("late")
		})
		client := aiohttp.Client{Transport: s.client, Timeout: time.Second}
		resp, err := client.Get(ctx, "http://site")
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := resp.Body.(io.Writer); !ok {
			t.Errorf("a %T cannot be written to", resp.Body)
		}
		wantBody(t, resp, err, "late")
	})
	virtually(t, "a client that is called under an ended context sends nothing", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, answering(hello))
		ended, cancel := asyncio.WithCancel(ctx)
		cancel(nil)
		client := aiohttp.Client{Transport: s.client}
		_, err := client.Get(ended, "http://user:secret@site")
		if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v", err)
		}
		s.wantConns(0, 0)
	})
}

func ExampleClient() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello from %s", r.URL.Path)
	}))
	defer server.Close()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		client := aiohttp.Client{Timeout: 10 * time.Second}
		defer client.CloseIdleConnections()
		resp, err := client.Get(ctx, server.URL+"/here")
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		fmt.Printf("%s: %s\n", resp.Status, text)
		return err
	})
	fmt.Println(err)
	// Output:
	// 200 OK: hello from /here
	// <nil>
}
