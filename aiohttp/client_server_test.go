package aiohttp_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
	"github.com/goasyncio/asyncio/aionet"
)

// ourselves runs a test with our server and our client on one loop, in virtual time.
func ourselves(t *testing.T, name string, handler http.HandlerFunc, test func(t *testing.T, ctx context.Context, client *aiohttp.Client)) {
	t.Helper()
	virtually(t, name, func(t *testing.T, ctx context.Context) {
		l := aionet.ListenMemory(ctx, "server", 1, 4096)
		server := &aiohttp.Server{Handler: handler}
		asyncio.Go(ctx, func(ctx context.Context) error {
			if err := server.Serve(ctx, l); err != http.ErrServerClosed && ctx.Err() == nil {
				t.Errorf("Serve: %v", err)
			}
			return nil
		})
		test(t, ctx, &aiohttp.Client{Transport: &aiohttp.Transport{
			Dial: func(ctx context.Context, _, _ string) (aionet.Stream, error) { return l.Dial(ctx) },
		}})
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

func TestOurClientAndOurServer(t *testing.T) {
	ourselves(t, "bodies both ways, kept connections, trailers", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "Length")
		body, _ := io.ReadAll(r.Body) // all of it before the answer begins, as with net/http
		w.Write(body)
		w.Header().Set("Length", itoa(len(body)))
	}, func(t *testing.T, ctx context.Context, client *aiohttp.Client) {
		for _, size := range []int{0, 1, 5000, 200_000} {
			text := strings.Repeat("x", size)
			resp, err := client.Post(ctx, "http://server", "text/plain", strings.NewReader(text))
			wantBody(t, resp, err, text)
			if err == nil && resp.Trailer.Get("Length") != itoa(size) {
				t.Errorf("trailer %v, want %d", resp.Trailer, size)
			}
		}
	})
	ourselves(t, "a body that waits for the answer to the last piece of it", func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		if err := control.EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		for p := make([]byte, 1); ; {
			n, err := r.Body.Read(p)
			if n > 0 {
				fmt.Fprintf(w, "%s!", p)
				control.Flush()
			}
			if err != nil {
				return
			}
		}
	}, func(t *testing.T, ctx context.Context, client *aiohttp.Client) {
		resp, err := client.Post(ctx, "http://server", "text/plain", &slow{ctx: ctx, pieces: []string{"a", "b", "c"}})
		wantBody(t, resp, err, "a!b!c!")
	})
	ourselves(t, "a body that is wanted, and one that is not", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/no" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		io.Copy(w, r.Body)
	}, func(t *testing.T, ctx context.Context, client *aiohttp.Client) {
		began := asyncio.Now(ctx)
		for path, want := range map[string]string{"/": "text", "/no": "no\n"} {
			r := newRequest(ctx, "PUT", "http://server"+path, strings.NewReader("text"))
			r.Header.Set("Expect", "100-continue")
			resp, err := client.Do(ctx, r)
			wantBody(t, resp, err, want)
		}
		if took := asyncio.Now(ctx).Sub(began); took >= time.Second {
			t.Errorf("somebody has waited for %v", took)
		}
	})
	ourselves(t, "a client that goes away ends the handler's wait", func(w http.ResponseWriter, r *http.Request) {
		if err := asyncio.Sleep(r.Context(), time.Hour); err == nil {
			t.Error("the handler waited to the end")
		}
	}, func(t *testing.T, ctx context.Context, client *aiohttp.Client) {
		client.Timeout = time.Second
		began := asyncio.Now(ctx)
		if _, err := client.Get(ctx, "http://server"); err == nil {
			t.Error("no error")
		}
		asyncio.Sleep(ctx, time.Second)
		if took := asyncio.Now(ctx).Sub(began); took != 2*time.Second {
			t.Errorf("took %v", took)
		}
	})
}
