package asynciotest

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// endCases are about the end of one direction, and of the other side.
var endCases = []streamCase{
	{"after CloseWrite the peer reads what was sent, then an end that stays", NoHalfClose | Unbuffered, endStays},
	{"a read that waits meets the end", NoHalfClose, endWakes},
	{"after the peer's CloseWrite data still goes to it", NoHalfClose, halfOpen},
	{"both directions can end, in either order", NoHalfClose, bothEnds},
	{"a write after CloseWrite fails, and reading goes on", NoHalfClose, writeAfterEnd},
	{"CloseWrite lets go everything that was written before", NoHalfClose | Packets, endIsLast},
	{"Close delivers what was written before", Unbuffered, closeDelivers},
	{"10 MiB written just before Close arrive, however slow the reader", Packets, closeDeliversMuch},
	{"after the peer's Close reads give an end that stays", 0, closedPeer},
	{"writing to a peer that has closed fails, and does not hang", 0, writeToClosedPeer},
	{"a write that waits fails when the peer closes", Packets, closeOfStuckPeer},
}

func endStays(ctx context.Context, p *pair) error {
	if err := send(ctx, p.a, []byte("last words")); err != nil {
		return err
	}
	if err := p.a.CloseWrite(); err != nil {
		return err
	}
	if err := expectEnd(ctx, p.b, []byte("last words")); err != nil {
		return err
	}
	return atEnd(ctx, p.b)
}

// atEnd checks that reads give io.EOF itself, each time.
func atEnd(ctx context.Context, s Stream) error {
	for i := range 3 {
		if n, err := s.ReadContext(ctx, make([]byte, 10)); n != 0 || err != io.EOF {
			return fmt.Errorf("read %d at the end: %d, %v; want io.EOF", i, n, err)
		}
	}
	return nil
}

func endWakes(ctx context.Context, p *pair) error {
	read, err := begin(ctx, p.b.ReadContext, make([]byte, 10))
	if err != nil {
		return err
	}
	if err := p.a.CloseWrite(); err != nil {
		return err
	}
	if got, err := read.Await(ctx); err != nil || got != (outcome{0, io.EOF}) {
		return fmt.Errorf("got %v, %w; want io.EOF", got, err)
	}
	return nil
}

func halfOpen(ctx context.Context, p *pair) error {
	answer := pattern(1<<20, 5)
	return together(ctx,
		func(ctx context.Context) error {
			if err := p.a.CloseWrite(); err != nil {
				return err
			}
			return expectEnd(ctx, p.a, answer)
		},
		func(ctx context.Context) error {
			if err := atEnd(ctx, p.b); err != nil {
				return err
			}
			if err := sendMessages(ctx, p.b, answer); err != nil {
				return err
			}
			return p.b.CloseWrite()
		})
}

// sendMessages writes data in pieces that every kind of stream takes whole.
func sendMessages(ctx context.Context, s Stream, data []byte) error {
	for len(data) > 0 {
		n := min(4096, len(data))
		if err := send(ctx, s, data[:n]); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

func bothEnds(ctx context.Context, p *pair) error {
	for _, s := range [][2]Stream{{p.a, p.b}, {p.b, p.a}} {
		if err := s[0].CloseWrite(); err != nil {
			return err
		}
		if err := atEnd(ctx, s[1]); err != nil {
			return err
		}
	}
	return errors.Join(p.a.Close(), p.b.Close())
}

func writeAfterEnd(ctx context.Context, p *pair) error {
	if err := p.a.CloseWrite(); err != nil {
		return err
	}
	if n, err := p.a.WriteContext(ctx, []byte("more")); n != 0 || err == nil {
		return fmt.Errorf("a write after CloseWrite: %d, %v", n, err)
	}
	return together(ctx,
		func(ctx context.Context) error { return send(ctx, p.b, []byte("answer")) },
		func(ctx context.Context) error { return expect(ctx, p.a, []byte("answer")) },
		func(ctx context.Context) error { return atEnd(ctx, p.b) })
}

func endIsLast(ctx context.Context, p *pair) error {
	data := pattern(4<<20, 6)
	return together(ctx,
		func(ctx context.Context) error {
			if err := send(ctx, p.a, data); err != nil {
				return err
			}
			return p.a.CloseWrite()
		},
		func(ctx context.Context) error { return expectEnd(ctx, p.b, data) })
}

func closeDelivers(ctx context.Context, p *pair) error {
	if err := send(ctx, p.a, []byte("last words")); err != nil {
		return err
	}
	if err := p.a.Close(); err != nil {
		return err
	}
	if err := expectEnd(ctx, p.b, []byte("last words")); err != nil {
		return err
	}
	return atEnd(ctx, p.b)
}

func closeDeliversMuch(ctx context.Context, p *pair) error {
	data := pattern(10<<20, 7)
	return together(ctx,
		func(ctx context.Context) error {
			if err := send(ctx, p.a, data); err != nil {
				return err
			}
			return p.a.Close()
		},
		func(ctx context.Context) error {
			if err := WaitIdle(ctx); err != nil { // the writer has come as far as it can
				return err
			}
			return expectEnd(ctx, p.b, data)
		})
}

func closedPeer(ctx context.Context, p *pair) error {
	read, err := begin(ctx, p.b.ReadContext, make([]byte, 10))
	if err != nil {
		return err
	}
	if err := p.a.Close(); err != nil {
		return err
	}
	if got, err := read.Await(ctx); err != nil || got != (outcome{0, io.EOF}) {
		return fmt.Errorf("got %v, %w; want io.EOF", got, err)
	}
	return atEnd(ctx, p.b)
}

func writeToClosedPeer(ctx context.Context, p *pair) error {
	if err := p.a.Close(); err != nil {
		return err
	}
	return failsInTheEnd(ctx, p.b)
}

// failsInTheEnd writes until that fails. How much the system takes before it knows
// is its affair, but there is a bound.
func failsInTheEnd(ctx context.Context, s Stream) error {
	for range 10_000 {
		if _, err := s.WriteContext(ctx, make([]byte, 512)); err != nil {
			return ctx.Err()
		}
	}
	return errors.New("10,000 writes to a peer that is gone have not failed")
}

func closeOfStuckPeer(ctx context.Context, p *pair) error {
	write, err := begin(ctx, p.b.WriteContext, flood())
	if err != nil {
		return err
	}
	if err := p.a.Close(); err != nil {
		return err
	}
	if got, err := write.Await(ctx); err != nil || got.err == nil || got.n >= len(flood()) {
		return fmt.Errorf("the write has returned %v, %w", got, err)
	}
	return nil
}
