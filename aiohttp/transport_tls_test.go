package aiohttp_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
)

// securely runs a test against package net/http's server with TLS. The transport
// trusts its certificate, which is for example.com.
func securely(t *testing.T, name string, test func(t *testing.T, ctx context.Context, client *aiohttp.Transport, server *httptest.Server)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s %s %s %d", r.Proto, r.TLS.NegotiatedProtocol, r.Method, len(body))
		}))
		server.TLS = &tls.Config{NextProtos: []string{"h2", "http/1.1"}}
		server.EnableHTTP2 = true
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		defer server.Close()
		roots := x509.NewCertPool()
		roots.AddCert(server.Certificate())
		client := &aiohttp.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
		run(t, func(ctx context.Context) { test(t, ctx, client, server) })
	})
}

func TestHTTPS(t *testing.T) {
	securely(t, "speaks HTTP/1.1, and the connection serves again", func(t *testing.T, ctx context.Context, client *aiohttp.Transport, server *httptest.Server) {
		var shakes int
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{TLSHandshakeDone: func(s tls.ConnectionState, err error) {
			if shakes++; err != nil || !s.HandshakeComplete {
				t.Errorf("%+v, %v", s, err)
			}
		}})
		for range 3 {
			resp, err := client.RoundTrip(newRequest(ctx, "GET", server.URL, nil))
			wantBody(t, resp, err, "HTTP/1.1 http/1.1 GET 0")
			if err == nil && (resp.TLS == nil || len(resp.TLS.PeerCertificates) != 1) {
				t.Errorf("the response does not tell of TLS: %v", resp.TLS)
			}
		}
		if shakes != 1 {
			t.Errorf("%d handshakes", shakes)
		}
	})
	securely(t, "carries large bodies of many requests at a time", func(t *testing.T, ctx context.Context, client *aiohttp.Transport, server *httptest.Server) {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for range 5 {
				g.Go(func(ctx context.Context) error {
					r := newRequest(ctx, "POST", server.URL, strings.NewReader(strings.Repeat("x", 500_000)))
					resp, err := client.RoundTrip(r)
					wantBody(t, resp, err, "HTTP/1.1 http/1.1 POST 500000")
					return nil
				})
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	securely(t, "trusts nobody whom it does not know", func(t *testing.T, ctx context.Context, client *aiohttp.Transport, server *httptest.Server) {
		client.TLSClientConfig = nil
		_, err := client.RoundTrip(newRequest(ctx, "GET", server.URL, nil))
		var unknown x509.UnknownAuthorityError
		if !errors.As(err, &unknown) {
			t.Errorf("%v", err)
		}
		if client.CloseIdleConnections(); err == nil {
			t.Error("no error")
		}
	})
	securely(t, "wants the name of the address in the certificate", func(t *testing.T, ctx context.Context, client *aiohttp.Transport, server *httptest.Server) {
		client.TLSClientConfig.ServerName = "example.com"
		resp, err := client.RoundTrip(newRequest(ctx, "GET", server.URL, nil))
		wantBody(t, resp, err, "HTTP/1.1 http/1.1 GET 0")
		client.CloseIdleConnections()
		client.TLSClientConfig.ServerName = "example.org"
		_, err = client.RoundTrip(newRequest(ctx, "GET", server.URL, nil))
		var name x509.HostnameError
		if !errors.As(err, &name) {
			t.Errorf("%v", err)
		}
	})
	securely(t, "goes through a proxy for CONNECT", func(t *testing.T, ctx context.Context, client *aiohttp.Transport, server *httptest.Server) {
		asked := make(chan string, 10)
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked <- r.Method + " " + r.Host + " " + r.Header.Get("Proxy-Authorization") + " " + r.Header.Get("X-Test")
			passOn(w, server.Listener.Addr().String())
		}))
		defer proxy.Close()
		client.Proxy = http.ProxyURL(parse(strings.Replace(proxy.URL, "//", "//user:secret@", 1)))
		client.ProxyConnectHeader = http.Header{"X-Test": {"yes"}}
		for range 2 {
			resp, err := client.RoundTrip(newRequest(ctx, "GET", "https://example.com/", nil))
			wantBody(t, resp, err, "HTTP/1.1 http/1.1 GET 0")
		}
		if got, want := <-asked, "CONNECT example.com:443 Basic dXNlcjpzZWNyZXQ= yes"; got != want || len(asked) != 0 {
			t.Errorf("the proxy was asked %q and %d times more, want %q", got, len(asked), want)
		}
		client.CloseIdleConnections()
	})
	virtually(t, "a handshake that does not end is given up after TLSHandshakeTimeout", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(ctx context.Context, _ *peer, _ int) error { return asyncio.Sleep(ctx, time.Hour) })
		began := asyncio.Now(ctx)
		_, err := s.do(newRequest(ctx, "GET", "https://site", nil))
		if took := asyncio.Now(ctx).Sub(began); err == nil || took != 10*time.Second {
			t.Errorf("%v after %v", err, took)
		}
		s.wantConns(1, 0)
	})
	virtually(t, "a server without TLS is an error that says so", func(t *testing.T, ctx context.Context) {
		s := newSite(ctx, t, 4096, func(_ context.Context, p *peer, _ int) error { return p.say(hello) })
		client := aiohttp.Client{Transport: s.client}
		_, err := client.Get(ctx, "https://site")
		if err == nil || !strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") {
			t.Errorf("%v", err)
		}
		s.wantConns(1, 0)
	})
}

// plainWriter hides that a connection can splice, for which package net keeps pipes.
type plainWriter struct{ io.Writer }

// passOn is the rest of a proxy's work: it passes bytes on in both directions.
func passOn(w http.ResponseWriter, target string) {
	there, err := net.Dial("tcp", target)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer there.Close()
	w.WriteHeader(http.StatusOK)
	here, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer here.Close()
	go func() {
		io.Copy(plainWriter{there}, buffered)
		there.Close()
	}()
	io.Copy(plainWriter{here}, there)
}
