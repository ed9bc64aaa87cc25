package asyncio_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// queueWaits is every way to wait at the types of this file's neighbours, made so that
// it must wait, with what a report calls it.
func queueWaits() map[string]func(context.Context) error {
	empty, full := asyncio.NewQueue[int](1), asyncio.NewLifoQueue[int](1)
	sorted, unfinished := asyncio.NewPriorityQueue[int](1), asyncio.NewQueue[int](1)
	full.TryPut(1)
	unfinished.TryPut(1)
	s, _ := asyncio.NewChannel[int](0)
	_, r := asyncio.NewChannel[int](0)
	subscription := asyncio.NewBroadcast[int](1).Subscribe()
	watch, watcher, notify := asyncio.NewWatch(1), asyncio.NewWatch(1).Watcher(), new(asyncio.Notify)
	return map[string]func(context.Context) error{
		"Queue.Get":            discard(empty.Get),
		"LifoQueue.Put":        func(ctx context.Context) error { return full.Put(ctx, 1) },
		"PriorityQueue.Get":    discard(sorted.Get),
		"Queue.Join":           unfinished.Join,
		"Sender.Send":          func(ctx context.Context) error { return s.Send(ctx, 1) },
		"Receiver.Receive":     discard(r.Receive),
		"Subscription.Receive": discard(subscription.Receive),
		"Watch":                discard(watcher.Changed),
		"Notify.Wait":          notify.Wait,
		"Watch again": func(ctx context.Context) error {
			_, err := watch.WaitFor(ctx, func(v int) bool { return v > 1 })
			return err
		},
	}
}

// discard drops the value of a wait.
func discard[T any](wait func(context.Context) (T, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := wait(ctx)
		return err
	}
}

func TestE14_QueuesOnTwoLoopsAreRefusedWhileSomebodyWaits(t *testing.T) {
	for name, wait := range queueWaits() {
		t.Run(name, func(t *testing.T) { refusedOnSecondLoop(t, wait) })
	}
}

func TestE14_QueuesMayMoveToAnotherLoopWhenNobodyWaits(t *testing.T) {
	for name, wait := range queueWaits() {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				asynciotest.Run(t, func(ctx context.Context) {
					task := asyncio.Go(ctx, wait)
					inRounds(ctx, t, 1)
					task.Cancel(nil)
					inRounds(ctx, t, 1)
					if !task.Cancelled() {
						t.Errorf("the wait did not end with its cancellation: %v", task.Err())
					}
				})
			}
		})
	}
	t.Run("with the items that are left in it", func(t *testing.T) {
		q := asyncio.NewQueue[int](1)
		asynciotest.Run(t, func(ctx context.Context) { q.Put(ctx, 7) })
		asynciotest.Run(t, func(ctx context.Context) {
			if v, err := q.Get(ctx); err != nil || v != 7 {
				t.Errorf("Get = (%d, %v) on the second loop, want 7", v, err)
			}
		})
	})
}

func TestReportsNameTheQueueOperationThatATaskWaitsIn(t *testing.T) {
	for name, wait := range queueWaits() {
		t.Run(name, func(t *testing.T) {
			err := asyncio.Run(context.Background(), wait)
			name, _, _ := strings.Cut(name, " ")
			if !errors.Is(err, asyncio.ErrDeadlock) || !strings.Contains(err.Error(), name) {
				t.Errorf("Run of a program that waits for ever: %v\nwant a deadlock at %s", err, name)
			}
		})
	}
}

func TestDebugModeRefusesOtherGoroutinesAtQueues(t *testing.T) {
	q := asyncio.NewQueue[int](asyncio.Unbounded)
	s, r := asyncio.NewChannel[int](1)
	b, w, n := asyncio.NewBroadcast[int](1), asyncio.NewWatch(1), new(asyncio.Notify)
	subscription := b.Subscribe()
	calls := map[string]func(){
		"Queue.TryPut":        func() { q.TryPut(1) },
		"Queue.TryGet":        func() { q.TryGet() },
		"Queue.TaskDone":      q.TaskDone,
		"Queue.Shutdown":      func() { q.Shutdown(false) },
		"Sender.TrySend":      func() { s.TrySend(1) },
		"Sender.Close":        s.Close,
		"Receiver.TryReceive": func() { r.TryReceive() },
		"Receiver.Close":      r.Close,
		"Broadcast.Send":      func() { b.Send(1) },
		"Broadcast.Close":     b.Close,
		"Subscription.Close":  subscription.Close,
		"Watch.Set":           func() { w.Set(1) },
		"Watch.Modify":        func() { w.Modify(func(*int) bool { return true }) },
		"Watch.Close":         w.Close,
		"Notify.Notify":       n.Notify,
		"Notify.NotifyAll":    n.NotifyAll,
	}
	asynciotest.Run(t, func(ctx context.Context) {
		useEachOnce(ctx, t, q, s, r, b, subscription, w, n)
		for name, call := range calls {
			refused := make(chan any)
			go func() {
				defer func() { refused <- recover() }()
				call()
			}()
			if err, _ := (<-refused).(error); !errors.Is(err, asyncio.ErrNotInTask) {
				t.Errorf("%s from another goroutine: %v, want ErrNotInTask", name, err)
			}
		}
		q.TaskDone()
	}, asyncio.Debug(true))
}

// useEachOnce lets each of them meet its loop.
func useEachOnce(ctx context.Context, t *testing.T, q *asyncio.Queue[int], s *asyncio.Sender[int], r *asyncio.Receiver[int],
	b *asyncio.Broadcast[int], sub *asyncio.Subscription[int], w *asyncio.Watch[int], n *asyncio.Notify) {
	t.Helper()
	b.Send(1)
	n.Notify()
	_, received := sub.Receive(ctx)
	_, waited := w.WaitFor(ctx, func(int) bool { return true })
	if err := errors.Join(q.Put(ctx, 1), s.Send(ctx, 1), received, waited, n.Wait(ctx)); err != nil {
		t.Error(err)
	}
	r.TryReceive()
}
