package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"

	"github.com/goasyncio/asyncio"
)

// errLeadership is the outcome of requests whose node does not lead any more. Nobody
// knows whether a write among them is carried out.
var errLeadership = errors.New("this node does not lead any more")

// leads tells whether this node believes that it leads.
func (r *replica) leads() bool {
	return r.raft.BasicStatus().RaftState == raft.StateLeader
}

// write proposes a command and waits until it is applied here.
func (r *replica) write(ctx context.Context, c command) (result, error) {
	r.number++
	c.Boot, c.Number = r.boot, r.number
	data, err := json.Marshal(c)
	if err != nil {
		return result{}, err
	}
	if err := r.raft.Propose(data); err != nil {
		return result{}, err
	}
	done := asyncio.NewFuture[result](ctx)
	r.writes[c.Number] = done
	defer delete(r.writes, c.Number)
	r.work.Notify()
	return done.Await(ctx)
}

// read waits until the store here has everything that was acknowledged to anybody before
// the call. A leader cannot tell by itself whether it still leads, so raft asks the
// others: a majority that answers has elected nobody else when the question came. Then
// the entries that were committed at that moment have to be applied.
func (r *replica) read(ctx context.Context) error {
	if r.node.Bugs.StaleReads {
		return asyncio.Checkpoint(ctx)
	}
	r.number++
	number := r.number
	done := asyncio.NewFuture[struct{}](ctx)
	r.asked[number] = done
	defer delete(r.asked, number)
	r.raft.ReadIndex(binary.BigEndian.AppendUint64(nil, number))
	r.work.Notify()
	_, err := done.Await(ctx)
	return err
}

// readAt is raft's answer to a read: it may happen when the store has come to index.
func (r *replica) readAt(number, index uint64) {
	if done := r.asked[number]; done != nil {
		delete(r.asked, number)
		r.reads = append(r.reads, read{index: index, done: done})
	}
}

// finishReads wakes those for which the store has come far enough.
func (r *replica) finishReads() {
	late := r.reads[:0]
	for _, w := range r.reads {
		if w.index > r.store.Index {
			late = append(late, w)
		} else if !w.done.Done() {
			w.done.SetResult(struct{}{})
		}
	}
	clear(r.reads[len(late):])
	r.reads = late
}

// giveUp ends what clients wait for, where this node does not lead any more. The order
// in which they are woken is that in which they came.
func (r *replica) giveUp() {
	for _, number := range sorted(r.writes) {
		r.writes[number].Cancel(errLeadership)
	}
	for _, number := range sorted(r.asked) {
		r.asked[number].Cancel(errLeadership)
	}
	clear(r.writes)
	clear(r.asked)
}

// step gives raft a message of a peer.
func (r *replica) step(m *pb.Message) {
	if err := r.raft.Step(m); err != nil {
		return // it is for a peer that is not there or an old one: raft lives without it
	}
	now := r.raft.BasicStatus()
	switch m.GetType() {
	case pb.MsgApp, pb.MsgHeartbeat, pb.MsgSnap:
		if m.GetFrom() == now.Lead {
			r.election.reset()
		}
	case pb.MsgVote:
		if now.GetVote() == m.GetFrom() && now.GetTerm() == m.GetTerm() {
			r.election.reset()
		}
	}
	r.work.Notify()
}

// tick is the passing of a tick: see election.
func (r *replica) tick() {
	defer r.work.Notify()
	if r.leads() {
		r.raft.Tick()
		return
	}
	forget, stand := r.election.tick()
	if forget {
		r.raft.ForgetLeader()
	}
	if stand {
		r.raft.Campaign()
	}
}
