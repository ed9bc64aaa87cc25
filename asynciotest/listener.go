package asynciotest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// A Listener is a net.Listener on whose Accept a loop's tasks can give way: what
// [TestListener] tests. C is its kind of connection.
//
// Accept waits under the context of the task that calls it, AcceptContext under the
// one it is given. A cancelled one has taken no connection (rule C3).
type Listener[C Stream] interface {
	net.Listener
	AcceptContext(ctx context.Context) (C, error)
}

// Dialled makes of a function for [TestListener] one for [TestStream]: it dials the
// listener, and what comes is the pair.
func Dialled[C Stream](open func(ctx context.Context) (l Listener[C], dial func(ctx context.Context) (C, error), err error)) func(ctx context.Context) (a, b Stream, err error) {
	return func(ctx context.Context) (_, _ Stream, err error) {
		l, dial, err := open(ctx)
		if err != nil {
			return nil, nil, err
		}
		defer l.Close()
		accepting := asyncio.CreateTask(ctx, l.AcceptContext)
		a, err := dial(ctx)
		if err != nil {
			return nil, nil, err
		}
		b, err := accepting.Await(ctx)
		return a, b, err
	}
}

// TestListener tests whether a kind of listener behaves as users of package aionet,
// and of package net, expect. open is called in a task and makes a listener, and dial,
// which connects to it; the suite closes what they make. Everything else is as with
// [TestStream]; of the traits [Unbuffered] means that a dial waits for its Accept, as
// with TLS, whose handshake needs both sides.
func TestListener[C Stream](t *testing.T, open func(ctx context.Context) (l Listener[C], dial func(ctx context.Context) (C, error), err error), traits ...Trait) {
	t.Helper()
	s := suite{traits: union(traits)}
	for _, c := range listenerCases {
		t.Run(c.name, func(t *testing.T) {
			s.allow(t, c.without)
			s.run(t, func(ctx context.Context) error {
				l, dial, err := open(ctx)
				if err != nil {
					return err
				}
				defer l.Close()
				return c.run(ctx, &listening{T: t, l: l, accept: some(l.AcceptContext), dial: some(dial)})
			})
		})
	}
}

// some makes a function that returns streams of any kind.
func some[C Stream](f func(ctx context.Context) (C, error)) func(ctx context.Context) (Stream, error) {
	return func(ctx context.Context) (Stream, error) {
		c, err := f(ctx)
		if err != nil {
			return nil, err // and no Stream that holds a nil pointer
		}
		return c, nil
	}
}

// A listenerCase is one behaviour of listeners.
type listenerCase struct {
	name    string
	without Trait
	run     func(ctx context.Context, p *listening) error
}

// listening is a listener in a test.
type listening struct {
	*testing.T
	l            net.Listener
	accept, dial func(ctx context.Context) (Stream, error)
}

var listenerCases = []listenerCase{
	{"each of 50 connections is accepted once and leads to its client", 0, acceptAll},
	{"Accept waits for a client", 0, acceptWaits},
	{"cancelling Accept at every point loses no connection", 0, cancelledAccepts},
	{"an Accept under a context that has ended takes nothing, even where a client waits", Unbuffered, acceptUnderEnded},
	{"cancelling the task ends a plain Accept, and the next one works", 0, cancelledTaskAccepts},
	{"Close ends an Accept that waits, with net.ErrClosed", 0, closeEndsAccept},
	{"Close may be called again, and Accept fails after it", 0, acceptAfterClose},
	{"after Close nobody can connect", 0, dialAfterClose},
	{"connections outlive their listener", 0, outlive},
	{"clients that nobody has accepted meet the end when the listener closes", Unbuffered, neverAccepted},
	{"a client that is gone before Accept does no harm", Unbuffered, goneBeforeAccept},
	{"a deadline ends an Accept that waits, and can be cleared", 0, acceptDeadline},
	{"the address is known, and stays so after Close", 0, listenerAddress},
}

// connect makes a connection.
func (p *listening) connect(ctx context.Context) (client, server Stream, err error) {
	err = together(ctx,
		func(ctx context.Context) (err error) { client, err = p.dial(ctx); return err },
		func(ctx context.Context) (err error) { server, err = p.accept(ctx); return err })
	return client, server, err
}

