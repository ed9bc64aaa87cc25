package asyncio_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// broadcastAll sends each value.
func broadcastAll[T any](t testing.TB, b *asyncio.Broadcast[T], values ...T) {
	t.Helper()
	for _, v := range values {
		if err := b.Send(v); err != nil {
			t.Errorf("Send(%v): %v", v, err)
		}
	}
}

// unseen takes from a subscription what can be taken without waiting.
func unseen[T any](s *asyncio.Subscription[T]) []T {
	var all []T
	for {
		v, err := s.TryReceive()
		if err != nil {
			return all
		}
		all = append(all, v)
	}
}

func TestBroadcastReachesEverySubscriber(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		b := asyncio.NewBroadcast[int](4)
		early := b.Subscribe()
		broadcastAll(t, b, 1)
		late := b.Subscribe()
		broadcastAll(t, b, 2, 3)
		if early.Len() != 3 || late.Len() != 2 {
			t.Errorf("unseen: %d and %d, want 3 and 2", early.Len(), late.Len())
		}
		if got := unseen(early); !slices.Equal(got, []int{1, 2, 3}) {
			t.Errorf("the early subscriber got %v, want [1 2 3]", got)
		}
		if got := unseen(late); !slices.Equal(got, []int{2, 3}) {
			t.Errorf("the late subscriber got %v, want what came after it subscribed", got)
		}
	})
}

func TestBroadcastWakesWaitersInTheOrderTheyCame(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		b := asyncio.NewBroadcast[string](1)
		var order []int
		for i := range 3 {
			s := b.Subscribe()
			asyncio.Go(ctx, func(ctx context.Context) error {
				v, err := s.Receive(ctx)
				if v == "v" {
					order = append(order, i)
				}
				return err
			})
		}
		inRounds(ctx, t, 1)
		if got := b.Stats(); got != (asyncio.BroadcastStats{Subscribers: 3, Waiting: 3}) {
			t.Errorf("%+v, want 3 subscribers that wait", got)
		}
		broadcastAll(t, b, "v")
		inRounds(ctx, t, 1)
		if !slices.Equal(order, []int{0, 1, 2}) {
			t.Errorf("received in the order %v", order)
		}
	})
}

func TestASlowSubscriberIsToldWhatItMissed(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		b := asyncio.NewBroadcast[int](2)
		slow, fast := b.Subscribe(), b.Subscribe()
		for v := range 5 {
			broadcastAll(t, b, v)
			if got := unseen(fast); !slices.Equal(got, []int{v}) {
				t.Errorf("the fast subscriber got %v, want [%d]", got, v)
			}
		}
		if slow.Len() != 2 {
			t.Errorf("%d values can be received, want the 2 that are kept", slow.Len())
		}
		_, err := slow.Receive(ctx)
		var lagged *asyncio.LaggedError
		if !errors.As(err, &lagged) || lagged.Missed != 3 {
			t.Errorf("error %v, want 3 values missed", err)
		}
		if got := unseen(slow); !slices.Equal(got, []int{3, 4}) {
			t.Errorf("then it got %v, want the oldest kept, [3 4]", got)
		}
	})
}

func TestAWokenSubscriberThatIsOverrunIsTold(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		b := asyncio.NewBroadcast[int](1)
		receiver := asyncio.CreateTask(ctx, b.Subscribe().Receive)
		inRounds(ctx, t, 1)
		broadcastAll(t, b, 1, 2, 3)
		inRounds(ctx, t, 1)
		var lagged *asyncio.LaggedError
		if err := receiver.Err(); !errors.As(err, &lagged) || lagged.Missed != 2 {
			t.Errorf("error %v, want 2 values missed", err)
		}
	})
}

func TestACancelledReceiveOfASubscriptionTakesNothing(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		b := asyncio.NewBroadcast[int](2)
		s := b.Subscribe()
		receiver := asyncio.CreateTask(ctx, s.Receive)
		inRounds(ctx, t, 1)
		broadcastAll(t, b, 1)
		receiver.Cancel(nil)
		inRounds(ctx, t, 1)
		if got := unseen(s); !receiver.Cancelled() || !slices.Equal(got, []int{1}) {
			t.Errorf("cancelled %v, then got %v; want true, [1]", receiver.Cancelled(), got)
		}
		ended, cancel := asyncio.WithCancel(ctx)
		cancel(nil)
		broadcastAll(t, b, 2)
		_, err := s.Receive(ended)
		wantError(t, err, context.Canceled)
	})
}

func TestHowABroadcastEnds(t *testing.T) {
	t.Run("subscribers get what they have not seen, then EOF", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			b := asyncio.NewBroadcast[int](2)
			s := b.Subscribe()
			broadcastAll(t, b, 1)
			b.Close()
			b.Close()
			wantError(t, b.Send(2), io.ErrClosedPipe)
			if v, err := s.Receive(ctx); err != nil || v != 1 {
				t.Errorf("Receive = (%d, %v), want 1", v, err)
			}
			_, err := s.Receive(ctx)
			wantError(t, err, io.EOF)
			_, err = b.Subscribe().TryReceive()
			wantError(t, err, io.EOF)
		})
	})
	t.Run("subscribers that wait are woken", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			b := asyncio.NewBroadcast[int](2)
			receiver := asyncio.CreateTask(ctx, b.Subscribe().Receive)
			inRounds(ctx, t, 1)
			b.Close()
			inRounds(ctx, t, 1)
			wantError(t, receiver.Err(), io.EOF)
		})
	})
	t.Run("closing a subscription ends its own waits only", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			b := asyncio.NewBroadcast[int](2)
			mine, others := b.Subscribe(), b.Subscribe()
			a, z := asyncio.CreateTask(ctx, mine.Receive), asyncio.CreateTask(ctx, others.Receive)
			inRounds(ctx, t, 1)
			mine.Close()
			mine.Close()
			inRounds(ctx, t, 1)
			wantError(t, a.Err(), io.ErrClosedPipe)
			if got := b.Stats(); got.Subscribers != 1 || got.Waiting != 1 {
				t.Errorf("%+v, want one subscriber that waits", got)
			}
			broadcastAll(t, b, 1)
			inRounds(ctx, t, 1)
			wantResult(t, z, 1)
		})
	})
}

func TestABroadcastWithoutSubscribersDropsTheValue(t *testing.T) {
	b := asyncio.NewBroadcast[int](2)
	broadcastAll(t, b, 1)
	s := b.Subscribe()
	if got := unseen(s); got != nil || b.Stats().Sent != 0 {
		t.Errorf("a later subscriber got %v", got)
	}
	_, err := s.TryReceive()
	wantError(t, err, asyncio.ErrWouldBlock)
}

func TestSubscriptionAllGoesOnAfterALag(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		b := asyncio.NewBroadcast[int](2)
		s := b.Subscribe()
		broadcastAll(t, b, 1, 2, 3)
		b.Close()
		var values []int
		var lags []error
		for v, err := range s.All(ctx) {
			if err != nil {
				lags = append(lags, err)
				continue
			}
			values = append(values, v)
		}
		if !slices.Equal(values, []int{2, 3}) || len(lags) != 1 {
			t.Errorf("values %v, lags %v; want [2 3] and one lag", values, lags)
		}
		broken := 0
		for range b.Subscribe().All(ctx) {
			broken++
		}
		if broken != 0 {
			t.Errorf("%d values from a closed broadcast", broken)
		}
	})
}

func TestTwoTasksOfOneSubscriptionShareItsValues(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		b := asyncio.NewBroadcast[int](2)
		s := b.Subscribe()
		first, second := asyncio.CreateTask(ctx, s.Receive), asyncio.CreateTask(ctx, s.Receive)
		inRounds(ctx, t, 1)
		broadcastAll(t, b, 1)
		inRounds(ctx, t, 1)
		broadcastAll(t, b, 2)
		inRounds(ctx, t, 1)
		wantResult(t, first, 1)
		wantResult(t, second, 2)
	})
}

func TestBroadcastCapacity(t *testing.T) {
	wantPanic(t, "NewBroadcast(0)", func() { asyncio.NewBroadcast[int](0) })
}
