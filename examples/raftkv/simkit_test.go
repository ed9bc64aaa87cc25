package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/sim"
	"github.com/goasyncio/asyncio/sim/history"
)

// nodeAddresses are those of the three nodes: hosts of the world can be looked up.
var nodeAddresses = map[uint64]string{1: "n1:7000", 2: "n2:7000", 3: "n3:7000"}

// A trial is a cluster in a world, its clients, and what these were told.
type trial struct {
	w     *sim.World
	told  *history.History
	nodes []*sim.Host
	bugs  Bugs
}

// newTrial starts three nodes. The faults of hosts may strike them.
func newTrial(w *sim.World, bugs Bugs) *trial {
	t := &trial{w: w, told: history.New(w.Now), bugs: bugs}
	for _, id := range sorted(nodeAddresses) {
		run := func(ctx context.Context) error { return t.supervise(ctx, id) }
		t.nodes = append(t.nodes, w.Host(fmt.Sprintf("n%d", id), run, sim.Mortal()))
	}
	return t
}

// supervise runs a node, and starts it again where it has given up, as a supervisor of
// services does: its disk has failed, or it has got no descriptor to listen with. Where
// entries are lost, or raft has panicked, that is a failure of the world.
func (t *trial) supervise(ctx context.Context, id uint64) error {
	n := Node{ID: id, Peers: nodeAddresses, Dir: ".", SnapshotEvery: 10, Bugs: t.bugs}
	for {
		err := n.Run(ctx)
		if ctx.Err() != nil || errors.Is(err, errLost) || errors.Is(err, errBroken) {
			return err
		}
		t.w.Reached("a node gives up and starts again")
		if err := asyncio.Sleep(ctx, time.Second); err != nil {
			return err
		}
	}
}

// patient is how many of its requests a client may see unanswered. Each of them may have
// been carried out at any time since, which is what makes a check long.
const patient = 4

// client makes requests about two keys, one after the other, and records them.
func (t *trial) client(ctx context.Context, name string, requests int) error {
	c := &Client{Nodes: addresses(nodeAddresses)}
	defer c.Close()
	seen := map[string]string{}
	for i, unanswered := 0, 0; i < requests && unanswered < patient; i++ {
		if err := asyncio.Sleep(ctx, t.w.Duration(0, time.Second, "pause of a client")); err != nil {
			return err
		}
		key := []string{"x", "y"}[t.w.Int(2, "key")]
		value := fmt.Sprintf("%s.%d", name, i)
		call := t.request(ctx, c, name, key, value, seen)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if call.Open() {
			unanswered++
		}
	}
	return nil
}

// request is one. Where the client gives up the call stays open: it may have happened.
func (t *trial) request(ctx context.Context, c *Client, name, key, value string, seen map[string]string) (call *history.Call) {
	ctx, timeout := asyncio.WithTimeout(ctx, 8*time.Second)
	defer timeout.Cancel()
	switch t.w.Int(3, "request") {
	case 0:
		call = t.told.Call(name, history.Put{Key: key, Value: value})
		if err := c.Put(ctx, key, value); err == nil {
			call.Return(nil)
			seen[key] = value
		}
	case 1:
		call = t.told.Call(name, history.Get{Key: key})
		if got, err := c.Get(ctx, key); err == nil {
			call.Return(got)
			seen[key] = got
		}
	case 2:
		call = t.told.Call(name, history.Swap{Key: key, Old: seen[key], New: value})
		if done, err := c.CompareAndSwap(ctx, key, seen[key], value); err == nil {
			call.Return(done)
		}
	}
	return call
}

// strike does something to a node that the drawn faults do rarely or for too short a
// time: it is off, stands still or is cut off for longer than an election takes.
func (t *trial) strike(ctx context.Context) error {
	w := t.w
	node := t.nodes[w.Int(len(t.nodes), "which node is struck")]
	if w.Int(2, "or rather the one that leads") == 1 {
		node = t.leader(ctx)
	}
	kind := w.Int(5, "how it is struck")
	for _, hit := range []struct{ begin, end func() }{
		{func() {}, func() {}},
		{func() { w.Crash(node) }, func() { w.Restart(node) }},
		{func() { w.Pause(node) }, func() { w.Resume(node) }},
		{func() { t.cutOff(node) }, w.Heal},
		{func() { w.Kill(node) }, func() { w.Restart(node) }},
	}[kind : kind+1] {
		hit.begin()
		err := asyncio.Sleep(ctx, w.Duration(0, 4*time.Second, "how long it is struck"))
		hit.end()
		if err != nil {
			return err
		}
	}
	return nil
}

