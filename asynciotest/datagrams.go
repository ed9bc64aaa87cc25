package asynciotest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// A PacketConn is a net.PacketConn on whose waits a loop's tasks can give way: what
// [TestDatagrams] tests.
//
// ReadFrom and WriteTo wait under the context of the task that calls them, the others
// under the one they are given. A cancelled one has taken, or sent, nothing (rule C3).
type PacketConn interface {
	net.PacketConn
	ReadFromContext(ctx context.Context, p []byte) (n int, from net.Addr, err error)
	WriteToContext(ctx context.Context, p []byte, to net.Addr) (n int, err error)
}

// TestDatagrams tests whether a kind of socket for datagrams behaves as users of
// package aionet, and of package net, expect. open is called in a task and makes two
// sockets that can reach each other by their local addresses, over a way on which
// nothing is lost as long as little is under way; the suite closes them. Everything
// else is as with [TestStream].
func TestDatagrams(t *testing.T, open func(ctx context.Context) (a, b PacketConn, err error), traits ...Trait) {
	t.Helper()
	s := suite{traits: union(traits)}
	for _, c := range datagramCases {
		t.Run(c.name, func(t *testing.T) {
			s.allow(t, c.without)
			s.run(t, func(ctx context.Context) error {
				a, b, err := open(ctx)
				if err != nil {
					return err
				}
				defer a.Close()
				defer b.Close()
				return c.run(ctx, &packets{a: a, b: b})
			})
		})
	}
}

// A datagramCase is one behaviour of sockets for datagrams.
type datagramCase struct {
	name    string
	without Trait
	run     func(ctx context.Context, p *packets) error
}

// packets are two sockets that can reach each other.
type packets struct{ a, b PacketConn }

var datagramCases = []datagramCase{
	{"each read takes one datagram, with its sender, in order", 0, boundaries},
	{"an empty datagram is a datagram", 0, emptyDatagram},
	{"what does not fit into the reader's buffer is lost, and the next datagram is whole", 0, truncated},
	{"1,000 questions get their answers", 0, questions},
	{"a datagram that is too large is an error, and the socket stays usable", 0, oversized},
	{"datagrams to where nobody is do the socket no harm", 0, toNobody},
	{"a cancelled read has taken nothing", 0, cancelledReceive},
	{"cancelling reads at every point loses no datagram", 0, cancelledReceives},
	{"a read or write under a context that has ended does nothing", 0, datagramsUnderEnded},
	{"cancelling the task ends a plain ReadFrom", 0, cancelledTaskReceives},
	{"a second reader gets ErrBusy, and the first its datagram", 0, secondReceiver},
	{"a deadline ends a read that waits, and can be cleared", 0, receiveDeadline},
	{"a deadline that has passed ends reads and writes at once", 0, passedDatagramDeadline},
	{"Close ends a read that waits, with net.ErrClosed, and may be called again", 0, closeEndsReceive},
	{"every use after Close fails with net.ErrClosed", 0, datagramsAfterClose},
	{"the address is known, and stays so after Close", 0, datagramAddress},
}

// receiving makes a countedWait of a socket's read.
func receiving(c PacketConn) countedWait {
	return func(ctx context.Context, p []byte) (int, error) {
		n, _, err := c.ReadFromContext(ctx, p)
		return n, err
	}
}

// sending makes a countedWait of a socket's write.
func sending(c PacketConn, to net.Addr) countedWait {
	return func(ctx context.Context, p []byte) (int, error) { return c.WriteToContext(ctx, p, to) }
}

// send sends from one to the other.
func (p *packets) send(ctx context.Context, from, to PacketConn, data []byte) error {
	n, err := from.WriteToContext(ctx, data, to.LocalAddr())
	if err == nil && n != len(data) {
		err = fmt.Errorf("a write of %d bytes returned %d and no error", len(data), n)
	}
	return err
}

// expect reads one datagram and compares it and its sender.
func (p *packets) expect(ctx context.Context, from, to PacketConn, want []byte) error {
	buf := make([]byte, len(want)+10)
	n, sender, err := to.ReadFromContext(ctx, buf)
	if err != nil {
		return err
	}
	if sender == nil || sender.String() != from.LocalAddr().String() {
		return fmt.Errorf("a datagram of %v says that it comes from %v", from.LocalAddr(), sender)
	}
	return same(buf[:n], want)
}

// works shows that both sockets still do.
func (p *packets) works(ctx context.Context) error {
	for _, way := range [][2]PacketConn{{p.a, p.b}, {p.b, p.a}} {
		if err := p.send(ctx, way[0], way[1], []byte("hello")); err != nil {
			return err
		}
		if err := p.expect(ctx, way[0], way[1], []byte("hello")); err != nil {
			return err
		}
	}
	return nil
}

