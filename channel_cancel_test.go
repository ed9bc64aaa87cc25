package asyncio_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestACancelledSendHasNotSent(t *testing.T) {
	for _, capacity := range []int{0, 1} {
		t.Run(fmt.Sprintf("capacity %d", capacity), func(t *testing.T) {
			asynciotest.Run(t, func(ctx context.Context) {
				s, r := asyncio.NewChannel[string](capacity)
				if capacity > 0 {
					mustSend(t, s, "fills it")
				}
				gone, stays := sending(ctx, s, "gone"), sending(ctx, s, "stays")
				inRounds(ctx, t, 1)
				gone.Cancel(nil)
				got := received(r) // before the cancelled task has run
				if want := []string{"fills it", "stays"}[1-capacity:]; !slices.Equal(got, want) {
					t.Errorf("received %v, want %v", got, want)
				}
				inRounds(ctx, t, 1)
				if !gone.Cancelled() || stays.Err() != nil || !stays.Done() {
					t.Errorf("cancelled %v, the other sent %v (%v)", gone.Cancelled(), stays.Done(), stays.Err())
				}
			})
		})
	}
	t.Run("a send whose value was taken before the cancellation has sent", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			s, r := asyncio.NewChannel[int](0)
			sender := sending(ctx, s, 1)
			inRounds(ctx, t, 1)
			if got := received(r); !slices.Equal(got, []int{1}) {
				t.Errorf("received %v, want [1]", got)
			}
			sender.Cancel(nil)
			inRounds(ctx, t, 1)
			wantResult(t, sender, struct{}{})
		})
	})
}

func TestB2_ChannelReceiverIsCancelledBeforeItTakesItsValue(t *testing.T) {
	t.Run("the value goes to the next receiver", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			s, r := asyncio.NewChannel[int](0)
			first, second := asyncio.CreateTask(ctx, r.Receive), asyncio.CreateTask(ctx, r.Receive)
			inRounds(ctx, t, 1)
			mustSend(t, s, 1)
			first.Cancel(nil)
			inRounds(ctx, t, 2)
			if !first.Cancelled() {
				t.Error("the first receiver was not cancelled")
			}
			wantResult(t, second, 1)
		})
	})
	t.Run("the receiver is cancelled first: the value never was its", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			s, r := asyncio.NewChannel[int](0)
			first, second := asyncio.CreateTask(ctx, r.Receive), asyncio.CreateTask(ctx, r.Receive)
			inRounds(ctx, t, 1)
			first.Cancel(nil)
			mustSend(t, s, 1)
			inRounds(ctx, t, 1)
			wantResult(t, second, 1)
		})
	})
	t.Run("with nobody else the values stay, in order, before later ones", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			s, r := asyncio.NewChannel[int](0)
			a, b := asyncio.CreateTask(ctx, r.Receive), asyncio.CreateTask(ctx, r.Receive)
			inRounds(ctx, t, 1)
			mustSend(t, s, 1, 2)
			a.Cancel(nil)
			b.Cancel(nil)
			inRounds(ctx, t, 1)
			third := sending(ctx, s, 3)
			inRounds(ctx, t, 1)
			first, err := r.TryReceive()
			if err != nil || first != 1 || s.Stats().Sending != 1 {
				t.Errorf("received (%d, %v), %d senders wait; want 1 and 1", first, err, s.Stats().Sending)
			}
			if got := received(r); !slices.Equal(got, []int{2, 3}) {
				t.Errorf("then %v, want [2 3]", got)
			}
			inRounds(ctx, t, 1)
			wantResult(t, third, struct{}{})
		})
	})
	t.Run("after the last sender the value goes to who asked later", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			s, r := asyncio.NewChannel[int](0)
			first := asyncio.CreateTask(ctx, r.Receive)
			inRounds(ctx, t, 1)
			mustSend(t, s, 1)
			s.Close()
			late := asyncio.CreateTask(ctx, r.Receive)
			first.Cancel(nil)
			inRounds(ctx, t, 2)
			wantResult(t, late, 1)
		})
	})
}

func TestChannelWaitsRefuseAnEndedContext(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		s, r := asyncio.NewChannel[int](2)
		mustSend(t, s, 1)
		ended, cancel := asyncio.WithCancel(ctx)
		cancel(nil)
		wantError(t, s.Send(ended, 2), context.Canceled)
		_, err := r.Receive(ended)
		wantError(t, err, context.Canceled)
		if got := received(r); !slices.Equal(got, []int{1}) {
			t.Errorf("the channel held %v, want what it held before", got)
		}
	})
}

func TestSendersBeforeAndBehindACancelledOneKeepTheirPlaces(t *testing.T) {
	for cancelled := range 3 {
		asynciotest.Run(t, func(ctx context.Context) {
			s, r := asyncio.NewChannel[int](0)
			var senders []*asyncio.Task[struct{}]
			var want []int
			for v := range 3 {
				senders = append(senders, sending(ctx, s, v))
				if v != cancelled {
					want = append(want, v)
				}
			}
			inRounds(ctx, t, 1)
			senders[cancelled].Cancel(nil)
			inRounds(ctx, t, 1)
			sending(ctx, s, 3)
			inRounds(ctx, t, 1)
			if got := received(r); !slices.Equal(got, append(want, 3)) {
				t.Errorf("with number %d cancelled, received %v, want %v", cancelled, got, append(want, 3))
			}
		})
	}
}

func TestSendsUnderTimeoutsLeaveNothingBehind(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		s, _ := asyncio.NewChannel[int](0)
		for v := range 100 {
			short, timeout := asyncio.WithTimeout(ctx, time.Second)
			wantError(t, s.Send(short, v), context.DeadlineExceeded)
			timeout.Cancel()
		}
		if got := s.Stats(); got.Sending != 0 || got.Len != 0 {
			t.Errorf("%+v, want nobody and nothing in it", got)
		}
	})
}

func TestB2_AfterTheLastReceiverTheValueOfACancelledOneIsDropped(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		s, r := asyncio.NewChannel[int](0)
		first := asyncio.CreateTask(ctx, r.Receive)
		inRounds(ctx, t, 1)
		mustSend(t, s, 1)
		r.Close()
		first.Cancel(nil)
		inRounds(ctx, t, 1)
		if got := s.Stats().Len; got != 0 {
			t.Errorf("%d values are kept that nobody can receive", got)
		}
	})
}
