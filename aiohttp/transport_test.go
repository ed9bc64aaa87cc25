package aiohttp_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
)

func TestARequestAndItsResponse(t *testing.T) {
	virtually(t, "a GET gets its answer, and the connection serves again", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, answering(hello))
		for range 3 {
			s.wantGet(ctx, "hello")
		}
		s.wantConns(1, 1)
	})
	virtually(t, "the request goes over the wire as package net/http writes it", func(t *testing.T, ctx context.Context) {
		var got bytes.Buffer
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, _ int) error {
			r, err := p.request()
			if err == nil {
				r.Write(&got)
			}
			return p.say(hello)
		})
		s.client.DisableCompression = true
		r := newRequest(ctx, "GET", "http://user:secret@site:8080/a%20b?c=d#e", nil)
		r.Header.Set("X-Test", "yes")
		if _, err := s.do(r); err != nil {
			t.Fatal(err)
		}
		want := "GET /a%20b?c=d HTTP/1.1\r\nHost: site:8080\r\nUser-Agent: Go-http-client/1.1\r\nX-Test: yes\r\n\r\n"
		if got.String() != want || s.dialed[0] != "site:8080" || len(r.Header) != 1 {
			t.Errorf("%q, by %s, header then %v\nwant %q", got.String(), s.dialed, r.Header, want)
		}
	})
	virtually(t, "responses without a body leave the connection ready", func(t *testing.T, ctx context.Context) {
		answers := map[string]string{
			"GET":    "HTTP/1.1 204 No Content\n\n",
			"HEAD":   "HTTP/1.1 200 OK\nContent-Length: 1000\n\n",
			"PUT":    "HTTP/1.1 304 Not Modified\nContent-Length: 7\n\n",
			"DELETE": "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
		}
		s := newSite(ctx, t, 4096, func(_ context.Context, p *peer, _ int) error {
			for {
				r, err := p.request()
				if err != nil {
					return err
				}
				p.say(answers[r.Method])
			}
		})
		for _, method := range []string{"GET", "HEAD", "PUT", "DELETE"} {
			resp, err := s.client.RoundTrip(newRequest(ctx, method, "http://site", nil))
			if err != nil || resp.Body != http.NoBody {
				t.Errorf("%s: %v", method, err)
			} else if method == "HEAD" && resp.ContentLength != 1000 {
				t.Errorf("HEAD: %d", resp.ContentLength)
			}
		}
		s.wantConns(1, 1)
	})
	virtually(t, "a body in chunks ends with its trailer", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, answering("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nTrailer: Sum\n\n3\nabc\n2\nde\n0\nSum: 5\n\n"))
		resp, err := s.client.RoundTrip(newRequest(ctx, "GET", "http://site", nil))
		if err != nil {
			t.Fatal(err)
		}
		if _, announced := resp.Trailer["Sum"]; !announced {
			t.Error("the trailer is not announced")
		}
		body, err := io.ReadAll(resp.Body)
		if string(body) != "abcde" || err != nil || resp.Trailer.Get("Sum") != "5" {
			t.Errorf("%q, %v, trailer %v", body, err, resp.Trailer)
		}
		s.wantConns(1, 1)
		s.wantGet(ctx, "abcde")
		s.wantConns(1, 1)
	})
	virtually(t, "a body that ends with the connection is whole, and the connection is gone", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(_ context.Context, p *peer, _ int) error {
			p.request()
			return p.say("HTTP/1.1 200 OK\n\nuntil the end")
		})
		s.wantGet(ctx, "until the end")
		s.wantConns(1, 0)
	})
	for name, answer := range map[string]string{
		"the server says close":        "HTTP/1.1 200 OK\nConnection: close\nContent-Length: 5\n\nhello",
		"the server speaks HTTP/1.0":   "HTTP/1.0 200 OK\nContent-Length: 5\n\nhello",
		"more follows than was agreed": hello + "HTTP/1.1 200 OK\n\nevil",
	} {
		virtually(t, "no second request where "+name, func(t *testing.T, ctx context.Context) {
			s := newSite(ctx, t, 4096, answering(answer))
			s.wantGet(ctx, "hello")
			s.wantConns(1, 0)
			s.wantGet(ctx, "hello")
			s.wantConns(2, 0)
		})
	}
	virtually(t, "no second request where the request says close, or the transport does", func(t *testing.T, ctx context.Context) {
		var closes []bool
		s := newSite(ctx, t, 4096, func(_ context.Context, p *peer, _ int) error {
			r, err := p.request()
			closes = append(closes, err == nil && r.Close)
			return p.say(hello)
		})
		r := newRequest(ctx, "GET", "http://site", nil)
		r.Close = true
		s.do(r)
		s.client.DisableKeepAlives = true
		s.get(ctx)
		if s.wantConns(2, 0); !reflect.DeepEqual(closes, []bool{true, true}) {
			t.Errorf("Connection: close was sent: %v", closes)
		}
	})
}

