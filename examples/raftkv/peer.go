package main

import (
	"context"
	"time"

	pb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

const (
	queued      = 256                    // messages that wait for a peer; what comes then is dropped
	dialTimeout = time.Second            // for a connection to a peer
	sendTimeout = time.Second            // for a batch of messages and its receipt
	firstRetry  = 20 * time.Millisecond  // the pause after a connection has failed
	lastRetry   = 500 * time.Millisecond // which doubles up to this
)

// received is the receipt for a message, a byte on the connection on which it came.
// Without one a connection that has been cut off for a while would hold up everything:
// the system goes on to take what is written to it, and when the network is whole again
// waits for minutes before it next tries to send.
const received = '.'

// A peer is the way to another node: a connection in one direction, made when there is
// something to send and made again when it breaks. Answers come on the peer's own
// connection to this node.
type peer struct {
	address string
	queue   *asyncio.Queue[*pb.Message]
	// delivered is told of each message whether it has arrived. It must not wait.
	delivered func(m *pb.Message, ok bool)

	conn *aionet.Conn // nil: there is none
	in   *aionet.Reader
}

func newPeer(address string) *peer {
	return &peer{address: address, queue: asyncio.NewQueue[*pb.Message](queued)}
}

// send puts a message into the queue. It is false where that is full.
func (p *peer) send(m *pb.Message) bool { return p.queue.TryPut(m) == nil }

// run sends what is in the queue, until ctx ends.
func (p *peer) run(ctx context.Context) error {
	defer p.abort()
	pause := firstRetry
	for {
		batch, err := p.take(ctx)
		if err != nil {
			return err
		}
		err = p.transmit(ctx, batch)
		for _, m := range batch {
			p.delivered(m, err == nil)
		}
		if err == nil {
			pause = firstRetry
			continue
		}
		p.abort()
		p.drop()
		if err := asyncio.Sleep(ctx, pause+jitter(ctx, pause)); err != nil {
			return err
		}
		pause = min(2*pause, lastRetry)
	}
}

// take waits for a message and takes all that are there.
func (p *peer) take(ctx context.Context) (batch []*pb.Message, err error) {
	m, err := p.queue.Get(ctx)
	for ; err == nil; m, err = p.queue.TryGet() {
		batch = append(batch, m)
	}
	if len(batch) > 0 {
		err = nil
	}
	return batch, err
}

// transmit sends messages, on a connection that it makes where there is none, and waits
// for their receipts.
func (p *peer) transmit(ctx context.Context, batch []*pb.Message) error {
	var frames []byte
	for _, m := range batch {
		message, err := proto.Marshal(m)
		if err != nil {
			return err
		}
		if frames, err = appendFrame(frames, message); err != nil {
			return err
		}
	}
	if err := p.connect(ctx); err != nil {
		return err
	}
	ctx, timeout := asyncio.WithTimeout(ctx, sendTimeout)
	defer timeout.Cancel()
	if _, err := p.conn.WriteContext(ctx, frames); err != nil {
		return err
	}
	_, err := p.in.ReadExactly(ctx, len(batch))
	return err
}

// connect makes a connection where there is none, and says what it is for.
func (p *peer) connect(ctx context.Context) (err error) {
	if p.conn != nil {
		return nil
	}
	ctx, timeout := asyncio.WithTimeout(ctx, dialTimeout)
	defer timeout.Cancel()
	conn, err := aionet.Dial(ctx, "tcp", p.address)
	if err != nil {
		return err
	}
	p.conn, p.in = conn, aionet.NewReader(conn, 0)
	_, err = conn.WriteContext(ctx, []byte{fromPeer})
	return err
}

// abort gives the connection up.
func (p *peer) abort() {
	if p.conn != nil {
		p.conn.Abort()
		p.conn, p.in = nil, nil
	}
}

// drop empties the queue: what is in it is old by the time there is a connection.
func (p *peer) drop() {
	for {
		m, err := p.queue.TryGet()
		if err != nil {
			return
		}
		p.delivered(m, false)
	}
}

// jitter is up to a half of the pause, so that those who wait do not come back in step.
func jitter(ctx context.Context, pause time.Duration) time.Duration {
	return time.Duration(asyncio.Rand(ctx).Int64N(int64(pause) / 2))
}

// receive gives the messages of a connection from a peer to step, until it ends.
func receive(ctx context.Context, s aionet.Stream, in *aionet.Reader, step func(*pb.Message)) error {
	for {
		frame, err := readFrame(ctx, in)
		if err != nil {
			return err
		}
		m := &pb.Message{}
		if err := proto.Unmarshal(frame, m); err != nil {
			return err
		}
		step(m)
		if _, err := s.WriteContext(ctx, []byte{received}); err != nil {
			return err
		}
	}
}
