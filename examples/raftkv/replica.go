package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"

	"github.com/goasyncio/asyncio"
)

// A replica is a node's copy of the store, and the raft library which says what is to
// be done with it. Everything is on one loop and only run waits in the middle of its
// work, so there is no lock: clients, peers and the clock call raft as they like, also
// while run waits for the disk, and notify run.
type replica struct {
	node     Node
	raft     *raft.RawNode
	memory   *raft.MemoryStorage // what the disk has, as raft reads it
	disk     *disk
	store    *store
	snapped  uint64 // the last entry that the snapshot has
	election *election
	peers    map[uint64]*peer
	work     asyncio.Notify            // raft may have something to do
	broken   *asyncio.Future[struct{}] // see catch

	boot, number uint64                               // names of proposals: see command
	writes       map[uint64]*write                    // by number: proposals that are not applied yet
	asked        map[uint64]*asyncio.Future[struct{}] // by number: reads whose index is not known
	reads        []read                               // reads that wait for the store to come to their index
}

// A write is a proposal of this node. Its future has the result, or errLeadership.
type write = asyncio.Future[result]

type read struct {
	index uint64
	done  *asyncio.Future[struct{}]
}

// newReplica starts raft with what is on the disk.
func newReplica(ctx context.Context, n Node) (*replica, error) {
	first := saved{snapshot: n.firstSnapshot(), state: &pb.HardState{Term: new(uint64(1)), Commit: new(uint64(1))}}
	d, s, err := openDisk(ctx, n.Dir, first, n.Bugs)
	if err != nil {
		return nil, err
	}
	r := &replica{
		node: n, disk: d, broken: asyncio.NewFuture[struct{}](ctx), memory: raft.NewMemoryStorage(), peers: map[uint64]*peer{},
		election: newElection(asyncio.Rand(ctx), electionTicks), boot: asyncio.Rand(ctx).Uint64(),
		writes: map[uint64]*write{}, asked: map[uint64]*asyncio.Future[struct{}]{},
	}
	for _, id := range sorted(n.Peers) {
		if id != n.ID {
			r.peers[id] = newPeer(n.Peers[id])
		}
	}
	if err := r.load(s); err != nil {
		return nil, err
	}
	return r, nil
}

// load gives raft and the store what was saved.
func (r *replica) load(s saved) (err error) {
	if r.store, err = decodeStore(s.snapshot.GetData()); err != nil {
		return err
	}
	r.snapped = s.snapshot.GetMetadata().GetIndex()
	r.store.Index = r.snapped
	if err := r.memory.ApplySnapshot(s.snapshot); err != nil {
		return err
	}
	if err := r.memory.SetHardState(s.state); err != nil {
		return err
	}
	if err := r.memory.Append(s.entries); err != nil {
		return err
	}
	//asyncio:ok the times of elections, which it draws from the system, are not used: see election
	r.raft, err = raft.NewRawNode(&raft.Config{
		ID:              r.node.ID,
		Storage:         r.memory,
		ElectionTick:    electionTicks,
		HeartbeatTick:   1,
		MaxSizePerMsg:   1 << 20,
		MaxInflightMsgs: 64,
		// Both keep a node that was cut off from disturbing the others when it is back.
		PreVote:     true,
		CheckQuorum: true,
		Logger:      quiet,
		// Clients go to the leader themselves.
		DisableProposalForwarding: true,
	})
	return err
}

// run does what raft asks for, until ctx ends or the disk fails.
func (r *replica) run(ctx context.Context) error {
	for {
		for r.raft.HasReady() {
			if err := r.handle(ctx, r.raft.Ready()); err != nil {
				return err
			}
		}
		if err := r.work.Wait(ctx); err != nil {
			return err
		}
	}
}

// handle carries out what raft has decided. The order is the whole of it: first what is
// promised goes to the disk, then the promise to the others.
func (r *replica) handle(ctx context.Context, rd raft.Ready) error {
	if err := r.keep(ctx, rd); err != nil {
		return err
	}
	r.send(rd.Messages)
	if err := r.apply(ctx, rd.CommittedEntries); err != nil {
		return err
	}
	for _, s := range rd.ReadStates {
		r.readAt(binary.BigEndian.Uint64(s.RequestCtx), s.Index)
	}
	r.finishReads()
	if rd.SoftState != nil {
		r.turn(*rd.SoftState)
	}
	r.raft.Advance(rd)
	return nil
}

// turn is what there is to do when this node's part has changed.
func (r *replica) turn(now raft.SoftState) {
	term := r.raft.BasicStatus().GetTerm()
	switch {
	case now.RaftState == raft.StateLeader:
		r.node.logf("leads in term %d", term)
		return
	case now.RaftState == raft.StateFollower && now.Lead != raft.None:
		r.node.logf("follows node %d in term %d", now.Lead, term)
	case now.RaftState == raft.StateFollower:
		r.node.logf("hears of no leader in term %d", term)
	default:
		r.node.logf("stands for election in term %d", term)
	}
	r.giveUp()
}

