// Chat is a chat server whose state, who is in the room, is a plain map that many
// connections change without a lock: only tasks of the loop touch it, one at a time, and
// none is interrupted between two waits.
//
//	go run ./examples/chat -listen 127.0.0.1:7000     # and: nc 127.0.0.1 7000
//	go run ./examples/chat -demo                      # talks to itself
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:7000", "address to listen on")
	demo := flag.Bool("demo", false, "let three clients talk, and end")
	flag.Parse()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		if *demo {
			return converse(ctx)
		}
		l, err := aionet.Listen(ctx, "tcp", *listen)
		if err != nil {
			return err
		}
		fmt.Println("listening on", l.Addr())
		return newServer().Serve(ctx, l)
	}, asyncio.HandleSignals())
	var signal *asyncio.SignalError
	if err != nil && !errors.As(err, &signal) {
		log.Fatal(err)
	}
}

// newServer is a server with an empty room.
func newServer() *aionet.Server {
	r := &room{members: map[string]*member{}}
	return &aionet.Server{Handler: r.attend, MaxConns: 1000, IdleTimeout: time.Hour}
}
