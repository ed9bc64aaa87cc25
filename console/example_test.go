package console_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/console"
)

// A program that shows itself. What the address says comes first: it is the only place
// where the token is told.
func ExampleServe() {
	server, err := console.Serve("127.0.0.1:0", console.NoDiscovery())
	if err != nil {
		log.Print(err) // the program does its work without
		return
	}
	defer server.Close()
	log.SetFlags(0)
	log.Print("console at ", server.URL()[:len("http://127.0.0.1")])

	err = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.Sleep(ctx, time.Millisecond)
	})
	fmt.Println("done:", err)
	// Output: done: <nil>
}

// A console on the server of an application, behind a proxy that has a name of its own.
// The token is the application's.
func ExampleHandler() {
	mount, err := console.Handler(
		console.Token("0123456789abcdef0123456789abcdef"),
		console.AllowHosts("admin.example"),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer mount.Close()
	mux := http.NewServeMux()
	mux.Handle("/debug/asyncio/", http.StripPrefix("/debug/asyncio", mount))
	fmt.Println("open https://admin.example/debug/asyncio/?token=" + mount.Token()[:4] + "…")
	// Output: open https://admin.example/debug/asyncio/?token=0123…
}

// A host that others reach is refused, unless the program says that it is meant.
func ExampleAllowRemote() {
	_, err := console.Serve("0.0.0.0:8765")
	fmt.Println(err)

	server, err := console.Serve("0.0.0.0:0", console.AllowRemote(), console.NoDiscovery())
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	fmt.Println("on:", server != nil)
	// Output:
	// console: "0.0.0.0": other machines reach that: listen on 127.0.0.1 and use a tunnel, or give AllowRemote
	// on: true
}

// What asyncio.Run does at first: where ASYNCIO_CONSOLE is not set, nothing.
func ExampleStartFromEnvironment() {
	fmt.Println("on:", console.StartFromEnvironment() != nil)
	// Output: on: false
}