func TestInformationalResponses(t *testing.T) {
	virtually(t, "are told to the trace and do not end the wait", func(t *testing.T, ctx context.Context) {
		var told []string
		trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			told = append(told, http.StatusText(code)+" "+h.Get("Link"))
			return nil
		}}
		s := newSite(ctx, t, 4096, answering("HTTP/1.1 103 Early Hints\nLink: a\n\nHTTP/1.1 102 Processing\n\n"+hello))
		s.wantGet(httptrace.WithClientTrace(ctx, trace), "hello")
		if want := []string{"Early Hints a", "Processing "}; !reflect.DeepEqual(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
		s.wantConns(1, 1)
	})
	virtually(t, "that are told are limited one by one", func(t *testing.T, ctx context.Context) {
		trace := &httptrace.ClientTrace{Got1xxResponse: func(int, textproto.MIMEHeader) error { return nil }}
		s := newSite(ctx, t, 32, answering(strings.Repeat("HTTP/1.1 103 Early Hints\nLink: a\n\n", 20)+hello))
		s.client.MaxResponseHeaderBytes = 200
		s.wantGet(httptrace.WithClientTrace(ctx, trace), "hello")
		if _, err := s.get(ctx); err == nil {
			t.Error("without the trace there is no limit")
		}
	})
	virtually(t, "cannot go on for ever", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(_ context.Context, p *peer, _ int) error {
			p.request()
			for p.say("HTTP/1.1 103 Early Hints\nLink: a\n\n") == nil {
			}
			return nil
		})
		if _, err := s.get(ctx); err == nil || !strings.Contains(err.Error(), "MaxResponseHeaderBytes") {
			t.Errorf("%v", err)
		}
		s.wantConns(1, 0)
	})
	virtually(t, "end the request where the trace says so", func(t *testing.T, ctx context.Context) {
		stop := errors.New("enough")
		trace := &httptrace.ClientTrace{Got1xxResponse: func(int, textproto.MIMEHeader) error { return stop }}
		s := newSite(ctx, t, 4096, answering("HTTP/1.1 103 Early Hints\n\n"+hello))
		if _, err := s.get(httptrace.WithClientTrace(ctx, trace)); !errors.Is(err, stop) {
			t.Errorf("%v", err)
		}
		s.wantConns(1, 0)
	})
}

func TestLimitsOfAResponse(t *testing.T) {
	virtually(t, "a header larger than MaxResponseHeaderBytes is refused", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, answering("HTTP/1.1 200 OK\nX: "+strings.Repeat("x", 300)+"\nContent-Length: 5\n\nhello"))
		s.client.MaxResponseHeaderBytes = 200
		if _, err := s.get(ctx); err == nil || !strings.Contains(err.Error(), "MaxResponseHeaderBytes") {
			t.Errorf("%v", err)
		}
		s.wantConns(1, 0)
		s.client.MaxResponseHeaderBytes = 400
		s.wantGet(ctx, "hello")
	})
	virtually(t, "a body is not counted as header", func(t *testing.T, ctx context.Context) {
		long := strings.Repeat("x", 9000)
		s := newSite(ctx, t, 4096, answering("HTTP/1.1 200 OK\nContent-Length: 9000\n\n"+long))
		s.client.MaxResponseHeaderBytes = 5000
		s.wantGet(ctx, long)
	})
	virtually(t, "ResponseHeaderTimeout counts from when the request was sent", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, _ int) error {
			p.request()
			return asyncio.Sleep(ctx, time.Hour)
		})
		s.client.ResponseHeaderTimeout = 3 * time.Second
		began := asyncio.Now(ctx)
		_, err := s.get(ctx)
		var timeout interface{ Timeout() bool }
		if took := asyncio.Now(ctx).Sub(began); took != 3*time.Second ||
			!errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%v after %v", err, took)
		}
		s.wantConns(1, 0)
	})
	virtually(t, "ResponseHeaderTimeout does not count the body", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(ctx context.Context, p *peer, _ int) error {
			p.request()
			p.say("HTTP/1.1 200 OK\nContent-Length: 4\n\nsl")
			asyncio.Sleep(ctx, time.Hour)
			return p.say("ow")
		})
		s.client.ResponseHeaderTimeout = 3 * time.Second
		s.wantGet(ctx, "slow")
	})
}