// leader is a node that others hold for the leader; the first where there is none.
func (t *trial) leader(ctx context.Context) *sim.Host {
	for _, id := range sorted(nodeAddresses) {
		if s, err := askStatus(ctx, nodeAddresses[id]); err == nil && s.Lead > 0 {
			return t.nodes[s.Lead-1]
		}
	}
	return t.nodes[0]
}

// cutOff takes a node from the others, but not from the clients.
func (t *trial) cutOff(node *sim.Host) {
	for _, other := range t.nodes {
		if other != node {
			t.w.Partition(node, other)
		}
	}
}

// chaos strikes some times.
func (t *trial) chaos(ctx context.Context, strikes int) error {
	for range strikes {
		if err := asyncio.Sleep(ctx, t.w.Duration(0, 3*time.Second, "until the next strike")); err != nil {
			return err
		}
		if err := t.strike(ctx); err != nil {
			return err
		}
	}
	return nil
}

// reader asks for one key all the time, so that there is a question under way whatever
// happens.
func (t *trial) reader(ctx context.Context, name string, requests int) error {
	c := &Client{Nodes: addresses(nodeAddresses)}
	defer c.Close()
	for range requests {
		if err := asyncio.Sleep(ctx, t.w.Duration(0, 500*time.Millisecond, "pause of the reader")); err != nil {
			return err
		}
		limited, timeout := asyncio.WithTimeout(ctx, 8*time.Second)
		call := t.told.Call(name, history.Get{Key: "x"})
		if got, err := c.Get(limited, "x"); err == nil {
			call.Return(got)
		}
		timeout.Cancel()
	}
	return ctx.Err()
}

// run lets clients work while nodes are struck, and waits for the end of both.
func (t *trial) run(requests, strikes int) {
	tasks := []*asyncio.Task[struct{}]{
		t.w.Go("dan", func(ctx context.Context) error { return t.reader(ctx, "dan", 2*requests) }),
	}
	for _, name := range []string{"ann", "bob", "cem"} {
		tasks = append(tasks, t.w.Go(name, func(ctx context.Context) error { return t.client(ctx, name, requests) }))
	}
	tasks = append(tasks, t.w.Go("chaos", func(ctx context.Context) error { return t.chaos(ctx, strikes) }))
	for _, task := range tasks {
		if _, err := task.Await(t.w.Context()); err != nil {
			t.w.Fatalf("%v", err)
		}
	}
}

// recovered is what the store owes when everything works: a leader, and nodes that have
// the same.
func (t *trial) recovered() {
	t.w.Quiet()
	t.w.Eventually(20*time.Second, "all nodes have what the leader has", func() error {
		var all []status
		for _, id := range sorted(nodeAddresses) {
			s, err := askStatus(t.w.Context(), nodeAddresses[id])
			if err != nil {
				return fmt.Errorf("node %d: %w", id, err)
			}
			if all = append(all, s); s.Lead == 0 || s != all[0] {
				return fmt.Errorf("node %d: %+v, node 1: %+v", id, s, all[0])
			}
		}
		return nil
	})
}

// A finder is a test of which a failure is expected.
type finder struct {
	testing.TB
	found string
}

func (f *finder) Error(args ...any)                 { f.found = fmt.Sprint(args...) }
func (f *finder) Errorf(format string, args ...any) { f.found = fmt.Sprintf(format, args...) }
func (f *finder) Log(...any)                        {}
func (f *finder) Logf(string, ...any)               {}

// schedule is the number of the one that has failed.
var schedule = regexp.MustCompile(`schedule (\d+)`)

// hunt runs schedules of a base seed until one fails, and tells how many that took, and
// what it has found; 0 is that it has found nothing.
func hunt(t *testing.T, seed uint64, runs int, body func(w *sim.World)) (schedules int, what string) {
	t.Helper()
	f := &finder{TB: t}
	sim.Check(f, body, sim.Seed(seed), sim.Runs(runs), sim.Shrink(0))
	if f.found == "" {
		return 0, ""
	}
	number := schedule.FindStringSubmatch(f.found)
	if number == nil {
		t.Fatalf("the report does not tell which schedule has failed:\n%s", f.found)
	}
	n, _ := strconv.Atoi(number[1])
	return n + 1, strings.Join(strings.SplitN(f.found, "\n", 3)[:2], " ")
}
