package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// sending starts a task that sends v.
func sending[T any](ctx context.Context, s *asyncio.Sender[T], v T) *asyncio.Task[struct{}] {
	return asyncio.Go(ctx, func(ctx context.Context) error { return s.Send(ctx, v) })
}

// mustSend sends each value without waiting.
func mustSend[T any](t testing.TB, s *asyncio.Sender[T], values ...T) {
	t.Helper()
	for _, v := range values {
		if err := s.TrySend(v); err != nil {
			t.Errorf("TrySend(%v): %v", v, err)
		}
	}
}

// received takes whatever can be taken without waiting.
func received[T any](r *asyncio.Receiver[T]) []T {
	var all []T
	for {
		v, err := r.TryReceive()
		if err != nil {
			return all
		}
		all = append(all, v)
	}
}

func TestT09_RendezvousSendWaitsForItsReceiver(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		s, r := asyncio.NewChannel[string](0)
		wantError(t, s.TrySend("nobody waits"), asyncio.ErrWouldBlock)
		sender := sending(ctx, s, "v")
		inRounds(ctx, t, 3)
		if sender.Done() {
			t.Error("Send ended without a receiver")
		}
		if v, err := r.Receive(ctx); err != nil || v != "v" {
			t.Errorf("Receive = (%q, %v), want v", v, err)
		}
		inRounds(ctx, t, 1)
		if !sender.Done() || sender.Err() != nil {
			t.Errorf("sent: %v (%v), want true", sender.Done(), sender.Err())
		}
	})
}

func TestRendezvousWithAWaitingReceiverDoesNotWait(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		s, r := asyncio.NewChannel[int](0)
		receiver := asyncio.CreateTask(ctx, r.Receive)
		inRounds(ctx, t, 1)
		mustSend(t, s, 1)
		wantError(t, s.TrySend(2), asyncio.ErrWouldBlock) // one receiver, one value
		_, err := r.TryReceive()
		wantError(t, err, asyncio.ErrWouldBlock) // it is spoken for
		inRounds(ctx, t, 1)
		wantResult(t, receiver, 1)
	})
}

func TestT11_ReceiversAreServedInTheOrderTheyCame(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		s, r := asyncio.NewChannel[string](0)
		var got []string
		for i := range 3 {
			asyncio.Go(ctx, func(ctx context.Context) error {
				v, err := r.Receive(ctx)
				got = append(got, fmt.Sprint(i, v))
				return err
			})
		}
		inRounds(ctx, t, 1)
		mustSend(t, s, "a", "b", "c")
		inRounds(ctx, t, 1)
		if want := []string{"0a", "1b", "2c"}; !slices.Equal(got, want) {
			t.Errorf("served %v, want %v", got, want)
		}
	})
}

func TestASenderThatWaitsServesANewcomerBesideAWokenReceiver(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		s, r := asyncio.NewChannel[int](0)
		woken := asyncio.CreateTask(ctx, r.Receive)
		inRounds(ctx, t, 1)
		sending(ctx, s, 1)
		sending(ctx, s, 2)
		newcomer := asyncio.CreateTask(ctx, func(context.Context) (int, error) { return r.TryReceive() })
		inRounds(ctx, t, 2)
		wantResult(t, newcomer, 1) // values leave in the order they came
		wantResult(t, woken, 2)
	})
}

func TestSendersAreServedInTheOrderTheyCame(t *testing.T) {
	for _, capacity := range []int{0, 1, 2} {
		t.Run(fmt.Sprintf("capacity %d", capacity), func(t *testing.T) {
			asynciotest.Run(t, func(ctx context.Context) {
				s, r := asyncio.NewChannel[int](capacity)
				for v := range 5 {
					sending(ctx, s, v)
				}
				inRounds(ctx, t, 1)
				if got := s.Stats(); got.Len != capacity || got.Sending != 5-capacity {
					t.Errorf("%d values buffered, %d senders wait; want %d, %d", got.Len, got.Sending, capacity, 5-capacity)
				}
				if got := received(r); !slices.Equal(got, []int{0, 1, 2, 3, 4}) {
					t.Errorf("received %v", got)
				}
			})
		})
	}
}

func TestChannelTellsWhatItHolds(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		s, r := asyncio.NewChannel[int](1)
		r.Clone()
		receiver := asyncio.CreateTask(ctx, r.Receive)
		inRounds(ctx, t, 1)
		want := asyncio.ChannelStats{Cap: 1, Senders: 1, Receivers: 2, Receiving: 1}
		if got := r.Stats(); got != want {
			t.Errorf("with a receiver: %+v, want %+v", got, want)
		}
		mustSend(t, s, 1, 2)
		sending(ctx, s, 3)
		inRounds(ctx, t, 1)
		want = asyncio.ChannelStats{Len: 1, Cap: 1, Senders: 1, Receivers: 2, Sending: 1}
		if got := s.Stats(); got != want {
			t.Errorf("with a sender: %+v, want %+v", got, want)
		}
		wantResult(t, receiver, 1)
		received(r)
	})
}

func TestChannelCapacity(t *testing.T) {
	wantPanic(t, "NewChannel(-1)", func() { asyncio.NewChannel[int](-1) })
	s, r := asyncio.NewChannel[int](asyncio.Unbounded)
	for v := range 1000 {
		mustSend(t, s, v)
	}
	if got := received(r); len(got) != 1000 || got[999] != 999 {
		t.Errorf("received %d values", len(got))
	}
	if _, err := r.TryReceive(); !errors.Is(err, asyncio.ErrWouldBlock) {
		t.Errorf("TryReceive of an empty channel: %v", err)
	}
}