// works shows that the listener still does.
func (p *listening) works(ctx context.Context) error {
	client, server, err := p.connect(ctx)
	if err != nil {
		return err
	}
	return errors.Join(exchange(ctx, client, server), client.Close(), server.Close())
}

func acceptAll(ctx context.Context, p *listening) error {
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		const clients = 50
		for i := range clients {
			g.Go(func(ctx context.Context) error { return p.askNumber(ctx, byte(i)) })
		}
		for range clients {
			c, err := p.accept(ctx)
			if err != nil {
				return err
			}
			g.Go(func(ctx context.Context) error { return answerNumber(ctx, c) })
		}
		return nil
	})
}

// askNumber is a client that sends a number and wants it back.
func (p *listening) askNumber(ctx context.Context, i byte) error {
	c, err := p.dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := send(ctx, c, []byte{i}); err != nil {
		return err
	}
	return expect(ctx, c, []byte{i})
}

// answerNumber is the server's side of askNumber. It closes c.
func answerNumber(ctx context.Context, c Stream) error {
	defer c.Close()
	b := make([]byte, 1)
	if _, err := readSome(ctx, c, b); err != nil {
		return err
	}
	return send(ctx, c, b)
}

// beginAccept starts an Accept and lets it come to where it waits. What it returns is
// closed.
func beginAccept(ctx context.Context, accept func(ctx context.Context) (Stream, error)) (*asyncio.Task[outcome], error) {
	return begin(ctx, func(ctx context.Context, _ []byte) (int, error) {
		c, err := accept(ctx)
		if err != nil {
			return 0, err
		}
		return 1, c.Close()
	}, nil)
}

// plainAccept is Accept without a context.
func (p *listening) plainAccept(context.Context) (Stream, error) {
	c, err := p.l.Accept()
	if err != nil {
		return nil, err
	}
	return c.(Stream), nil
}

func acceptWaits(ctx context.Context, p *listening) error {
	for _, accept := range []func(context.Context) (Stream, error){p.accept, p.plainAccept} {
		accepting, err := beginAccept(ctx, accept)
		if err != nil {
			return err
		}
		c, err := p.dial(ctx)
		if err != nil {
			return err
		}
		got, err := accepting.Await(ctx)
		if err := errors.Join(err, got.err, c.Close()); err != nil {
			return err
		}
	}
	return nil
}

func cancelledAccepts(ctx context.Context, p *listening) error {
	const clients = 200
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		g.Go(func(ctx context.Context) error {
			for i := range clients {
				if err := p.askNumber(ctx, byte(i)); err != nil {
					return fmt.Errorf("client %d: %w", i, err)
				}
			}
			return nil
		})
		for turn, accepted := 0, 0; accepted < clients; turn++ {
			c, err := p.acceptInTurn(ctx, turn)
			if err != nil {
				return err
			}
			if c != nil {
				accepted++
				g.Go(func(ctx context.Context) error { return answerNumber(ctx, c) })
			}
		}
		return nil
	})
}

// acceptInTurn accepts under a context that is cancelled after one more round in each
// turn, and in every eighth turn under one that is not. Where it was cancelled there
// is neither a connection nor an error.
func (p *listening) acceptInTurn(ctx context.Context, turn int) (c Stream, err error) {
	rounds := turn % 8
	if rounds == 7 {
		return p.accept(ctx)
	}
	_, err = cancelled(ctx, rounds, func(ctx context.Context, _ []byte) (int, error) {
		c, err = p.accept(ctx)
		return 0, err
	}, nil)
	if errors.Is(err, errSuite) {
		return nil, nil
	}
	return c, err
}