func TestGzip(t *testing.T) {
	packed := func(text string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		io.WriteString(w, text)
		w.Close()
		return b.String()
	}
	var asked string
	serve := func(body string) script {
		return func(ctx context.Context, p *peer, _ int) error {
			for {
				r, err := p.request()
				if err != nil {
					return err
				}
				asked = r.Header.Get("Accept-Encoding")
				p.say("HTTP/1.1 200 OK\nContent-Encoding: gzip\nTransfer-Encoding: chunked\n\n")
				for _, b := range []byte(body) { // a chunk for each byte
					p.Write([]byte{'1', '\r', '\n', b, '\r', '\n'})
				}
				p.say("0\n\n")
			}
		}
	}
	virtually(t, "is asked for and unpacked, and the connection serves again", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, serve(packed("hello")))
		resp, err := s.client.RoundTrip(newRequest(ctx, "GET", "http://site", nil))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if string(body) != "hello" || err != nil || asked != "gzip" || !resp.Uncompressed ||
			resp.ContentLength != -1 || resp.Header.Get("Content-Encoding") != "" {
			t.Errorf("%q, %v: asked for %q, got %+v", body, err, asked, resp)
		}
		s.wantGet(ctx, "hello")
		s.wantConns(1, 1)
	})
	virtually(t, "is left as it is where we have not asked for it", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, serve(packed("hello")))
		for _, name := range []string{"Accept-Encoding", "Range"} {
			r := newRequest(ctx, "GET", "http://site", nil)
			r.Header.Set(name, "gzip")
			if got, err := s.do(r); got != packed("hello") || err != nil {
				t.Errorf("with %s: %q, %v", name, got, err)
			}
		}
		s.client.DisableCompression = true
		s.wantGet(ctx, packed("hello"))
		if asked != "" {
			t.Errorf("asked for %q", asked)
		}
	})
	virtually(t, "of nothing at all is an empty body: servers announce it so", func(t *testing.T, ctx context.Context) {
		newSite(ctx, t, 4096, serve("")).wantGet(ctx, "")
	})
	for name, c := range map[string]struct {
		body string
		want error
	}{
		"broken":  {"no gzip at all", gzip.ErrHeader},
		"cut off": {packed("hello")[:15], io.ErrUnexpectedEOF},
	} {
		virtually(t, "that is "+name+" is an error of the body", func(t *testing.T, ctx context.Context) {
			s := newSite(ctx, t, 4096, serve(c.body))
			if got, err := s.get(ctx); !strings.HasPrefix("hello", got) || !errors.Is(err, c.want) {
				t.Errorf("%q, %v; want %v", got, err, c.want)
			}
		})
	}
}

func TestRequestsThatCannotBeSent(t *testing.T) {
	virtually(t, "are refused, and their bodies closed", func(t *testing.T, ctx context.Context) {
		transport := new(aiohttp.Transport)
		for name, spoil := range map[string]func(r *http.Request){
			"no URL":           func(r *http.Request) { r.URL = nil },
			"protocol scheme":  func(r *http.Request) { r.URL.Scheme = "gopher" },
			"no host":          func(r *http.Request) { r.URL.Host = "" },
			"invalid method":   func(r *http.Request) { r.Method = "G E T" },
			"header field":     func(r *http.Request) { r.Header["a b"] = []string{"c"} },
			"the header field": func(r *http.Request) { r.Header["A"] = []string{"b\r\nC: d"} },
			"trailer":          func(r *http.Request) { r.Trailer = http.Header{"A\n": nil} },
			"proxy":            func(*http.Request) {},
		} {
			transport.Proxy = nil
			if name == "proxy" {
				transport.Proxy = func(r *http.Request) (*url.URL, error) { return parse("ftp://proxy"), nil }
			}
			body := &closing{Reader: strings.NewReader("body")}
			r := newRequest(ctx, "POST", "http://site/", body)
			spoil(r)
			if _, err := transport.RoundTrip(r); err == nil || !strings.Contains(err.Error(), name) || !body.closed {
				t.Errorf("%s: %v; body closed: %v", name, err, body.closed)
			}
		}
	})
	t.Run("a context that leads to no loop is refused", func(t *testing.T) {
		_, err := new(aiohttp.Transport).RoundTrip(newRequest(context.Background(), "GET", "http://site", nil))
		if !errors.Is(err, asyncio.ErrNoLoop) {
			t.Errorf("%v", err)
		}
	})
}

// closing is a body that knows whether it was closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }
