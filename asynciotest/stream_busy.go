package asynciotest

import (
	"context"
	"errors"
	"fmt"

	"github.com/goasyncio/asyncio"
)

// busyCases are about several tasks at one stream, and beside it.
var busyCases = []streamCase{
	{"a second reader gets ErrBusy, and the first its data", 0, secondReader},
	{"a second writer gets ErrBusy, and the first goes on", Packets, secondWriter},
	{"a reader and a writer do not disturb each other", 0, readerAndWriter},
	{"a fast peer does not keep other tasks from running", Packets, fairness},
	{"after the end of its loop a stream can be closed, and waits refuse", VirtualTime, afterTheLoop},
}

func secondReader(ctx context.Context, p *pair) error {
	first := make([]byte, 3)
	read, err := begin(ctx, p.b.ReadContext, first)
	if err != nil {
		return err
	}
	for _, f := range []countedWait{p.b.ReadContext, plain(p.b.Read)} {
		if n, err := f(ctx, make([]byte, 3)); n != 0 || !errors.Is(err, asyncio.ErrBusy) {
			return fmt.Errorf("a second reader: %d, %v; want ErrBusy", n, err)
		}
	}
	if err := send(ctx, p.a, []byte("abc")); err != nil {
		return err
	}
	got, err := read.Await(ctx)
	return errors.Join(err, got.err, same(first[:got.n], []byte("abc")[:got.n]))
}

func secondWriter(ctx context.Context, p *pair) error {
	write, err := begin(ctx, p.a.WriteContext, flood())
	if err != nil {
		return err
	}
	for _, f := range []countedWait{p.a.WriteContext, plain(p.a.Write)} {
		if n, err := f(ctx, []byte("between")); n != 0 || !errors.Is(err, asyncio.ErrBusy) {
			return fmt.Errorf("a second writer: %d, %v; want ErrBusy", n, err)
		}
	}
	if err := expect(ctx, p.b, flood()); err != nil {
		return err
	}
	got, err := write.Await(ctx)
	return errors.Join(err, got.err)
}

func readerAndWriter(ctx context.Context, p *pair) error {
	read, err := begin(ctx, p.a.ReadContext, make([]byte, 10))
	if err != nil {
		return err
	}
	err = together(ctx,
		func(ctx context.Context) error { return send(ctx, p.a, []byte("to b")) },
		func(ctx context.Context) error { return expect(ctx, p.b, []byte("to b")) })
	if err != nil {
		return err
	}
	if err := send(ctx, p.b, []byte("to a")); err != nil {
		return err
	}
	got, err := read.Await(ctx)
	return errors.Join(err, got.err)
}

// unfair is how much may go through a stream while another task that is ready does
// not run: four times the 256 KiB after which an operation gives way.
const unfair = 1 << 20

func fairness(ctx context.Context, p *pair) error {
	const total = 16 << 20
	moved, seen, worst := 0, 0, 0
	other := asyncio.Go(ctx, func(ctx context.Context) error {
		for {
			worst, seen = max(worst, moved-seen), moved
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
		}
	})
	err := together(ctx,
		func(ctx context.Context) error { return send(ctx, p.a, flood()[:total]) },
		func(ctx context.Context) error {
			buf := make([]byte, 64<<10)
			for moved < total {
				n, err := p.b.ReadContext(ctx, buf)
				if err != nil {
					return err
				}
				moved += n
			}
			return nil
		})
	other.Cancel(nil)
	if _, stopped := other.Join(ctx); !errors.Is(stopped, asyncio.ErrTaskCancelled) {
		return errors.Join(err, stopped)
	}
	if err == nil && worst > unfair {
		err = fmt.Errorf("%d bytes went by while another task was ready and did not run", worst)
	}
	return err
}

// afterTheLoop runs a loop of its own, on another goroutine, to outlive it.
func afterTheLoop(ctx context.Context, p *pair) error {
	_, err := asyncio.ToThread(ctx, func(context.Context) (none struct{}, err error) {
		var a, b Stream
		err = asyncio.Run(context.Background(), func(ctx context.Context) (err error) {
			a, b, err = p.open(ctx)
			return err
		})
		if err != nil {
			return none, err
		}
		if _, failed := a.Read(make([]byte, 1)); failed == nil {
			err = errors.New("a Read after the end of its loop has succeeded")
		}
		return none, errors.Join(err, again(a.Close()), again(b.Close()), again(b.Close()))
	})
	return err
}
