package asynciotest

import (
	"context"
	"fmt"

	"github.com/goasyncio/asyncio"
)

// transferCases are about bytes: all of them arrive, once, in order.
var transferCases = []streamCase{
	{"2 MiB go both ways at once, in pieces of odd sizes", Packets, bothWays},
	{"messages go both ways", 0, func(ctx context.Context, p *pair) error { return exchange(ctx, p.a, p.b) }},
	{"one write of 32 MiB arrives, larger than every buffer", Packets, oneLargeWrite},
	{"10,000 writes of one byte arrive in order", Packets, manySmallWrites},
	{"what was written at once can be read byte by byte", Packets, smallReads},
	{"a read returns what is there and does not wait for the rest of its buffer", 0, partialRead},
	{"a read into an empty buffer returns at once and takes nothing", 0, emptyRead},
	{"an empty write sends nothing, and is no end", Packets, emptyWrite},
	{"the buffers belong to the caller again when a call has returned", 0, ownBuffers},
	{"64 streams of one loop do not mix", 0, manyStreams},
}

func bothWays(ctx context.Context, p *pair) error {
	there, back := pattern(2<<20, 1), pattern(2<<20, 2)
	return together(ctx,
		func(ctx context.Context) error { return sendPieces(ctx, p.a, there, 0) },
		func(ctx context.Context) error { return sendPieces(ctx, p.b, back, 3) },
		func(ctx context.Context) error { return expectPieces(ctx, p.b, there, 5) },
		func(ctx context.Context) error { return expectPieces(ctx, p.a, back, 6) })
}

// sendPieces writes data in pieces, beginning with the i-th size.
func sendPieces(ctx context.Context, s Stream, data []byte, i int) error {
	for ; len(data) > 0; i++ {
		n := min(pieces[i%len(pieces)], len(data))
		if err := send(ctx, s, data[:n]); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// expectPieces reads want in pieces of at most those sizes.
func expectPieces(ctx context.Context, s Stream, want []byte, i int) error {
	got := make([]byte, len(want))
	for at := 0; at < len(got); i++ {
		end := min(at+pieces[i%len(pieces)], len(got))
		n, err := s.ReadContext(ctx, got[at:end])
		if err != nil || n <= 0 {
			return fmt.Errorf("after %d of %d bytes: read %d, %w", at, len(want), n, err)
		}
		at += n
	}
	return same(got, want)
}

func oneLargeWrite(ctx context.Context, p *pair) error {
	return together(ctx,
		func(ctx context.Context) error { return send(ctx, p.a, flood()) },
		func(ctx context.Context) error { return expect(ctx, p.b, flood()) })
}

func manySmallWrites(ctx context.Context, p *pair) error {
	data := pattern(10_000, 3)
	return together(ctx,
		func(ctx context.Context) error {
			for i := range data {
				if err := send(ctx, p.a, data[i:i+1]); err != nil {
					return err
				}
			}
			return nil
		},
		func(ctx context.Context) error { return expect(ctx, p.b, data) })
}

func smallReads(ctx context.Context, p *pair) error {
	data := pattern(4096, 4)
	return together(ctx,
		func(ctx context.Context) error { return send(ctx, p.a, data) },
		func(ctx context.Context) error {
			for i := range data {
				if err := expect(ctx, p.b, data[i:i+1]); err != nil {
					return fmt.Errorf("byte %d: %w", i, err)
				}
			}
			return nil
		})
}

func partialRead(ctx context.Context, p *pair) error {
	return together(ctx,
		func(ctx context.Context) error { return send(ctx, p.a, []byte("abc")) },
		func(ctx context.Context) error {
			buf := make([]byte, 1000)
			for got := 0; got < 3; {
				n, err := p.b.ReadContext(ctx, buf)
				if err != nil || n < 1 || n > 3 {
					return fmt.Errorf("read %d, %w", n, err)
				}
				got += n
			}
			return nil
		})
}

func emptyRead(ctx context.Context, p *pair) error {
	for _, f := range []countedWait{p.b.ReadContext, plain(p.b.Read)} {
		for _, buf := range [][]byte{nil, {}} {
			if n, err := f(ctx, buf); n != 0 || err != nil {
				return fmt.Errorf("got %d, %w", n, err)
			}
		}
	}
	return exchange(ctx, p.a, p.b)
}

func emptyWrite(ctx context.Context, p *pair) error {
	for _, f := range []countedWait{p.a.WriteContext, plain(p.a.Write)} {
		for _, buf := range [][]byte{nil, {}} {
			if n, err := f(ctx, buf); n != 0 || err != nil {
				return fmt.Errorf("got %d, %w", n, err)
			}
		}
	}
	return exchange(ctx, p.a, p.b)
}

func ownBuffers(ctx context.Context, p *pair) error {
	return together(ctx,
		func(ctx context.Context) error {
			buf := make([]byte, 100)
			for i := range 50 {
				fill(buf, byte(i))
				if err := send(ctx, p.a, buf); err != nil {
					return err
				}
				fill(buf, 0xff) // which the peer must not see
			}
			return nil
		},
		func(ctx context.Context) error {
			want := make([]byte, 100)
			for i := range 50 {
				fill(want, byte(i))
				if err := expect(ctx, p.b, want); err != nil {
					return fmt.Errorf("message %d: %w", i, err)
				}
			}
			return nil
		})
}

func fill(p []byte, b byte) {
	for i := range p {
		p[i] = b
	}
}

func manyStreams(ctx context.Context, p *pair) error {
	return asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
		for i := range 64 {
			g.Go(func(ctx context.Context) error {
				a, b, err := p.open(ctx)
				if err != nil {
					return err
				}
				defer a.Close()
				defer b.Close()
				data := pattern(1000+i, uint64(100+i))
				return together(ctx,
					func(ctx context.Context) error { return send(ctx, a, data) },
					func(ctx context.Context) error { return expect(ctx, b, data) },
					func(ctx context.Context) error { return send(ctx, b, data[i:]) },
					func(ctx context.Context) error { return expect(ctx, a, data[i:]) })
			})
		}
		return nil
	})
}
