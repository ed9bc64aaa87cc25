package aiohttp_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
	"github.com/goasyncio/asyncio/aionet"
)

// The handlers share a map without a lock: they are tasks of one loop.
func ExampleServer() {
	visits := map[string]int{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("name")
		visits[name]++
		asyncio.Sleep(r.Context(), time.Millisecond) // others are served meanwhile
		fmt.Fprintf(w, "hello %s, for the %d. time", name, visits[name])
	})
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp", "localhost:0")
		if err != nil {
			return err
		}
		s := &aiohttp.Server{Handler: mux}
		serving := asyncio.Go(ctx, func(ctx context.Context) error { return s.Serve(ctx, l) })

		for range 2 {
			page, err := asyncio.ToThread(ctx, func(ctx context.Context) (string, error) { // any client will do
				return download("http://" + l.Addr().String() + "/hello/gopher")
			})
			if err != nil {
				return err
			}
			fmt.Println(page)
		}
		if err := s.Shutdown(ctx); err != nil {
			return err
		}
		_, err = serving.Await(ctx)
		fmt.Println(err)
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// hello gopher, for the 1. time
	// hello gopher, for the 2. time
	// http: Server closed
}

func download(url string) (string, error) {
	resp, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}