// keep brings to the disk what raft wants to be kept, and then to raft's own view of it.
func (r *replica) keep(ctx context.Context, rd raft.Ready) (err error) {
	if raft.IsEmptySnap(rd.Snapshot) {
		err = r.disk.save(ctx, rd.HardState, rd.Entries, rd.MustSync)
	} else {
		err = r.install(ctx, rd)
	}
	if err != nil {
		return err
	}
	if !raft.IsEmptyHardState(rd.HardState) {
		if err := r.memory.SetHardState(rd.HardState); err != nil {
			return err
		}
	}
	return r.memory.Append(rd.Entries)
}

// install puts a snapshot of the leader in the place of everything this node has. The
// state goes first: a node must never forget a term of which it has a snapshot.
func (r *replica) install(ctx context.Context, rd raft.Ready) error {
	store, err := decodeStore(rd.Snapshot.GetData())
	if err != nil {
		return err
	}
	if err := r.disk.save(ctx, rd.HardState, nil, true); err != nil {
		return err
	}
	state, _, err := r.memory.InitialState()
	if err != nil {
		return err
	}
	if !raft.IsEmptyHardState(rd.HardState) {
		state = rd.HardState
	}
	if err := r.disk.compact(ctx, saved{snapshot: rd.Snapshot, state: state, entries: rd.Entries}); err != nil {
		return err
	}
	r.snapped = rd.Snapshot.GetMetadata().GetIndex()
	r.store = store
	r.store.Index = r.snapped
	r.node.logf("has the leader's snapshot, up to entry %d", r.store.Index)
	return r.memory.ApplySnapshot(rd.Snapshot)
}

// send hands messages to the peers. None of them waits: raft lives with the loss of
// any message, but not with being held up by one peer that is slow.
func (r *replica) send(messages []*pb.Message) {
	for _, m := range messages {
		to := r.peers[m.GetTo()]
		if to != nil && to.send(m) {
			continue
		}
		r.raft.ReportUnreachable(m.GetTo())
		if m.GetType() == pb.MsgSnap {
			r.raft.ReportSnapshot(m.GetTo(), raft.SnapshotFailure)
		}
	}
}

// apply carries out committed entries, and now and then makes a snapshot.
func (r *replica) apply(ctx context.Context, entries []*pb.Entry) error {
	for _, e := range entries {
		if due := e.GetIndex() >= r.snapped+r.node.SnapshotEvery; due && r.node.Bugs.LossySnapshot {
			if err := r.snapshot(ctx, e.GetIndex()); err != nil { // which has all but e
				return err
			}
		}
		if err := r.applyOne(e); err != nil {
			return err
		}
	}
	if r.store.Index < r.snapped+r.node.SnapshotEvery {
		return nil
	}
	return r.snapshot(ctx, r.store.Index)
}

func (r *replica) applyOne(e *pb.Entry) error {
	r.store.Index = e.GetIndex()
	if len(e.GetData()) == 0 {
		return nil // each leader begins with an empty entry
	}
	var c command
	if err := json.Unmarshal(e.GetData(), &c); err != nil {
		return fmt.Errorf("entry %d is no command: %w", e.GetIndex(), err)
	}
	done := r.store.apply(e.GetIndex(), c)
	if w := r.writes[c.Number]; w != nil && c.Boot == r.boot {
		delete(r.writes, c.Number)
		return w.SetResult(done)
	}
	return nil
}

// snapshot puts the store in the place of the log up to index.
func (r *replica) snapshot(ctx context.Context, index uint64) error {
	data, err := r.store.encode()
	if err != nil {
		return err
	}
	s, err := r.memory.CreateSnapshot(index, nil, data)
	if err != nil {
		return err
	}
	state, _, err := r.memory.InitialState()
	if err != nil {
		return err
	}
	entries, err := r.behind(index)
	if err != nil {
		return err
	}
	if err := r.disk.compact(ctx, saved{snapshot: s, state: state, entries: entries}); err != nil {
		return err
	}
	r.snapped = index
	r.node.logf("made a snapshot, up to entry %d", index)
	// Followers that lag by a little get entries still, and no snapshot.
	if first, _ := r.memory.FirstIndex(); index > r.node.SnapshotEvery/2+first {
		return r.memory.Compact(index - r.node.SnapshotEvery/2)
	}
	return nil
}

// behind is the log behind index, as the disk has it.
func (r *replica) behind(index uint64) ([]*pb.Entry, error) {
	last, err := r.memory.LastIndex()
	if err != nil || last <= index {
		return nil, err
	}
	return r.memory.Entries(index+1, last+1, 1<<62)
}
