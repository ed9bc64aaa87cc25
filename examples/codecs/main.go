// Codecs serves one store by three protocols of the standard library: encoding/gob,
// encoding/json and net/textproto. They take an io.Reader and an io.Writer and know
// nothing of loops, so they wait on the loop as soon as they are given a connection of
// it. The store is a map, which the connections of all three change without a lock.
//
//	go run ./examples/codecs
package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

func main() {
	if err := asyncio.Run(context.Background(), demo, asyncio.HandleSignals()); err != nil {
		log.Fatal(err)
	}
}

// A store counts words.
type store struct{ counts map[string]int }

// add is a step: between two waits nobody else runs.
func (s *store) add(word string, n int) int {
	s.counts[word] += n
	return s.counts[word]
}

// protocols are what the store is served by, and its clients.
var protocols = []struct {
	name  string
	serve func(ctx context.Context, c aionet.Stream, s *store) error
	dial  func(c aionet.Stream) client
}{
	{"gob", serveGob, newGobClient},
	{"json", serveJSON, newJSONClient},
	{"text", serveText, newTextClient},
}

// A client counts a word in a store that is elsewhere. It is a wait, though it takes no
// ctx: it waits under the context of the task that calls it, as its connection does.
type client func(word string, n int) (int, error)

// demo lets three clients count, in turn and then all at once.
func demo(ctx context.Context) error {
	s := &store{counts: map[string]int{}}
	var clients []client
	for _, p := range protocols {
		l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		server := &aionet.Server{Handler: func(ctx context.Context, c aionet.Stream) error { return p.serve(ctx, c, s) }}
		defer server.Close()
		asyncio.Go(ctx, func(ctx context.Context) error {
			if err := server.Serve(ctx, l); !errors.Is(err, aionet.ErrServerClosed) {
				return err
			}
			return nil
		})
		c, err := aionet.Dial(ctx, "tcp", l.Addr().String())
		if err != nil {
			return err
		}
		defer c.Close()
		clients = append(clients, p.dial(c))
	}
	for i, p := range protocols {
		n, err := clients[i]("apple", 1)
		if err != nil {
			return err
		}
		fmt.Printf("by %s: apples %d\n", p.name, n)
	}
	return together(ctx, clients, s)
}

// together lets all clients count at the same time.
func together(ctx context.Context, clients []client, s *store) error {
	const times = 1000
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		for _, count := range clients {
			g.Go(func(context.Context) error {
				for range times {
					if _, err := count("pear", 1); err != nil {
						return err
					}
				}
				return nil
			})
		}
		return nil
	})
	fmt.Printf("by %d at the same time: pears %d\n", len(clients), s.counts["pear"])
	return err
}
