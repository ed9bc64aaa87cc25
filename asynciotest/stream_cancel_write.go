package asynciotest

import (
	"context"
	"errors"
	"fmt"

	"github.com/goasyncio/asyncio"
)

// writeCancelCases are about cancelled writes: they tell how far they came.
var writeCancelCases = []streamCase{
	{"a cancelled write returns how much the peer will get", Packets, cancelledWrite},
	{"a write cancelled half-way makes the next one fail, so that no message follows half of one", Packets, partialWrite},
	{"reading goes on after a write that was cancelled half-way", Packets, readAfterPartialWrite},
	{"a write under a context that has ended sends nothing and does no harm", 0, writeUnderEnded},
	{"cancelling the task ends a plain Write", Packets, cancelledTaskWrites},
}

// interruptWrite starts a write that cannot end, cancels it and returns what it has
// returned.
func interruptWrite(ctx context.Context, f countedWait) (outcome, error) {
	write, err := begin(ctx, f, flood())
	if err != nil {
		return outcome{}, err
	}
	write.Cancel(errSuite)
	got, err := write.Await(ctx)
	if got.n < 0 || got.n >= len(flood()) {
		return got, fmt.Errorf("a write of %d bytes that was cancelled says that it has sent %d", len(flood()), got.n)
	}
	return got, errors.Join(err, wants("a write", got.err, context.Canceled), wants("a write", got.err, errSuite))
}

func cancelledWrite(ctx context.Context, p *pair) error {
	sent, err := interruptWrite(ctx, p.a.WriteContext)
	if err != nil {
		return err
	}
	return together(ctx,
		func(context.Context) error { return p.a.Close() },
		func(ctx context.Context) error {
			got, err := readAll(ctx, p.b)
			if ctx.Err() != nil || len(got) < sent.n { // how it ends differs: half a TLS record is an error
				return fmt.Errorf("%d bytes have arrived of %d that were sent: %w", len(got), sent.n, err)
			}
			if len(got) > sent.n && err == nil {
				return fmt.Errorf("%d bytes have arrived, and the write says %d", len(got), sent.n)
			}
			return same(got, flood()[:len(got)])
		})
}

func partialWrite(ctx context.Context, p *pair) error {
	sent, err := interruptWrite(ctx, p.a.WriteContext)
	if err != nil {
		return err
	}
	return together(ctx,
		func(ctx context.Context) error {
			defer p.a.Close()
			for _, f := range []countedWait{p.a.WriteContext, plain(p.a.Write)} {
				n, err := f(ctx, []byte("more"))
				if sent.n == 0 {
					return nil // nothing is on the way: this kind is none that can tell
				}
				if n != 0 || err == nil || ctx.Err() != nil {
					return fmt.Errorf("a write after %d bytes of another: %d, %v; want an error of its own", sent.n, n, err)
				}
			}
			return nil
		},
		func(ctx context.Context) error {
			got, _ := readAll(ctx, p.b) // how it ends differs
			if sent.n == 0 || ctx.Err() != nil {
				return ctx.Err()
			}
			if len(got) < sent.n {
				return fmt.Errorf("%d bytes have arrived of %d that were sent", len(got), sent.n)
			}
			return same(got, flood()[:len(got)])
		})
}

func readAfterPartialWrite(ctx context.Context, p *pair) error {
	if _, err := interruptWrite(ctx, p.a.WriteContext); err != nil {
		return err
	}
	return together(ctx,
		func(ctx context.Context) error { return send(ctx, p.b, []byte("answer")) },
		func(ctx context.Context) error { return expect(ctx, p.a, []byte("answer")) })
}

func writeUnderEnded(ctx context.Context, p *pair) error {
	for range 3 {
		n, err := cancelled(ctx, 0, p.a.WriteContext, []byte("never"))
		if err := waitCancelled("a write", outcome{n, err}); err != nil {
			return err
		}
	}
	return exchange(ctx, p.a, p.b)
}

func cancelledTaskWrites(ctx context.Context, p *pair) error {
	_, err := interruptWrite(ctx, plain(p.a.Write))
	return errors.Join(err, asyncio.Yield(ctx))
}
