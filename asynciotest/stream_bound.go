package asynciotest

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/goasyncio/asyncio"
)

// boundCases are about memory: what is on the way is bounded, and a writer waits for
// its peer (rule N2).
var boundCases = []streamCase{
	{"a writer whose peer does not read waits, and the memory stays bounded", Packets, backpressure},
	{"a writer goes on as soon as its peer reads again", Packets, writerGoesOn},
}

// maxHeld is more than the systems' buffers and less than no bound.
const maxHeld = 24 << 20

func backpressure(ctx context.Context, p *pair) error {
	var before, after runtime.MemStats
	chunk, sent := make([]byte, 64<<10), 0
	writer := asyncio.Go(ctx, func(ctx context.Context) error {
		for sent <= maxHeld {
			n, err := p.a.WriteContext(ctx, chunk)
			if sent += n; err != nil {
				return err
			}
		}
		return nil
	})
	runtime.GC()
	runtime.ReadMemStats(&before)
	if err := settle(ctx, &sent); err != nil {
		return err
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); sent > maxHeld || grown > maxHeld {
		return fmt.Errorf("%d bytes are on the way, the heap has grown by %d", sent, grown)
	}
	if writer.Done() {
		return fmt.Errorf("the writer has ended after %d bytes: %w", sent, writer.Err())
	}
	writer.Cancel(errSuite)
	if _, err := writer.Join(ctx); !errors.Is(err, asyncio.ErrTaskCancelled) {
		return err
	}
	return nil
}

// settle waits until n has stopped growing.
func settle(ctx context.Context, n *int) error {
	for before := -1; *n != before; {
		before = *n
		for range 10 {
			if err := WaitIdle(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func writerGoesOn(ctx context.Context, p *pair) error {
	data := flood()[:8<<20]
	write, err := begin(ctx, p.a.WriteContext, data)
	if err != nil {
		return err
	}
	for at := 0; at < len(data); at += 1 << 20 { // with pauses
		if err := expect(ctx, p.b, data[at:at+1<<20]); err != nil {
			return err
		}
		if err := WaitIdle(ctx); err != nil {
			return err
		}
	}
	got, err := write.Await(ctx)
	return errors.Join(err, got.err)
}
