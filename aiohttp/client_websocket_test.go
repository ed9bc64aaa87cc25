package aiohttp_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
)

// The client is the http.Client of a library: here one for WebSocket (RFC 6455), which
// takes the connection over after the handshake. Its server is off the loop.
func TestAWebSocketLibraryOnTheClient(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		c.SetReadLimit(-1)
		for {
			kind, text, err := c.Read(r.Context())
			if err != nil || c.Write(r.Context(), kind, text) != nil {
				return
			}
		}
	}))
	defer server.Close()
	run(t, func(ctx context.Context) {
		var client aiohttp.Client
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for range 5 { // tasks of one loop, each with a connection of its own
				g.Go(func(ctx context.Context) error { return echoes(t, ctx, &client, server.URL) })
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	run(t, func(ctx context.Context) {
		var client aiohttp.Client
		var ended error
		var connected asyncio.Event
		reader := asyncio.Go(ctx, func(ctx context.Context) error {
			c, _, err := websocket.Dial(ctx, server.URL, &websocket.DialOptions{HTTPClient: client.Standard()})
			connected.Set()
			if err != nil {
				t.Error(err)
				return err
			}
			defer c.CloseNow()
			_, _, ended = c.Read(context.WithoutCancel(ctx))
			return ended
		})
		connected.Wait(ctx)
		asyncio.Sleep(ctx, 20*time.Millisecond) // whether it waits by then makes no difference
		reader.Cancel(nil)
		if _, err := reader.Await(ctx); !errors.Is(err, asyncio.ErrTaskCancelled) {
			t.Errorf("%v; the read ended with %v", err, ended)
		}
	})
}

// The library watches a context that can end from a goroutine of its own, which must not
// touch a connection of the loop. So it gets one that cannot. Its waits end with their
// task all the same, because those of the connection do.

// echoes sends messages and wants each back.
func echoes(t *testing.T, ctx context.Context, client *aiohttp.Client, address string) error {
	c, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPClient: client.Standard()})
	if err != nil {
		return err
	}
	defer c.CloseNow()
	c.SetReadLimit(-1)
	free := context.WithoutCancel(ctx)
	for _, size := range []int{0, 1, 1000, 100_000} {
		want := strings.Repeat("x", size)
		if err := c.Write(free, websocket.MessageText, []byte(want)); err != nil {
			return err
		}
		if _, got, err := c.Read(free); string(got) != want || err != nil {
			t.Errorf("%d bytes came back of %d, %v", len(got), size, err)
		}
	}
	return c.Close(websocket.StatusNormalClosure, "")
}
