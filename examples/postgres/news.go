package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/examples/internal/servers"
)

// News is a session that hears what is said on a channel of the database. It stands on
// the part of the driver that knows the protocol and only reads and writes. The rest of
// the driver is for threads: it has goroutines and timers of its own, which must not
// touch a connection of the loop.
type news struct {
	stream aionet.Stream
	wire   *pgproto3.Frontend
	ctx    context.Context // of the wait under way
	heard  []string        // what came and was not taken yet
}

// Read and Write are for the driver. They wait under the context of the call that uses
// the driver, where that of the whole task would not know of a timeout.
func (n *news) Read(p []byte) (int, error)  { return n.stream.ReadContext(n.ctx, p) }
func (n *news) Write(p []byte) (int, error) { return n.stream.WriteContext(n.ctx, p) }

// subscribe connects and listens to a channel. It is a wait.
func subscribe(ctx context.Context, socket, channel string) (*news, error) {
	c, err := aionet.Dial(ctx, "unix", socket)
	if err != nil {
		return nil, err
	}
	n := &news{stream: c, ctx: ctx}
	n.wire = pgproto3.NewFrontend(n, n)
	n.wire.Send(&pgproto3.StartupMessage{
		ProtocolVersion: pgproto3.ProtocolVersion30,
		Parameters:      map[string]string{"user": servers.User, "database": "postgres"},
	})
	if err = n.answered(); err == nil {
		n.wire.SendQuery(&pgproto3.Query{String: "LISTEN " + channel})
		err = n.answered()
	}
	if err != nil {
		c.Abort()
		return nil, err
	}
	return n, nil
}

// answered sends what was said and waits until the server is ready for more.
func (n *news) answered() error {
	if err := n.wire.Flush(); err != nil {
		return err
	}
	for {
		ready, err := n.receive()
		if ready || err != nil {
			return err
		}
	}
}

// receive takes one message of the server.
func (n *news) receive() (ready bool, err error) {
	message, err := n.wire.Receive()
	if err != nil {
		return false, err
	}
	switch m := message.(type) {
	case *pgproto3.ReadyForQuery:
		return true, nil
	case *pgproto3.NotificationResponse:
		n.heard = append(n.heard, m.Payload)
	case *pgproto3.ErrorResponse:
		return false, pgconn.ErrorResponseToPgError(m)
	case *pgproto3.AuthenticationCleartextPassword, *pgproto3.AuthenticationMD5Password, *pgproto3.AuthenticationSASL:
		return false, fmt.Errorf("the server asks for a password, and this example has none")
	}
	return false, nil
}

// take waits for that many notifications. A cancellation leaves those that have come for
// the next call.
func (n *news) take(ctx context.Context, count int) ([]string, error) {
	n.ctx = ctx
	for len(n.heard) < count {
		if _, err := n.receive(); err != nil {
			return nil, err
		}
	}
	taken := n.heard[:count:count]
	n.heard = n.heard[count:]
	return taken, nil
}

// Close ends the session.
func (n *news) Close() error { return n.stream.Close() }
