// Raftkv is a key-value store that three processes keep together, on etcd's raft
// library. It goes on while one of them is down, and whoever reads sees what was
// written last. All of it runs on the loop: raft is stepped by tasks, the nodes talk
// over aionet and keep their logs and snapshots by aiofs. The same node runs in a
// simulated world, where its tests crash, cut off and delay it: see sim_test.go.
//
//	go run ./examples/raftkv                        # three nodes, a crash, a recovery
//
//	go run ./examples/raftkv node -id 1 -dir /tmp/1 -peers 1=127.0.0.1:7001,2=127.0.0.1:7002,3=127.0.0.1:7003
//	go run ./examples/raftkv put -peers … fruit apple
//	go run ./examples/raftkv get -peers … fruit
//	go run ./examples/raftkv cas -peers … fruit apple pear
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiofs"
)

// patience is how long put, get and cas try.
const patience = 10 * time.Second

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
	name, flags := os.Args[1], flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	peers := flags.String("peers", "", "all nodes, as `ID=HOST:PORT,…`")
	switch name {
	case "node":
		return runNode(ctx, flags, peers)
	case "put", "get", "cas":
		return runClient(ctx, flags, peers)
	}
	return fmt.Errorf("there is no command %q: use node, put, get, cas, or none for the demonstration", name)
}

// runNode is one node, until a signal comes.
func runNode(ctx context.Context, flags *flag.FlagSet, peers *string) error {
	n := Node{}
	flags.Uint64Var(&n.ID, "id", 0, "which of the peers this one is")
	flags.StringVar(&n.Dir, "dir", "", "folder for the log and the snapshot")
	flags.StringVar(&n.Listen, "listen", "", "where to listen, if not at the own address among the peers")
	flags.Uint64Var(&n.SnapshotEvery, "snapshot", 0, "entries between two snapshots")
	flags.Parse(os.Args[2:])
	var err error
	if n.Peers, err = parsePeers(*peers); err != nil {
		return err
	}
	if n.Peers[n.ID] == "" || n.Dir == "" {
		return errors.New("a node needs -dir, -peers and an -id that is one of them")
	}
	if err := aiofs.FromContext(ctx).MkdirAll(ctx, n.Dir, 0o700); err != nil {
		return err
	}
	n.Log = func(format string, args ...any) { log.Printf("node %d: "+format, append([]any{n.ID}, args...)...) }
	return n.Run(ctx)
}

// runClient is one request.
func runClient(ctx context.Context, flags *flag.FlagSet, peers *string) error {
	patience := flags.Duration("patience", patience, "how long to try")
	flags.Parse(os.Args[2:])
	nodes, err := parsePeers(*peers)
	if err != nil {
		return err
	}
	c := &Client{Nodes: addresses(nodes)}
	defer c.Close()
	ctx, timeout := asyncio.WithTimeout(ctx, *patience)
	defer timeout.Cancel()
	err = carryOut(ctx, c, flags.Name(), flags.Args())
	if timeout.Caused(err) {
		return fmt.Errorf("no node that leads has answered within %v", *patience)
	}
	return err
}

// carryOut makes one request and prints what there is to print.
func carryOut(ctx context.Context, c *Client, name string, args []string) error {
	switch {
	case name == "put" && len(args) == 2:
		return c.Put(ctx, args[0], args[1])
	case name == "get" && len(args) == 1:
		value, err := c.Get(ctx, args[0])
		if err == nil {
			fmt.Println(value)
		}
		return err
	case name == "cas" && len(args) == 3:
		done, err := c.CompareAndSwap(ctx, args[0], args[1], args[2])
		if err == nil && !done {
			err = fmt.Errorf("%s is not %q", args[0], args[1])
		}
		return err
	}
	return errors.New("use put KEY VALUE, get KEY, or cas KEY OLD NEW, behind -peers")
}

// parsePeers reads ID=HOST:PORT,…
func parsePeers(s string) (map[uint64]string, error) {
	peers := map[uint64]string{}
	for _, part := range strings.Split(s, ",") {
		id, address, _ := strings.Cut(part, "=")
		n, err := strconv.ParseUint(id, 10, 64)
		if err != nil || n == 0 || address == "" {
			return nil, fmt.Errorf("-peers: %q is not ID=HOST:PORT with an ID from 1", part)
		}
		peers[n] = address
	}
	return peers, nil
}

// addresses are those of all nodes, in the order of their numbers.
func addresses(peers map[uint64]string) (list []string) {
	for _, id := range sorted(peers) {
		list = append(list, peers[id])
	}
	return list
}
