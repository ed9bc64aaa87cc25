package main

import (
	"context"
	"errors"
	"testing"
	"time"

	pb "go.etcd.io/raft/v3/raftpb"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/sim"
)

// A script is a node that answers as a test says, and notes what it was asked. Where
// answer is false it breaks the connection.
type script struct {
	asked  []request
	answer func(n int) (response, bool) // of the n-th request, from 1
}

func (s *script) run(ctx context.Context) error {
	l, err := aionet.Listen(ctx, "tcp", ":7000")
	if err != nil {
		return err
	}
	server := &aionet.Server{Handler: func(ctx context.Context, c aionet.Stream) error {
		in := aionet.NewReader(c, 0)
		if _, err := in.ReadExactly(ctx, 1); err != nil {
			return err
		}
		for {
			var q request
			if err := readJSON(ctx, in, &q); err != nil {
				return err
			}
			s.asked = append(s.asked, q)
			r, ok := s.answer(len(s.asked))
			if !ok {
				return c.Abort()
			}
			if err := writeJSON(ctx, c, r); err != nil {
				return err
			}
		}
	}}
	return server.Serve(ctx, l)
}

// quietWorld is one in which nothing goes wrong but what the test does.
func quietWorld(t *testing.T, body func(w *sim.World)) {
	t.Helper()
	sim.Run(t, 1, body, sim.WithFaults(sim.Faults{}))
}

func TestAClientGoesToTheLeaderAndAsksAgainUnderTheSameName(t *testing.T) {
	quietWorld(t, func(w *sim.World) {
		follower := &script{answer: func(int) (response, bool) { return response{Again: true, Leader: "leader:7000"}, true }}
		leader := &script{answer: func(n int) (response, bool) {
			switch n {
			case 1:
				return response{result: result{Client: 7}}, true
			case 2:
				return response{}, false // the connection breaks: was it carried out?
			}
			return response{result: result{Done: true}}, true
		}}
		w.Host("follower", follower.run)
		w.Host("leader", leader.run)
		c := &Client{Nodes: []string{"follower:7000", "leader:7000"}}
		defer c.Close()
		if done, err := c.CompareAndSwap(w.Context(), "k", "a", "b"); !done || err != nil {
			w.Fatalf("%v, %v", done, err)
		}
		asked := leader.asked
		if len(asked) != 3 || asked[0].Op != opOpen || asked[1] != asked[2] || asked[1].Client != 7 || asked[1].Seq != 1 {
			w.Errorf("the leader was asked %+v", asked)
		}
		if err := c.Put(w.Context(), "k", "c"); err != nil || leader.asked[3].Seq != 2 {
			w.Errorf("the next write: %v, %+v", err, leader.asked[3:])
		}
	})
}

func TestAClientTellsWhatCannotBeHelped(t *testing.T) {
	for _, c := range []struct {
		name string
		says response
		want func(err error) bool
	}{
		{"that the store has forgotten it", response{result: result{Client: 7, Expired: true}}, func(err error) bool { return errors.Is(err, ErrExpired) }},
		{"that its request makes no sense", response{Error: "no"}, func(err error) bool { return err != nil && err.Error() == "raftkv: no" }},
		{"that nobody leads, when its time is over", response{Again: true}, func(err error) bool { return errors.Is(err, context.DeadlineExceeded) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			quietWorld(t, func(w *sim.World) {
				node := &script{answer: func(int) (response, bool) { return c.says, true }}
				w.Host("node", node.run)
				client := &Client{Nodes: []string{"node:7000"}}
				defer client.Close()
				ctx, timeout := asyncio.WithTimeout(w.Context(), 10*time.Second)
				defer timeout.Cancel()
				if err := client.Put(ctx, "k", "v"); !c.want(err) {
					w.Errorf("%v", err)
				}
			})
		})
	}
}

// A peer that takes messages and gives no receipts may be one that gets nothing: see
// received.
func TestAPeerThatGivesNoReceiptsIsCalledAgain(t *testing.T) {
	quietWorld(t, func(w *sim.World) {
		calls := 0
		w.Host("deaf", func(ctx context.Context) error {
			l, err := aionet.Listen(ctx, "tcp", ":7000")
			if err != nil {
				return err
			}
			server := &aionet.Server{Handler: func(ctx context.Context, c aionet.Stream) error {
				calls++
				if calls > 2 {
					in := aionet.NewReader(c, 0)
					if _, err := in.ReadExactly(ctx, 1); err != nil {
						return err
					}
					return receive(ctx, c, in, func(*pb.Message) {})
				}
				return asyncio.Sleep(ctx, time.Hour)
			}}
			return server.Serve(ctx, l)
		})
		p := newPeer("deaf:7000")
		var outcomes []bool
		p.delivered = func(_ *pb.Message, ok bool) { outcomes = append(outcomes, ok) }
		to := w.Go("to peer", p.run)
		for range 3 {
			p.send(&pb.Message{Type: pb.MsgHeartbeat.Enum()})
			asyncio.Sleep(w.Context(), 2*time.Second)
		}
		to.Cancel(nil)
		if _, err := to.Await(w.Context()); !errors.Is(err, asyncio.ErrTaskCancelled) {
			w.Errorf("%v", err)
		}
		if calls != 3 || len(outcomes) != 3 || outcomes[0] || outcomes[1] || !outcomes[2] {
			w.Errorf("%d calls, outcomes %v", calls, outcomes)
		}
	})
}
