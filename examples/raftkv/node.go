package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// electionTicks is the election timeout: a follower that has heard of no leader for so
// many ticks, and up to as many more, stands for election. Leaders send a heartbeat
// with each tick.
const electionTicks = 10

// A Node is one of the machines that keep the store. All of a node is in Run, which is
// the same in a process of its own and on a host of a simulated world.
type Node struct {
	ID            uint64
	Peers         map[uint64]string // the addresses of all nodes, this one's too; they do not change
	Listen        string            // where to listen; "" is the own address in Peers
	Dir           string            // for the log and the snapshot; it must be there
	Tick          time.Duration     // of raft's clock; 0 is 50 ms
	SnapshotEvery uint64            // entries; 0 is 1,000
	Log           func(format string, args ...any)
	Bugs          Bugs
}

// Bugs are three that are easily made and hard to find. They are here for the tests,
// which have to find them.
type Bugs struct {
	AckBeforeSync bool // promise what is not on the disk yet
	StaleReads    bool // take one's own word for it that one still leads
	LossySnapshot bool // a snapshot says that it has one entry more than it has
}

// Run is a node. It returns when ctx ends, or when it cannot go on: a node whose disk
// has failed does not know what it has promised, and must start anew.
func (n Node) Run(ctx context.Context) (err error) {
	n = n.withDefaults()
	r, err := newReplica(ctx, n)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.disk.Close(ctx)) }()
	l, err := aionet.Listen(ctx, "tcp", n.Listen)
	if err != nil {
		return err
	}
	server := &aionet.Server{Handler: r.serve, OnError: func(report asyncio.Report) { n.logf("%s: %v", report.Message, report.Err) }}
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		for _, id := range sorted(r.peers) {
			r.peers[id].delivered = r.delivered
			g.Go(r.peers[id].run, asyncio.TaskName("to peer"))
		}
		g.Go(r.run, asyncio.TaskName("raft"))
		g.Go(r.clock, asyncio.TaskName("clock"))
		g.Go(r.untilBroken, asyncio.TaskName("end"))
		g.Go(func(ctx context.Context) error { return server.Serve(ctx, l) }, asyncio.TaskName("server"))
		return nil
	})
}

func (n Node) withDefaults() Node {
	n.Listen = cmp.Or(n.Listen, n.Peers[n.ID])
	n.Tick = cmp.Or(n.Tick, 50*time.Millisecond)
	n.SnapshotEvery = cmp.Or(n.SnapshotEvery, 1000)
	return n
}

// firstSnapshot is that with which all nodes begin: an empty store, and who the nodes are.
func (n Node) firstSnapshot() *pb.Snapshot {
	return &pb.Snapshot{Metadata: &pb.SnapshotMetadata{
		Index: new(uint64(1)), Term: new(uint64(1)),
		ConfState: &pb.ConfState{Voters: sorted(n.Peers)},
	}}
}

func (n Node) logf(format string, args ...any) {
	if n.Log != nil {
		n.Log(format, args...)
	}
}

// clock ticks. Ticks for which the loop had no time are dropped: a node that stood still
// has not heard anybody meanwhile, and must not conclude anything from that.
func (r *replica) clock(ctx context.Context) error {
	interval := asyncio.NewInterval(ctx, r.node.Tick, asyncio.Skip)
	for {
		if _, err := interval.Tick(ctx); err != nil {
			return err
		}
		r.tick()
	}
}

// errBroken is the error of a node in which something has panicked that serves
// connections. A server goes on after that, but raft has stopped in the middle of
// something, or has found that the log is not what it was promised to be.
var errBroken = errors.New("the node is broken")

// untilBroken waits for such a panic.
func (r *replica) untilBroken(ctx context.Context) error {
	_, err := r.broken.Await(ctx)
	return err
}

// catch is deferred by those who serve connections.
func (r *replica) catch() {
	if v := recover(); v != nil {
		r.node.logf("panic: %v\n%s", v, debug.Stack())
		r.broken.SetError(fmt.Errorf("%w: %v", errBroken, v))
	}
}

// delivered tells raft what has become of a message.
func (r *replica) delivered(m *pb.Message, ok bool) {
	if !ok {
		r.raft.ReportUnreachable(m.GetTo())
	}
	if m.GetType() != pb.MsgSnap {
		return
	}
	status := raft.SnapshotFinish
	if !ok {
		status = raft.SnapshotFailure
	}
	r.raft.ReportSnapshot(m.GetTo(), status)
	r.work.Notify()
}

// quiet is the raft library's logger: Log tells what matters.
var quiet = &raft.DefaultLogger{Logger: log.New(io.Discard, "", 0)}

// sorted is the keys of a map in order: what a node does must not depend on the order of
// a map.
func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
