package aiohttp_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
)

// BenchmarkGet is a GET of a few bytes over one connection that is kept, to net/http's
// server in the same process: what differs is the client.
func BenchmarkGet(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") }))
	defer server.Close()
	get := func(b *testing.B, ctx context.Context, client *http.Client) {
		b.ReportAllocs()
		for b.Loop() {
			resp, err := client.Do(newRequest(ctx, "GET", server.URL, nil))
			if err != nil {
				b.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	}
	b.Run("aiohttp", func(b *testing.B) {
		asyncio.Run(b.Context(), func(ctx context.Context) error {
			get(b, ctx, new(aiohttp.Client).Standard())
			return nil
		})
	})
	b.Run("net-http", func(b *testing.B) { get(b, b.Context(), &http.Client{Transport: new(http.Transport)}) })
}

// BenchmarkPost has a body that does not go with the header, and so takes a task.
func BenchmarkPost(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }))
	defer server.Close()
	text := strings.Repeat("x", 20_000)
	post := func(b *testing.B, ctx context.Context, client *http.Client) {
		b.ReportAllocs()
		for b.Loop() {
			resp, err := client.Do(newRequest(ctx, "POST", server.URL, strings.NewReader(text)))
			if err != nil {
				b.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	}
	b.Run("aiohttp", func(b *testing.B) {
		asyncio.Run(b.Context(), func(ctx context.Context) error {
			post(b, ctx, new(aiohttp.Client).Standard())
			return nil
		})
	})
	b.Run("net-http", func(b *testing.B) { post(b, b.Context(), &http.Client{Transport: new(http.Transport)}) })
}
