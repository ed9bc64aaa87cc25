package main

import (
	"context"
	"math/rand/v2"
	"time"

	pb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

const (
	queued      = 256                    // messages that wait for a peer; what comes then is dropped
	dialTimeout = time.Second            // for a connection to a peer
	sendTimeout = 2 * time.Second        // for one message; then the peer is taken for dead
	firstRetry  = 20 * time.Millisecond  // the pause after a connection has failed
	lastRetry   = 500 * time.Millisecond // which doubles up to this
)

// A peer is the way to another node: a connection in one direction, made when there is
// something to send and made again when it breaks. Answers come on the peer's own
// connection to this node.
type peer struct {
	id      uint64
	address string
	queue   *asyncio.Queue[*pb.Message]
	rand    *rand.Rand // for the pauses
	// delivered is told of each message whether it has gone out. It must not wait.
	delivered func(m *pb.Message, ok bool)
}

func newPeer(id uint64, address string, seed uint64) *peer {
	return &peer{id: id, address: address, queue: asyncio.NewQueue[*pb.Message](queued), rand: rand.New(rand.NewPCG(seed, id))}
}

// send puts a message into the queue. It is false where that is full.
func (p *peer) send(m *pb.Message) bool { return p.queue.TryPut(m) == nil }

// run sends what is in the queue, until ctx ends.
func (p *peer) run(ctx context.Context) error {
	var conn *aionet.Conn
	defer func() {
		if conn != nil {
			conn.Close()
		}
	}()
	pause := firstRetry
	for {
		m, err := p.queue.Get(ctx)
		if err != nil {
			return err
		}
		if conn == nil {
			conn, err = p.connect(ctx)
		}
		if err == nil {
			err = p.transmit(ctx, conn, m)
		}
		p.delivered(m, err == nil)
		if err == nil {
			pause = firstRetry
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if conn != nil {
			conn.Abort()
			conn = nil
		}
		p.drop()
		if err := asyncio.Sleep(ctx, pause+p.jitter(pause)); err != nil {
			return err
		}
		pause = min(2*pause, lastRetry)
	}
}

// connect makes a connection and says what it is for.
func (p *peer) connect(ctx context.Context) (*aionet.Conn, error) {
	ctx, timeout := asyncio.WithTimeout(ctx, dialTimeout)
	defer timeout.Cancel()
	conn, err := aionet.Dial(ctx, "tcp", p.address)
	if err != nil {
		return nil, err
	}
	if _, err := conn.WriteContext(ctx, []byte{fromPeer}); err != nil {
		conn.Abort()
		return nil, err
	}
	return conn, nil
}

func (p *peer) transmit(ctx context.Context, conn *aionet.Conn, m *pb.Message) error {
	message, err := proto.Marshal(m)
	if err != nil {
		return err
	}
	ctx, timeout := asyncio.WithTimeout(ctx, sendTimeout)
	defer timeout.Cancel()
	return writeFrame(ctx, conn, message)
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

// jitter is up to a half of the pause, so that nodes do not dial in step.
func (p *peer) jitter(pause time.Duration) time.Duration {
	return time.Duration(p.rand.Int64N(int64(pause) / 2))
}

// receive gives the messages of a connection from a peer to step, until it ends.
func receive(ctx context.Context, in *aionet.Reader, step func(*pb.Message)) error {
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
	}
}
