// Seats sells the seats of a theatre: an office hands them out one by one and keeps in
// a file who has which, and customers ask for one over the network until they have it.
// docs/SIMULATION.md tells how its bugs were found in simulated worlds; they are still
// there, in versions 1 to 3 of the office.
//
//	go run ./examples/seats                                      # an office, three customers
//	go run ./examples/seats office -listen :7000 -file seats.txt
//	go run ./examples/seats book -office localhost:7000 alice
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

func main() {
	log.SetFlags(0)
	if err := asyncio.Run(context.Background(), program, asyncio.HandleSignals()); err != nil {
		log.Fatal(err)
	}
}

// program is the command that the arguments name.
func program(ctx context.Context) error {
	if len(os.Args) < 2 {
		return demo(ctx)
	}
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	o := Office{Version: Newest}
	flags.StringVar(&o.Listen, "listen", ":7000", "where the office listens")
	flags.StringVar(&o.File, "file", "seats.txt", "where it keeps who has which seat")
	office := flags.String("office", "localhost:7000", "where customers find it")
	flags.Parse(os.Args[2:])
	switch {
	case os.Args[1] == "office":
		return o.Run(ctx)
	case os.Args[1] == "book" && flags.NArg() == 1:
		seat, err := Book(ctx, *office, flags.Arg(0))
		fmt.Printf("%s has seat %d\n", flags.Arg(0), seat)
		return err
	}
	return errors.New("use office, book NAME, or nothing for the demonstration")
}

// demo is an office and three customers on one loop.
func demo(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "seats") //asyncio:ok the demonstration is never simulated
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //asyncio:ok the demonstration is never simulated
	l, err := aionet.Listen(ctx, "tcp", "localhost:0")
	if err != nil {
		return err
	}
	o := Office{File: filepath.Join(folder, "seats.txt"), Version: Newest}
	office := asyncio.Go(ctx, func(ctx context.Context) error { return o.Serve(ctx, l) })
	defer office.Cancel(nil)
	return asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
		for _, name := range []string{"alice", "bob", "carol"} {
			g.Go(func(ctx context.Context) error {
				seat, err := Book(ctx, l.Addr().String(), name)
				fmt.Printf("%s has seat %d\n", name, seat)
				return err
			})
		}
		return nil
	})
}
