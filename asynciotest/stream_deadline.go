package asynciotest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/goasyncio/asyncio"
)

// deadlineCases are about deadlines, which are on the loop's clock.
var deadlineCases = []streamCase{
	{"a deadline that has passed ends reads and writes at once, even where they could go on", Unbuffered, pastDeadline},
	{"a deadline ends a read that waits, not before its time", 0, readDeadline},
	{"a deadline ends a write that waits, and what was sent is counted", Packets, writeDeadline},
	{"a deadline set while a read waits holds for it", 0, deadlineWhileWaiting},
	{"a deadline moved away while a read waits does not end it", 0, deadlineMoved},
	{"a deadline stays passed until it is set anew, and nothing was lost", 0, deadlineCleared},
	{"after a deadline in the middle of a write the rest can be sent", FragileWrites | Packets, writeGoesOn},
	{"the deadlines for reading and writing are independent", Packets, deadlinesIndependent},
	{"a cancellation comes before a deadline, and leaves it in force", 0, cancelAndDeadline},
	{"Close takes a deadline along, and comes before it", 0, closeAndDeadline},
}

// long is further away than any case takes.
const long = 1000 * time.Hour

// passed is a time that is over.
func passed(ctx context.Context) time.Time { return asyncio.Now(ctx).Add(-time.Second) }

// expired checks that an error is that of a deadline, as package net gives it.
func expired(what string, err error) error {
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		return fmt.Errorf("%s after its deadline: %v is not a net.Error with Timeout", what, err)
	}
	return wants(what+" after its deadline", err, os.ErrDeadlineExceeded)
}

// expiredRead checks that a read fails with the deadline's error and takes nothing.
func expiredRead(ctx context.Context, s Stream) error {
	n, err := s.ReadContext(ctx, make([]byte, 10))
	if n != 0 {
		return fmt.Errorf("a read after its deadline has read %d bytes", n)
	}
	return expired("a read", err)
}

// expiredWrite checks that a write fails with the deadline's error and sends nothing.
func expiredWrite(ctx context.Context, s Stream) error {
	n, err := s.WriteContext(ctx, []byte("never"))
	if n != 0 {
		return fmt.Errorf("a write after its deadline has sent %d bytes", n)
	}
	return expired("a write", err)
}

func pastDeadline(ctx context.Context, p *pair) error {
	if err := send(ctx, p.a, []byte("abc")); err != nil {
		return err
	}
	if err := p.b.SetDeadline(passed(ctx)); err != nil {
		return err
	}
	for range 2 {
		if err := errors.Join(expiredRead(ctx, p.b), expiredWrite(ctx, p.b)); err != nil {
			return err
		}
	}
	if err := p.b.SetDeadline(time.Time{}); err != nil {
		return err
	}
	return errors.Join(expect(ctx, p.b, []byte("abc")), exchange(ctx, p.a, p.b))
}

func readDeadline(ctx context.Context, p *pair) error {
	const d = 5 * time.Millisecond
	for _, set := range []func(time.Time) error{p.b.SetReadDeadline, p.b.SetDeadline} {
		start := asyncio.Now(ctx)
		if err := set(start.Add(d)); err != nil {
			return err
		}
		if err := expiredRead(ctx, p.b); err != nil {
			return err
		}
		if took := asyncio.Now(ctx).Sub(start); took < d {
			return fmt.Errorf("the deadline of %v came after %v", d, took)
		}
	}
	return nil
}

func writeDeadline(ctx context.Context, p *pair) error {
	if err := p.a.SetWriteDeadline(asyncio.Now(ctx).Add(5 * time.Millisecond)); err != nil {
		return err
	}
	sent, err := p.a.WriteContext(ctx, flood())
	if err := expired("a write", err); err != nil {
		return err
	}
	if sent >= len(flood()) {
		return fmt.Errorf("a write that was interrupted says that it has sent %d of %d bytes", sent, len(flood()))
	}
	if err := p.a.Close(); err != nil {
		return err
	}
	got, _ := readAll(ctx, p.b)
	if len(got) < sent {
		return fmt.Errorf("%d bytes have arrived of %d that were sent", len(got), sent)
	}
	return same(got, flood()[:len(got)])
}

func deadlineWhileWaiting(ctx context.Context, p *pair) error {
	if err := p.b.SetReadDeadline(asyncio.Now(ctx).Add(long)); err != nil {
		return err
	}
	for range 3 {
		read, err := begin(ctx, p.b.ReadContext, make([]byte, 10))
		if err != nil {
			return err
		}
		if err := p.b.SetReadDeadline(passed(ctx)); err != nil {
			return err
		}
		got, err := read.Await(ctx)
		if err := errors.Join(err, expired("a read that waited", got.err), p.b.SetReadDeadline(time.Time{})); err != nil {
			return err
		}
	}
	return exchange(ctx, p.a, p.b)
}