func boundaries(ctx context.Context, p *packets) error {
	for _, size := range []int{1, 2, 100, 1400, 8000} {
		for i := range 3 {
			if err := p.send(ctx, p.a, p.b, pattern(size+i, 1)); err != nil {
				return err
			}
		}
		for i := range 3 {
			if err := p.expect(ctx, p.a, p.b, pattern(size+i, 1)); err != nil {
				return err
			}
		}
	}
	return nil
}

func emptyDatagram(ctx context.Context, p *packets) error {
	for _, data := range []string{"", "x", ""} {
		if err := p.send(ctx, p.a, p.b, []byte(data)); err != nil {
			return err
		}
	}
	for _, data := range []string{"", "x", ""} {
		if err := p.expect(ctx, p.a, p.b, []byte(data)); err != nil {
			return err
		}
	}
	return nil
}

func truncated(ctx context.Context, p *packets) error {
	if err := p.send(ctx, p.a, p.b, pattern(1000, 2)); err != nil {
		return err
	}
	if err := p.send(ctx, p.a, p.b, []byte("next")); err != nil {
		return err
	}
	buf := make([]byte, 10)
	n, _, err := p.b.ReadFromContext(ctx, buf)
	if err != nil { // some systems tell by an error; the datagram is gone all the same
		n = len(buf)
	}
	return errors.Join(same(buf[:n], pattern(1000, 2)[:10]), p.expect(ctx, p.a, p.b, []byte("next")))
}

func questions(ctx context.Context, p *packets) error {
	const rounds = 1000
	return together(ctx,
		func(ctx context.Context) error {
			for i := range rounds {
				if err := p.send(ctx, p.a, p.b, []byte{byte(i)}); err != nil {
					return err
				}
				if err := p.expect(ctx, p.b, p.a, []byte{byte(i), 1}); err != nil {
					return err
				}
			}
			return nil
		},
		func(ctx context.Context) error {
			for i := range rounds {
				if err := p.expect(ctx, p.a, p.b, []byte{byte(i)}); err != nil {
					return err
				}
				if err := p.send(ctx, p.b, p.a, []byte{byte(i), 1}); err != nil {
					return err
				}
			}
			return nil
		})
}

func oversized(ctx context.Context, p *packets) error {
	if n, err := p.a.WriteToContext(ctx, make([]byte, 16<<20), p.b.LocalAddr()); n != 0 || err == nil || ctx.Err() != nil {
		return fmt.Errorf("a datagram of 16 MiB: %d, %v; want an error", n, err)
	}
	return p.works(ctx)
}

func toNobody(ctx context.Context, p *packets) error {
	nobody := p.b.LocalAddr()
	if err := p.b.Close(); err != nil {
		return err
	}
	for range 3 {
		if _, err := p.a.WriteToContext(ctx, []byte("hello?"), nobody); ctx.Err() != nil {
			return err
		}
	}
	self := &packets{p.a, p.a}
	if err := p.a.SetReadDeadline(asyncio.Now(ctx).Add(hang / 2)); err != nil {
		return err
	}
	return self.works(ctx)
}

func cancelledReceive(ctx context.Context, p *packets) error {
	for range 3 {
		n, err := cancelled(ctx, 3, receiving(p.b), make([]byte, 10))
		if err := waitCancelled("a read", outcome{n, err}); err != nil {
			return err
		}
	}
	return p.works(ctx)
}

func cancelledReceives(ctx context.Context, p *packets) error {
	const datagrams = 300
	var got asyncio.Event
	return together(ctx,
		func(ctx context.Context) error {
			for i := range datagrams {
				got.Clear()
				if err := p.send(ctx, p.a, p.b, []byte{byte(i)}); err != nil {
					return err
				}
				if err := got.Wait(ctx); err != nil {
					return err
				}
			}
			return nil
		},
		func(ctx context.Context) error {
			buf := make([]byte, 10)
			for i, turn := 0, 0; i < datagrams; turn++ {
				n, err := p.receiveInTurn(ctx, buf, turn)
				if err != nil {
					return fmt.Errorf("datagram %d: %w", i, err)
				}
				if n > 0 {
					if err := same(buf[:n], []byte{byte(i)}); err != nil {
						return fmt.Errorf("datagram %d: %w", i, err)
					}
					i++
					got.Set()
				}
			}
			return nil
		})
}

