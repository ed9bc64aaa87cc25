package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// requestTimeout is how long a node works on a request before it tells the client to try
// again: raft drops proposals and reads in silence when the leader changes.
const requestTimeout = time.Second

// A request is what a client asks for; a command without the names of its proposal.
type request struct {
	Client uint64 `json:",omitempty"`
	Seq    uint64 `json:",omitempty"`
	Op     op
	Key    string `json:",omitempty"`
	Value  string `json:",omitempty"`
	Old    string `json:",omitempty"`
}

// A response is the outcome. Where Again is set nobody knows it: the client has to ask
// again, at the Leader if one is named.
type response struct {
	result
	Value  string  `json:",omitempty"` // of the key, for get
	Again  bool    `json:",omitempty"`
	Leader string  `json:",omitempty"` // its address
	Status *status `json:",omitempty"`
	Error  string  `json:",omitempty"` // the request makes no sense
}

// A status is what a node knows of itself.
type status struct {
	Lead    uint64 // who leads; 0 is nobody, or nobody knows
	Applied uint64 // the last entry of the log that is in the store
}

// serve is one connection, of a peer or of a client.
func (r *replica) serve(ctx context.Context, s aionet.Stream) error {
	defer r.catch()
	in := aionet.NewReader(s, 0)
	first, err := in.ReadExactly(ctx, 1)
	if err != nil {
		return err
	}
	switch first[0] {
	case fromPeer:
		return receive(ctx, s, in, r.step)
	case fromClient:
		return r.serveClient(ctx, s, in)
	}
	return fmt.Errorf("a connection that begins with %q is neither a peer's nor a client's", first)
}

// serveClient answers requests in the order in which they come.
func (r *replica) serveClient(ctx context.Context, s aionet.Stream, in *aionet.Reader) error {
	for {
		var q request
		if err := readJSON(ctx, in, &q); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		answer, err := r.answer(ctx, q)
		if err != nil {
			return err
		}
		if err := writeJSON(ctx, s, answer); err != nil {
			return err
		}
	}
}

// answer carries out a request, or says where to go with it. The error is that of ctx.
func (r *replica) answer(ctx context.Context, q request) (response, error) {
	limited, timeout := asyncio.WithTimeout(ctx, requestTimeout)
	defer timeout.Cancel()
	if q.Op == opStatus {
		return response{Status: &status{Lead: r.raft.BasicStatus().Lead, Applied: r.store.Index}}, nil
	}
	if !r.leads() {
		return r.redirect(), nil
	}
	var done result
	var err error
	switch q.Op {
	case opGet:
		err = r.read(limited)
	case opOpen, opPut, opCAS:
		done, err = r.write(limited, command{Client: q.Client, Seq: q.Seq, Op: q.Op, Key: q.Key, Value: q.Value, Old: q.Old})
	default:
		return response{Error: fmt.Sprintf("there is no operation %q", q.Op)}, nil
	}
	if ctx.Err() != nil {
		return response{}, ctx.Err()
	}
	if err != nil {
		return r.redirect(), nil // lost with the leadership, dropped by raft, or too late
	}
	if q.Op == opGet {
		return response{Value: r.store.Keys[q.Key]}, nil
	}
	return response{result: done}, nil
}

// redirect sends a client to the leader, if this node knows it and is not it.
func (r *replica) redirect() response {
	return response{Again: true, Leader: r.node.Peers[r.raft.BasicStatus().Lead]}
}