// deadlineMoved tries with longer deadlines until the machine was fast enough to move
// one before it was due.
func deadlineMoved(ctx context.Context, p *pair) error {
	for d := 20 * time.Millisecond; ; d *= 2 {
		due := asyncio.Now(ctx).Add(d)
		if err := p.b.SetReadDeadline(due); err != nil {
			return err
		}
		read, err := begin(ctx, p.b.ReadContext, make([]byte, 3))
		if err != nil {
			return err
		}
		away := []time.Time{{}, asyncio.Now(ctx).Add(long)}[d/(20*time.Millisecond)%2]
		if err := p.b.SetReadDeadline(away); err != nil {
			return err
		}
		if asyncio.Now(ctx).Add(d / 2).After(due) { // the read may have ended, or not
			if err := p.b.SetReadDeadline(passed(ctx)); err != nil {
				return err
			}
			if _, err := read.Await(ctx); err != nil {
				return err
			}
			continue
		}
		if err := asyncio.SleepUntil(ctx, due.Add(time.Millisecond)); err != nil {
			return err
		}
		if read.Done() {
			return fmt.Errorf("the read has ended with %v", read.Info())
		}
		if err := send(ctx, p.a, []byte("abc")); err != nil {
			return err
		}
		got, err := read.Await(ctx)
		return errors.Join(err, got.err)
	}
}

func deadlineCleared(ctx context.Context, p *pair) error {
	if err := p.b.SetReadDeadline(passed(ctx)); err != nil {
		return err
	}
	return together(ctx,
		func(ctx context.Context) error { return send(ctx, p.a, []byte("abc")) },
		func(ctx context.Context) error {
			for range 5 {
				if err := errors.Join(expiredRead(ctx, p.b), asyncio.Yield(ctx)); err != nil {
					return err
				}
			}
			if err := p.b.SetReadDeadline(asyncio.Now(ctx).Add(long)); err != nil {
				return err
			}
			return expect(ctx, p.b, []byte("abc"))
		})
}

func writeGoesOn(ctx context.Context, p *pair) error {
	rest := flood()
	if err := p.a.SetWriteDeadline(asyncio.Now(ctx).Add(5 * time.Millisecond)); err != nil {
		return err
	}
	n, err := p.a.WriteContext(ctx, rest)
	if err := errors.Join(expired("a write", err), p.a.SetWriteDeadline(time.Time{})); err != nil {
		return err
	}
	return together(ctx,
		func(ctx context.Context) error { return send(ctx, p.a, rest[n:]) },
		func(ctx context.Context) error { return expect(ctx, p.b, rest) })
}

func deadlinesIndependent(ctx context.Context, p *pair) error {
	past := passed(ctx)
	if err := errors.Join(p.a.SetReadDeadline(past), p.b.SetWriteDeadline(past)); err != nil {
		return err
	}
	err := together(ctx, // from a to b all works
		func(ctx context.Context) error { return send(ctx, p.a, flood()) },
		func(ctx context.Context) error { return expect(ctx, p.b, flood()) })
	return errors.Join(err, expiredRead(ctx, p.a), expiredWrite(ctx, p.b))
}

func cancelAndDeadline(ctx context.Context, p *pair) error {
	if err := p.b.SetReadDeadline(passed(ctx)); err != nil {
		return err
	}
	n, err := cancelled(ctx, 0, p.b.ReadContext, make([]byte, 10))
	if err := errors.Join(waitCancelled("a read", outcome{n, err}), expiredRead(ctx, p.b)); err != nil {
		return err
	}
	if err := p.b.SetReadDeadline(asyncio.Now(ctx).Add(long)); err != nil {
		return err
	}
	n, err = cancelled(ctx, 3, p.b.ReadContext, make([]byte, 10))
	if err := errors.Join(waitCancelled("a read", outcome{n, err}), p.b.SetReadDeadline(passed(ctx))); err != nil {
		return err
	}
	return expiredRead(ctx, p.b)
}

func closeAndDeadline(ctx context.Context, p *pair) error {
	if err := errors.Join(p.a.SetDeadline(asyncio.Now(ctx).Add(long)), p.b.SetDeadline(passed(ctx))); err != nil {
		return err
	}
	return errors.Join(p.a.Close(), p.b.Close(), allClosed(ctx, p.a), allClosed(ctx, p.b))
}
