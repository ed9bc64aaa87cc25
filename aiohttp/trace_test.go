package aiohttp_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/goasyncio/asyncio/aiohttp"
)

// A recorder is a trace that writes down what it is told. It is locked for package
// net/http, which calls it from several goroutines.
type recorder struct {
	sync.Mutex
	told []string
}

func (r *recorder) note(format string, args ...any) {
	r.Lock()
	defer r.Unlock()
	r.told = append(r.told, fmt.Sprintf(format, args...))
}

func (r *recorder) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:  func(addr string) { r.note("GetConn %s", addr) },
		GotConn:  func(i httptrace.GotConnInfo) { r.note("GotConn %v %v", i.Reused, i.WasIdle) },
		DNSStart: func(i httptrace.DNSStartInfo) { r.note("DNSStart %s", i.Host) },
		DNSDone: func(i httptrace.DNSDoneInfo) {
			r.note("DNSDone %v %v", slices.ContainsFunc(i.Addrs, func(a net.IPAddr) bool { return a.IP.IsLoopback() }), i.Err)
		},
		ConnectStart:         func(network, addr string) { r.note("ConnectStart %s %s", network, addr) },
		ConnectDone:          func(network, addr string, err error) { r.note("ConnectDone %s %s %v", network, addr, err) },
		TLSHandshakeStart:    func() { r.note("TLSHandshakeStart") },
		TLSHandshakeDone:     func(s tls.ConnectionState, err error) { r.note("TLSHandshakeDone %v %v", s.HandshakeComplete, err) },
		WroteHeaderField:     func(key string, _ []string) { r.note("WroteHeaderField %s", key) },
		WroteHeaders:         func() { r.note("WroteHeaders") },
		WroteRequest:         func(i httptrace.WroteRequestInfo) { r.note("WroteRequest %v", i.Err) },
		GotFirstResponseByte: func() { r.note("GotFirstResponseByte") },
		PutIdleConn:          func(err error) { r.note("PutIdleConn %v", err) },
	}
}

// traced sends two requests and returns what the trace was told.
func traced(ctx context.Context, t *testing.T, rt http.RoundTripper, method, url, body string) string {
	t.Helper()
	var r recorder
	for range 2 {
		req := newRequest(httptrace.WithClientTrace(ctx, r.trace()), method, url, nil)
		if body != "" {
			req = newRequest(req.Context(), method, url, strings.NewReader(body))
		}
		resp, err := rt.RoundTrip(req)
		if err != nil {
			r.note("error")
			continue
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	r.Lock()
	defer r.Unlock()
	return strings.Join(r.told, "\n")
}

// A trace is told the same by our Transport as by package net/http's, in the same
// order, and here all on the loop.
func TestTracesAreToldWhatNetHTTPTellsThem(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, "hello")
	})
	plain, secured := httptest.NewServer(handler), httptest.NewTLSServer(handler)
	defer plain.Close()
	defer secured.Close()
	roots := x509.NewCertPool()
	roots.AddCert(secured.Certificate())
	for _, c := range []struct{ name, method, url, body string }{
		{"a GET by address", "GET", plain.URL, ""},
		{"a GET by name", "GET", strings.Replace(plain.URL, "127.0.0.1", "localhost", 1), ""},
		{"a POST", "POST", plain.URL, "body"},
		{"a GET with TLS", "GET", secured.URL, ""},
		{"where nobody listens", "GET", "http://127.0.0.1:1", ""},
		{"a handshake that fails", "GET", strings.Replace(plain.URL, "http:", "https:", 1), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := func() *tls.Config { return &tls.Config{RootCAs: roots} }
			theirs := &http.Transport{TLSClientConfig: config()}
			defer theirs.CloseIdleConnections()
			want := traced(t.Context(), t, theirs, c.method, c.url, c.body)
			run(t, func(ctx context.Context) {
				got := traced(ctx, t, &aiohttp.Transport{TLSClientConfig: config()}, c.method, c.url, c.body)
				if got != want {
					t.Errorf("told\n%s\n\nnet/http tells\n%s", got, want)
				}
			})
		})
	}
}
