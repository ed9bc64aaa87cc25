package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// refSubscriber says what a subscription must do.
type refSubscriber struct {
	next   int
	closed bool
}

// refBroadcast says what a broadcast must do: it keeps everything that was ever sent.
type refBroadcast struct {
	refWorld
	capacity int
	sent     []int
	subs     [3]refSubscriber
	waiting  []*refTask
	closed   bool
}

func (b *refBroadcast) try(s *refSubscriber) string {
	if s.closed {
		return "closed"
	}
	if missed := len(b.sent) - b.capacity - s.next; missed > 0 {
		s.next += missed
		return (&asyncio.LaggedError{Missed: uint64(missed)}).Error()
	}
	if s.next < len(b.sent) {
		s.next++
		return fmt.Sprint(b.sent[s.next-1])
	}
	if b.closed {
		return "EOF"
	}
	return "would block"
}

func (b *refBroadcast) startReceive(s *refSubscriber) {
	var attempt func(task *refTask)
	attempt = func(task *refTask) {
		if task.cancelled {
			b.finish(task, "cancelled")
		} else if outcome := b.try(s); outcome != "would block" {
			b.finish(task, outcome)
		} else {
			b.park(task, &b.waiting, attempt)
		}
	}
	b.start(attempt)
}

func (b *refBroadcast) wakeAll() {
	for b.call(&b.waiting) != nil {
	}
}

func FuzzBroadcast(f *testing.F) {
	addRandomScripts(f)
	f.Add([]byte{0, 0, 8, 7, 1, 7, 2, 7})
	f.Add([]byte{1, 1, 1, 1, 3, 3, 3, 11, 0, 7, 1, 7}) // a lag
	f.Add([]byte{2, 0, 0, 8, 7, 1, 2, 7, 5, 0, 7})     // a cancelled receiver, a closed broadcast
	f.Add([]byte{2, 0, 8, 16, 7, 4, 7, 1, 12, 7})      // closed subscriptions
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) == 0 || len(script) > 400 {
			return
		}
		capacity := int(script[0])%4 + 1
		asynciotest.Run(t, func(ctx context.Context) { fuzzBroadcast(ctx, t, capacity, script[1:]) })
	})
}

func fuzzBroadcast(ctx context.Context, t *testing.T, capacity int, script []byte) {
	b, real := asyncio.NewBroadcast[int](capacity), new(realWorld)
	ref := &refBroadcast{capacity: capacity}
	subs := [3]*asyncio.Subscription[int]{b.Subscribe(), b.Subscribe(), b.Subscribe()}
	for v, op := range script {
		i := int(op) / 8 % len(subs)
		switch op % 8 {
		case 0:
			real.start(ctx, func(ctx context.Context) (any, error) { return subs[i].Receive(ctx) })
			ref.startReceive(&ref.subs[i])
		case 1:
			if err := b.Send(v); errors.Is(err, io.ErrClosedPipe) != ref.closed {
				t.Fatalf("Send: %v", err)
			}
			ref.send(v)
		case 2:
			cancelBoth(real, &ref.refWorld, int(op)/8)
		case 3:
			if got, want := outcomeOf(subs[i].TryReceive()), ref.try(&ref.subs[i]); got != want {
				t.Fatalf("TryReceive: %s, want %s", got, want)
			}
		case 4:
			subs[i].Close()
			ref.closeSubscription(&ref.subs[i])
		case 5:
			b.Close()
			ref.closed = true
			ref.wakeAll()
		default:
			roundInBoth(ctx, t, real, &ref.refWorld)
		}
		if got := b.Stats(); got.Waiting != len(ref.waiting) || got.Sent != uint64(len(ref.sent)) {
			t.Fatalf("%+v, want %d waiting, %d sent", got, len(ref.waiting), len(ref.sent))
		}
	}
	finishBoth(ctx, t, real, &ref.refWorld)
}

func (b *refBroadcast) send(v int) {
	if all := b.subs; b.closed || (all[0].closed && all[1].closed && all[2].closed) {
		return
	}
	b.sent = append(b.sent, v)
	b.wakeAll()
}

func (b *refBroadcast) closeSubscription(s *refSubscriber) {
	if !s.closed {
		s.closed = true
		b.wakeAll()
	}
}
