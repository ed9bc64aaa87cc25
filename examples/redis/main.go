// Redis shows a client library that runs on the loop as it is: one that only reads and
// writes the connection it is given. Ten tasks count in Redis and publish what they have
// counted; one task is subscribed. No thread waits for any of them.
//
//	go run ./examples/redis                                # starts a Redis of its own
//	go run ./examples/redis -address 127.0.0.1:6379        # uses the one there
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"slices"

	"github.com/gomodule/redigo/redis"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/examples/internal/servers"
)

const (
	tasks  = 10
	rounds = 20
)

func main() {
	address := flag.String("address", "", "use the Redis at this `HOST:PORT`, whose key asyncio:visits is deleted")
	flag.Parse()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		if *address != "" {
			return visits(ctx, "tcp", *address)
		}
		server, err := servers.Redis(ctx)
		if err != nil {
			return err
		}
		defer server.Stop(ctx)
		return visits(ctx, "unix", server.Socket)
	}, asyncio.HandleSignals())
	if servers.Missing(err) {
		fmt.Println(err)
		return
	}
	if err != nil {
		log.Fatal(err)
	}
}

// connect makes a connection for one task, or for one that receives and one that sends.
// The library waits in the task that calls it, so that a cancellation of the task ends
// the wait, and the connection is then of no use any more. Its functions that take a
// context or a timeout are not for the loop: they begin goroutines and real timers.
func connect(ctx context.Context, network, address string) (redis.Conn, error) {
	c, err := aionet.Dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return redis.NewConn(c, 0, 0), nil
}

// visits lets the tasks count while one listens, and prints what came of it.
func visits(ctx context.Context, network, address string) error {
	c, err := connect(ctx, network, address)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Do("DEL", "asyncio:visits"); err != nil {
		return err
	}
	var heard []int
	err = asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		_, err := asyncio.StartIn(ctx, g, func(ctx context.Context, subscribed func(struct{})) (err error) {
			heard, err = listen(ctx, network, address, func() { subscribed(struct{}{}) })
			return err
		})
		if err != nil {
			return err
		}
		for range tasks {
			g.Go(func(ctx context.Context) error { return count(ctx, network, address) })
		}
		return nil
	})
	if err != nil {
		return err
	}
	total, err := redis.Int(c.Do("GET", "asyncio:visits"))
	if err != nil {
		return err
	}
	slices.Sort(heard)
	fmt.Printf("%d tasks counted to %d; the subscriber heard of %d numbers, from %d to %d\n",
		tasks, total, len(heard), heard[0], heard[len(heard)-1])
	return nil
}
