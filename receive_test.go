package asyncio_test

import (
	"context"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestReceive(t *testing.T) {
	scene(t, "takes what is there without suspending, then tells that the channel is closed", func(t *testing.T, ctx context.Context) {
		ch := make(chan int, 1)
		ch <- 5
		close(ch)
		ran := othersRan(ctx, func() {
			v, ok, err := asyncio.Receive(ctx, ch)
			expect(t, "value", []any{v, ok, err}, []any{5, true, nil})
			v, ok, err = asyncio.Receive(ctx, ch)
			expect(t, "closed", []any{v, ok, err}, []any{0, false, nil})
		})
		expect(t, "others ran", ran, false)
	})
	scene(t, "is woken by a close", func(t *testing.T, ctx context.Context) {
		ch := make(chan int)
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			_, ok, err := asyncio.Receive(ctx, ch)
			expect(t, "ok", ok, false)
			return err
		})
		must(t, asynciotest.WaitIdle(ctx))
		close(ch)
		must(t, second(task.Await(ctx)))
	})
	scene(t, "under a context that has ended takes nothing", func(t *testing.T, ctx context.Context) {
		ch := make(chan int, 1)
		ch <- 5
		_, ok, err := asyncio.Receive(ended(ctx), ch)
		expectIs(t, "error", err, context.Canceled)
		expect(t, "ok, left in the channel", []any{ok, len(ch)}, []any{false, 1})
	})
	scene(t, "from a nil channel waits until the context ends", func(t *testing.T, ctx context.Context) {
		var never chan int
		inner, timeout := asyncio.WithTimeout(ctx, time.Hour)
		defer timeout.Cancel()
		_, ok, err := asyncio.Receive(inner, never)
		expectTimeout(t, err)
		expect(t, "ok", ok, false)
	})
	scene(t, "by many gives each value to one of them", func(t *testing.T, ctx context.Context) {
		const n = 50
		ch := make(chan int)
		sum := 0
		must(t, asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
			for range n {
				g.Go(func(ctx context.Context) error {
					v, ok, err := asyncio.Receive(ctx, ch)
					expect(t, "ok", ok, true)
					sum += v
					return err
				})
			}
			go func() {
				for i := range n {
					ch <- i + 1
				}
			}()
			return nil
		}))
		expect(t, "sum", sum, n*(n+1)/2)
	})
}

// A value that comes while the receiver is being cancelled is either still in the
// channel or given to the receiver: the two ways are counted, and nothing is missing.
func TestReceiveLosesNoValueToACancellation(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		const n = 200
		ch, sent := make(chan int), make(chan struct{})
		stop := make(chan struct{})
		total := 0
		go func() {
			defer close(sent)
			for {
				select {
				case ch <- 1:
					total++
				case <-stop:
					return
				}
			}
		}()
		got := 0
		for range n {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				v, _, err := asyncio.Receive(ctx, ch)
				got += v
				return err
			})
			must(t, asyncio.Yield(ctx))
			task.Cancel(errWhy)
			asyncio.Wait(ctx, asyncio.AllCompleted, task)
		}
		close(stop)
		<-sent
		expect(t, "received", got, total)
	})
}