func acceptUnderEnded(ctx context.Context, p *listening) error {
	client, err := p.dial(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	_, err = cancelled(ctx, 0, func(ctx context.Context, _ []byte) (int, error) {
		_, err := p.accept(ctx)
		return 0, err
	}, nil)
	if err := waitCancelled("an Accept", outcome{0, err}); err != nil {
		return err
	}
	server, err := p.accept(ctx)
	if err != nil {
		return err
	}
	return errors.Join(exchange(ctx, client, server), server.Close())
}

func cancelledTaskAccepts(ctx context.Context, p *listening) error {
	accepting, err := beginAccept(ctx, p.plainAccept)
	if err != nil {
		return err
	}
	accepting.Cancel(errSuite)
	got, err := accepting.Await(ctx)
	return errors.Join(err, waitCancelled("a plain Accept", got), p.works(ctx))
}

func closeEndsAccept(ctx context.Context, p *listening) error {
	accepting, err := beginAccept(ctx, p.accept)
	if err != nil {
		return err
	}
	return errors.Join(p.l.Close(), closedOutcome(ctx, accepting))
}

func acceptAfterClose(ctx context.Context, p *listening) error {
	if err := errors.Join(p.l.Close(), again(p.l.Close()), again(p.l.Close())); err != nil {
		return err
	}
	_, err := p.accept(ctx)
	_, plain := p.l.Accept()
	return errors.Join(wants("AcceptContext after Close", err, net.ErrClosed), wants("Accept after Close", plain, net.ErrClosed))
}

func dialAfterClose(ctx context.Context, p *listening) error {
	if err := p.works(ctx); err != nil {
		return err
	}
	if err := p.l.Close(); err != nil {
		return err
	}
	if c, err := p.dial(ctx); err == nil {
		return errors.Join(errors.New("a closed listener takes connections"), c.Close())
	}
	return ctx.Err()
}

func outlive(ctx context.Context, p *listening) error {
	client, server, err := p.connect(ctx)
	if err != nil {
		return err
	}
	return errors.Join(p.l.Close(), exchange(ctx, client, server), client.Close(), server.Close())
}

func neverAccepted(ctx context.Context, p *listening) error {
	client, err := p.dial(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	read, err := begin(ctx, client.ReadContext, make([]byte, 1))
	if err != nil {
		return err
	}
	if err := p.l.Close(); err != nil {
		return err
	}
	got, err := read.Await(ctx)
	if err == nil && (got.n != 0 || got.err == nil) {
		err = fmt.Errorf("a client of a closed listener has read %v", got)
	}
	return err
}

func goneBeforeAccept(ctx context.Context, p *listening) error {
	for range 3 {
		c, err := p.dial(ctx)
		if err != nil {
			return err
		}
		if err := c.Abort(); err != nil {
			return err
		}
	}
	client, err := p.dial(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := send(ctx, client, []byte{7}); err != nil {
		return err
	}
	for { // whether those that have gone can be accepted is the system's affair
		server, err := p.accept(ctx)
		if err != nil {
			return err
		}
		if err := answerNumber(ctx, server); err == nil {
			return expect(ctx, client, []byte{7})
		}
	}
}

func acceptDeadline(ctx context.Context, p *listening) error {
	l, ok := p.l.(interface{ SetDeadline(time.Time) error })
	if !ok {
		p.Skip("this kind has no deadlines")
	}
	const d = 5 * time.Millisecond
	start := asyncio.Now(ctx)
	if err := l.SetDeadline(start.Add(d)); err != nil {
		return err
	}
	for range 2 {
		_, err := p.accept(ctx)
		if err := expired("an Accept", err); err != nil {
			return err
		}
	}
	if took := asyncio.Now(ctx).Sub(start); took < d {
		return fmt.Errorf("the deadline of %v came after %v", d, took)
	}
	if err := errors.Join(l.SetDeadline(time.Time{}), p.works(ctx)); err != nil {
		return err
	}
	accepting, err := beginAccept(ctx, p.accept)
	if err != nil {
		return err
	}
	if err := l.SetDeadline(passed(ctx)); err != nil {
		return err
	}
	got, err := accepting.Await(ctx)
	return errors.Join(err, wants("an Accept that waited", got.err, os.ErrDeadlineExceeded))
}

func listenerAddress(_ context.Context, p *listening) error {
	for range 2 {
		if a := p.l.Addr(); a == nil || a.Network() == "" || a.String() == "" {
			return fmt.Errorf("the address is %v", a)
		}
		if err := again(p.l.Close()); err != nil {
			return err
		}
	}
	return nil
}
