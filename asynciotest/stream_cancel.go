package asynciotest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/goasyncio/asyncio"
)

// cancelCases are about cancelled reads: they did not happen (rule C3).
var cancelCases = []streamCase{
	{"a cancelled read returns the cancellation and has taken nothing", 0, cancelledRead},
	{"cancelling reads at every point of a transfer loses no byte", Packets, cancelledReads},
	{"a read under a context that has ended takes nothing, even where data is there", Unbuffered, readUnderEnded},
	{"cancelling the task ends a plain Read, and the next one reads on", 0, cancelledTaskReads},
	{"a timeout ends a read as context.DeadlineExceeded", 0, timedRead},
	{"a cancelled read leaves a write that waits alone", Packets, cancelReadNotWrite},
	{"after a cancelled read another task may read", 0, readerChanges},
}

// waitCancelled checks that a wait was cancelled and had done nothing.
func waitCancelled(what string, got outcome) error {
	if got.n != 0 {
		return fmt.Errorf("%s: cancelled, but %d bytes are gone", what, got.n)
	}
	return errors.Join(wants(what, got.err, context.Canceled), wants(what, got.err, errSuite))
}

func cancelledRead(ctx context.Context, p *pair) error {
	for range 3 {
		n, err := cancelled(ctx, 3, p.b.ReadContext, make([]byte, 10))
		if err := waitCancelled("a read", outcome{n, err}); err != nil {
			return err
		}
	}
	return exchange(ctx, p.a, p.b)
}

func cancelledReads(ctx context.Context, p *pair) error {
	data := pattern(256<<10, 8)
	return together(ctx,
		func(ctx context.Context) error {
			for i := 0; i < len(data); i += 1 << 10 {
				if err := sendPieces(ctx, p.a, data[i:i+1<<10], i>>10); err != nil {
					return err
				}
				if err := asyncio.Yield(ctx); err != nil { // so that there is something to wait for
					return err
				}
			}
			return nil
		},
		func(ctx context.Context) error {
			got, buf := []byte(nil), make([]byte, 700)
			for turn := 0; len(got) < len(data); turn++ {
				n, err := readInTurn(ctx, p.b, buf, turn)
				if err != nil {
					return fmt.Errorf("after %d bytes: %w", len(got), err)
				}
				got = append(got, buf[:n]...)
			}
			return same(got, data)
		})
}

// readInTurn reads under a context that is cancelled after one more round in each
// turn, and in every eighth turn under one that is not.
func readInTurn(ctx context.Context, s Stream, p []byte, turn int) (int, error) {
	rounds := turn % 8
	if rounds == 7 {
		return s.ReadContext(ctx, p)
	}
	n, err := cancelled(ctx, rounds, s.ReadContext, p)
	if err == nil {
		return n, nil
	}
	return 0, waitCancelled("a read", outcome{n, err})
}

func readUnderEnded(ctx context.Context, p *pair) error {
	if err := send(ctx, p.a, []byte("abc")); err != nil {
		return err
	}
	for range 3 {
		n, err := cancelled(ctx, 0, p.b.ReadContext, make([]byte, 10))
		if err := waitCancelled("a read", outcome{n, err}); err != nil {
			return err
		}
	}
	return expect(ctx, p.b, []byte("abc"))
}

func cancelledTaskReads(ctx context.Context, p *pair) error {
	read, err := begin(ctx, plain(p.b.Read), make([]byte, 10))
	if err != nil {
		return err
	}
	read.Cancel(errSuite)
	got, err := read.Await(ctx)
	if err := errors.Join(err, waitCancelled("a plain Read", got)); err != nil {
		return err
	}
	return exchange(ctx, p.a, p.b)
}

func timedRead(ctx context.Context, p *pair) error {
	short, timeout := asyncio.WithTimeout(ctx, 5*time.Millisecond)
	defer timeout.Cancel()
	n, err := p.b.ReadContext(short, make([]byte, 10))
	if n != 0 || !timeout.Caused(err) {
		return fmt.Errorf("got %d, %v; want the timeout's error", n, err)
	}
	return errors.Join(wants("a read under a timeout", err, context.DeadlineExceeded), exchange(ctx, p.a, p.b))
}

func cancelReadNotWrite(ctx context.Context, p *pair) error {
	read, err := begin(ctx, plain(p.a.Read), make([]byte, 10))
	if err != nil {
		return err
	}
	write, err := begin(ctx, p.a.WriteContext, flood())
	if err != nil {
		return err
	}
	read.Cancel(errSuite)
	if got, err := read.Await(ctx); err != nil || waitCancelled("a read", got) != nil {
		return fmt.Errorf("the read has returned %v, %w", got, err)
	}
	if err := expect(ctx, p.b, flood()); err != nil {
		return err
	}
	got, err := write.Await(ctx)
	return errors.Join(err, got.err)
}

func readerChanges(ctx context.Context, p *pair) error {
	first, err := begin(ctx, plain(p.b.Read), make([]byte, 10))
	if err != nil {
		return err
	}
	first.Cancel(errSuite)
	if _, err := first.Join(ctx); err != nil {
		return err
	}
	return exchange(ctx, p.a, p.b)
}
