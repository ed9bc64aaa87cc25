package aiohttp_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
)

// A server of net/http, on goroutines, whose handlers run on the loop: they count
// without a lock.
func ExampleOnLoop() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		visits := 0
		h := aiohttp.OnLoop(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			visits++
			fmt.Fprintf(w, "visit %d", visits)
		}))
		defer h.Close()
		_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
			for range 2 {
				w := httptest.NewRecorder() // or a server, with HTTP/3 for example
				h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
				fmt.Println(w.Body)
			}
			return 0, nil
		})
		return err
	})
	// Output:
	// visit 1
	// visit 2
}

// A handler that has ten seconds, and one by which the operator ends the server.
func ExampleTimeout() {
	mux := http.NewServeMux()
	mux.Handle("/report", aiohttp.Timeout(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asyncio.Sleep(r.Context(), time.Second) // ends with the context
	}), 10*time.Second, "this takes too long"))
	mux.HandleFunc("POST /shutdown", func(w http.ResponseWriter, r *http.Request) {
		aiohttp.ServerOf(r.Context()).Shutdown(r.Context()) // waits for the other requests
		fmt.Fprintln(w, "bye")
	})
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		s := &aiohttp.Server{Handler: mux}
		return s.ListenAndServe(ctx, "tcp", "localhost:8080")
	})
}
