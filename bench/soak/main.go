// Command soak lets connections come and go for a long time, thousands at once, and
// watches that nothing grows: memory, descriptors, tasks, goroutines. It fails where
// something does, where a byte is wrong, and where an error comes that nobody caused.
//
//	go run ./bench/soak -for 30m
//
// Servers and clients share one loop and one process. A client lives a life after the
// other: it connects by tcp, a Unix socket, TLS, HTTP or datagrams, or starts a child, or
// looks up a name, talks for a while, and closes, half-closes or resets what it has. Some
// lives end by a timeout, and many are cancelled at any moment.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/goasyncio/asyncio"
)

func main() {
	var p plan
	flag.DurationVar(&p.duration, "for", time.Minute, "how long")
	flag.DurationVar(&p.every, "every", 0, "how often to look (default: 60 times, at least a second apart)")
	flag.IntVar(&p.clients, "clients", 2000, "how many there are at any time")
	flag.Uint64Var(&p.seed, "seed", 1, "of the lives; the order in which they meet is the system's")
	flag.Parse()
	if p.every == 0 {
		p.every = max(time.Second, p.duration/60)
	}
	if err := soak(context.Background(), p, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
	fmt.Println("soak: flat")
}

// A plan is what to do.
type plan struct {
	duration, every time.Duration
	clients         int
	seed            uint64
}

// soak runs a plan and judges what was seen.
func soak(ctx context.Context, p plan, out *os.File) error {
	before := look(0)
	town := &town{plan: p, out: out, began: time.Now()}
	if err := asyncio.Run(ctx, town.live); err != nil {
		return err
	}
	town.tell()
	after := look(0)
	for pause := time.Millisecond; after.goroutines > before.goroutines && pause < 2*time.Second; pause *= 2 {
		time.Sleep(pause) // threads may need a moment to end
		after = look(0)
	}
	return errors.Join(town.wrong(), flat(town.samples), nothingLeft(before, after))
}
