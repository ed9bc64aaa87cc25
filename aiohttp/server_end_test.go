package aiohttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
	"github.com/goasyncio/asyncio/aionet"
)

// A server that is full waits for nothing but the end of a connection, and a handler
// that waits for its client to go, for example one that streams events, for nothing but
// that: it is no deadlock (rule L5). Another handler then ends the server.
func TestAFullServerWhoseHandlersWaitForTheirClients(t *testing.T) {
	var cause error
	var bye string
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		url := "http://" + l.Addr().String()
		s := &aiohttp.Server{MaxConns: 1, IdleTimeout: -1, ReadHeaderTimeout: -1}
		answered := make(chan struct{})
		s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/shutdown" {
				fmt.Fprint(w, "bye ", s.Shutdown(r.Context()))
				return
			}
			close(answered)
			new(asyncio.Event).Wait(r.Context())
			cause = context.Cause(r.Context())
		})
		over := make(chan struct{})
		go func() {
			defer close(over)
			c, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Error(err)
				return
			}
			io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			<-answered
			c.Close()
			resp, err := http.Get(url + "/shutdown")
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			b, _ := io.ReadAll(resp.Body)
			bye = string(b)
		}()
		err = s.Serve(ctx, l)
		<-over
		return err
	})
	if !errors.Is(err, http.ErrServerClosed) || !errors.Is(cause, aiohttp.ErrClientGone) || bye != "bye <nil>" {
		t.Errorf("Serve %v, the handler %v, the client %q", err, cause, bye)
	}
}