// receiveInTurn is readInTurn for datagrams.
func (p *packets) receiveInTurn(ctx context.Context, buf []byte, turn int) (int, error) {
	rounds := turn % 8
	if rounds == 7 {
		return receiving(p.b)(ctx, buf)
	}
	n, err := cancelled(ctx, rounds, receiving(p.b), buf)
	if err == nil {
		return n, nil
	}
	return 0, waitCancelled("a read", outcome{n, err})
}

func datagramsUnderEnded(ctx context.Context, p *packets) error {
	if err := p.send(ctx, p.a, p.b, []byte("there")); err != nil {
		return err
	}
	n, err := cancelled(ctx, 0, receiving(p.b), make([]byte, 10))
	m, failed := cancelled(ctx, 0, sending(p.a, p.b.LocalAddr()), []byte("never"))
	return errors.Join(
		waitCancelled("a read", outcome{n, err}), waitCancelled("a write", outcome{m, failed}),
		p.expect(ctx, p.a, p.b, []byte("there")), p.works(ctx))
}

// plainReceive is ReadFrom without a context.
func (p *packets) plainReceive(_ context.Context, buf []byte) (int, error) {
	n, _, err := p.b.ReadFrom(buf)
	return n, err
}

func cancelledTaskReceives(ctx context.Context, p *packets) error {
	reading, err := begin(ctx, p.plainReceive, make([]byte, 10))
	if err != nil {
		return err
	}
	reading.Cancel(errSuite)
	got, err := reading.Await(ctx)
	return errors.Join(err, waitCancelled("a plain ReadFrom", got), p.works(ctx))
}

func secondReceiver(ctx context.Context, p *packets) error {
	reading, err := begin(ctx, p.plainReceive, make([]byte, 10))
	if err != nil {
		return err
	}
	if _, _, err := p.b.ReadFromContext(ctx, make([]byte, 10)); !errors.Is(err, asyncio.ErrBusy) {
		return wants("a second reader", err, asyncio.ErrBusy)
	}
	if err := p.send(ctx, p.a, p.b, []byte("x")); err != nil {
		return err
	}
	got, err := reading.Await(ctx)
	return errors.Join(err, got.err)
}

func receiveDeadline(ctx context.Context, p *packets) error {
	const d = 5 * time.Millisecond
	start := asyncio.Now(ctx)
	if err := p.b.SetReadDeadline(start.Add(d)); err != nil {
		return err
	}
	_, err := receiving(p.b)(ctx, make([]byte, 10))
	if took := asyncio.Now(ctx).Sub(start); took < d {
		return fmt.Errorf("the deadline of %v came after %v", d, took)
	}
	return errors.Join(expired("a read", err), p.b.SetReadDeadline(time.Time{}), p.works(ctx))
}

func passedDatagramDeadline(ctx context.Context, p *packets) error {
	if err := p.send(ctx, p.a, p.b, []byte("there")); err != nil {
		return err
	}
	if err := p.b.SetDeadline(passed(ctx)); err != nil {
		return err
	}
	_, read := receiving(p.b)(ctx, make([]byte, 10))
	_, write := sending(p.b, p.a.LocalAddr())(ctx, []byte("never"))
	return errors.Join(
		expired("a read", read), expired("a write", write), p.b.SetDeadline(time.Time{}),
		p.expect(ctx, p.a, p.b, []byte("there")), p.works(ctx))
}

func closeEndsReceive(ctx context.Context, p *packets) error {
	reading, err := begin(ctx, receiving(p.b), make([]byte, 10))
	if err != nil {
		return err
	}
	return errors.Join(p.b.Close(), closedOutcome(ctx, reading), again(p.b.Close()))
}

func datagramsAfterClose(ctx context.Context, p *packets) error {
	if err := p.a.Close(); err != nil {
		return err
	}
	_, _, read := p.a.ReadFrom(make([]byte, 10))
	_, write := p.a.WriteTo([]byte("never"), p.b.LocalAddr())
	_, readContext := receiving(p.a)(ctx, make([]byte, 10))
	_, writeContext := sending(p.a, p.b.LocalAddr())(ctx, nil)
	var all []error
	for _, err := range []error{read, write, readContext, writeContext, p.a.SetDeadline(time.Time{})} {
		all = append(all, wants("after Close", err, net.ErrClosed))
	}
	return errors.Join(all...)
}

func datagramAddress(_ context.Context, p *packets) error {
	for range 2 {
		if a := p.a.LocalAddr(); a == nil || a.Network() == "" || a.String() == "" {
			return fmt.Errorf("the address is %v", a)
		}
		if err := again(p.a.Close()); err != nil {
			return err
		}
	}
	return nil
}
