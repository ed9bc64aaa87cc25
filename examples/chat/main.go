// Chat is a chat server on TCP whose state, who is in the room, is a plain map
// that many connections change without a lock: only tasks of the loop touch it,
// one at a time, and none is interrupted between two waits. The connections are
// of package net; each has a thread that reads lines and hands them over.
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
	"net"

	"github.com/goasyncio/asyncio"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:7000", "address to listen on")
	demo := flag.Bool("demo", false, "let three clients talk, and end")
	flag.Parse()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		if *demo {
			return converse(ctx)
		}
		l, err := net.Listen("tcp", *listen)
		if err != nil {
			return err
		}
		fmt.Println("listening on", l.Addr())
		return (&room{members: map[string]*asyncio.Queue[string]{}}).serve(ctx, l)
	}, asyncio.HandleSignals())
	var signal *asyncio.SignalError
	if err != nil && !errors.As(err, &signal) {
		log.Fatal(err)
	}
}

// backlog is how many lines wait for a client that reads slowly. One for whom
// more would have to wait is put out.
const backlog = 64

// A room has the members' outgoing lines by name.
type room struct {
	members map[string]*asyncio.Queue[string]
}

// serve takes connections until ctx ends, each into a task of its own.
func (r *room) serve(ctx context.Context, l net.Listener) error {
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		for {
			conn, err := accept(ctx, l)
			if err != nil {
				return err
			}
			g.Go(func(ctx context.Context) error {
				r.attend(ctx, conn)
				return nil // one client's trouble is not the server's
			})
		}
	})
}

// accept waits for the next connection. The wait is not under ctx: a connection that
// has come is not to be dropped. Closing the listener ends it as well.
func accept(ctx context.Context, l net.Listener) (net.Conn, error) {
	conn, err := asyncio.ToThread(context.WithoutCancel(ctx), func(context.Context) (net.Conn, error) {
		return l.Accept()
	})
	if ended := asyncio.Checkpoint(ctx); ended != nil {
		if conn != nil {
			conn.Close()
		}
		return nil, ended // and that the listener is closed is no news
	}
	return conn, err
}
