// Shutdown is a server that ends as servers should. At SIGINT or SIGTERM it takes
// no new work, gives the work under way a grace period to finish, cancels what is
// left then, says goodbye, and exits. A second signal ends it at once.
//
// With -demo it sends itself the signal after a moment.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/goasyncio/asyncio"
)

// grace is what requests that are under way get at the end.
const grace = 300 * time.Millisecond

func main() {
	demo := flag.Bool("demo", false, "send itself an interrupt after a moment")
	flag.Parse()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		if *demo {
			asyncio.CallLater(ctx, 250*time.Millisecond, interrupt)
		}
		return serve(ctx)
	}, asyncio.HandleSignals())

	var signal *asyncio.SignalError
	if errors.As(err, &signal) {
		fmt.Println("ended by signal:", signal.Signal)
		return
	}
	log.Fatal(err)
}

// serve takes requests until ctx ends, and returns after the last has ended.
func serve(ctx context.Context) error {
	work, cancel := asyncio.Shield(ctx, grace) // outlives ctx by the grace period
	defer cancel()
	var requests []*asyncio.Task[struct{}]
	arrivals := asyncio.NewInterval(ctx, 100*time.Millisecond, asyncio.Skip)
	var stopped error
	for n := 1; stopped == nil; n++ {
		if _, stopped = arrivals.Tick(ctx); stopped != nil {
			break
		}
		requests = append(requests, asyncio.Go(work, func(ctx context.Context) error {
			return handle(ctx, n)
		}))
	}
	fmt.Println("no new requests; finishing those under way")
	if _, err := asyncio.GatherSettled(context.WithoutCancel(ctx), requests...); err != nil {
		return err
	}
	fmt.Println("goodbye")
	return stopped
}

// handle is one request. The later it came the longer it takes.
func handle(ctx context.Context, n int) error {
	if err := asyncio.Sleep(ctx, time.Duration(n)*200*time.Millisecond); err != nil {
		fmt.Printf("request %d: cut short\n", n)
		return err
	}
	fmt.Printf("request %d: done\n", n)
	return nil
}

// interrupt does what Ctrl-C does.
func interrupt() {
	p, err := os.FindProcess(os.Getpid()) //asyncio:ok the number leads to this very process, whatever it is
	if err == nil {
		err = p.Signal(os.Interrupt)
	}
	if err != nil {
		log.Fatal("this system cannot interrupt itself: ", err)
	}
}
