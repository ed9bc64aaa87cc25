package network

import (
	"context"
	"io"
	"net"
	"net/http"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
	"github.com/goasyncio/asyncio/aiohttp/fast"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/valyala/fasthttp"
)

// greet is the handler of net/http and of aiohttp.
func greet(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	io.WriteString(w, greeting)
}

// greetFast is that of fasthttp.
func greetFast(rc *fasthttp.RequestCtx) {
	rc.SetContentType("text/plain")
	rc.SetBodyString(greeting)
}

func serveNetHTTP(announce func(net.Addr)) error {
	return listenAndServe(announce, func(l net.Listener) error { return http.Serve(l, http.HandlerFunc(greet)) })
}

func serveFastHTTP(announce func(net.Addr)) error {
	return listenAndServe(announce, func(l net.Listener) error { return fasthttp.Serve(l, greetFast) })
}

func serveAiohttp(announce func(net.Addr)) error {
	return serveOnLoop(announce, (&aiohttp.Server{Handler: http.HandlerFunc(greet)}).Serve)
}

func serveAiohttpFast(announce func(net.Addr)) error {
	s := &fast.Server{
		Handler:  func(_ context.Context, rc *fasthttp.RequestCtx) { greetFast(rc) },
		Settings: &fasthttp.Server{}, // without timeouts, as fasthttp.Serve
	}
	return serveOnLoop(announce, s.Serve)
}

func listenAndServe(announce func(net.Addr), serve func(net.Listener) error) error {
	l, err := net.Listen("tcp", anywhere)
	if err != nil {
		return err
	}
	announce(l.Addr())
	return serve(l)
}

func serveOnLoop(announce func(net.Addr), serve func(context.Context, net.Listener) error) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp", anywhere)
		if err != nil {
			return err
		}
		announce(l.Addr())
		return serve(ctx, l)
	})
}
