package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

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

func TestT10_HowAChannelEnds(t *testing.T) {
	t.Run("an end that is closed refuses", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			s, r := asyncio.NewChannel[int](1)
			s.Close()
			s.Close()
			wantError(t, s.Send(ctx, 1), io.ErrClosedPipe)
			wantError(t, s.TrySend(1), io.ErrClosedPipe)
			r.Close()
			r.Close()
			_, err := r.Receive(ctx)
			wantError(t, err, io.ErrClosedPipe)
			_, err = r.TryReceive()
			wantError(t, err, io.ErrClosedPipe)
		})
	})
	t.Run("receivers get what is left after the last sender, then EOF", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			s, r := asyncio.NewChannel[int](2)
			other := s.Clone()
			mustSend(t, s, 1)
			s.Close()
			mustSend(t, other, 2)
			other.Close()
			for want := 1; want <= 2; want++ {
				if v, err := r.Receive(ctx); err != nil || v != want {
					t.Errorf("Receive = (%d, %v), want %d", v, err, want)
				}
			}
			_, err := r.Receive(ctx)
			wantError(t, err, io.EOF)
			_, err = r.TryReceive()
			wantError(t, err, io.EOF)
		})
	})
	t.Run("receivers that wait get EOF with the last sender", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			s, r := asyncio.NewChannel[int](0)
			other := s.Clone()
			a, b := asyncio.CreateTask(ctx, r.Receive), asyncio.CreateTask(ctx, r.Receive)
			inRounds(ctx, t, 1)
			s.Close()
			inRounds(ctx, t, 1)
			if a.Done() || b.Done() {
				t.Error("a receiver ended although a sender is open")
			}
			other.Close()
			inRounds(ctx, t, 1)
			wantError(t, a.Err(), io.EOF)
			wantError(t, b.Err(), io.EOF)
		})
	})
	t.Run("senders get ErrBrokenChannel after the last receiver", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			s, r := asyncio.NewChannel[int](1)
			other := r.Clone()
			mustSend(t, s, 1)
			blocked := sending(ctx, s, 2)
			inRounds(ctx, t, 1)
			r.Close()
			inRounds(ctx, t, 1)
			if blocked.Done() {
				t.Error("a send ended although a receiver is open")
			}
			other.Close()
			inRounds(ctx, t, 1)
			wantError(t, blocked.Err(), asyncio.ErrBrokenChannel)
			wantError(t, s.Send(ctx, 3), asyncio.ErrBrokenChannel)
			if n := s.Stats().Len; n != 0 {
				t.Errorf("%d values are kept that nobody can receive", n)
			}
		})
	})
	t.Run("closing an end ends its own waits only", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			s, r := asyncio.NewChannel[int](0)
			s2, r2 := s.Clone(), r.Clone()
			mine, others := asyncio.CreateTask(ctx, r.Receive), asyncio.CreateTask(ctx, r2.Receive)
			inRounds(ctx, t, 1)
			r.Close()
			mustSend(t, s, 7)
			inRounds(ctx, t, 1)
			wantError(t, mine.Err(), io.ErrClosedPipe)
			wantResult(t, others, 7)

			first, second := sending(ctx, s, 1), sending(ctx, s2, 2)
			inRounds(ctx, t, 1)
			s.Close()
			inRounds(ctx, t, 1)
			wantError(t, first.Err(), io.ErrClosedPipe)
			if got := received(r2); !slices.Equal(got, []int{2}) {
				t.Errorf("received %v, want the other sender's [2]", got)
			}
			inRounds(ctx, t, 1)
			wantResult(t, second, struct{}{})
		})
	})
	t.Run("a value that a woken receiver is about to take stays for it", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			s, r := asyncio.NewChannel[int](1)
			receiver := asyncio.CreateTask(ctx, r.Receive)
			inRounds(ctx, t, 1)
			mustSend(t, s, 1, 2)
			r.Close()
			inRounds(ctx, t, 1)
			wantResult(t, receiver, 1)
			if n := s.Stats().Len; n != 0 {
				t.Errorf("%d values left, want 0", n)
			}
		})
	})
	t.Run("a closed end cannot be cloned", func(t *testing.T) {
		s, r := asyncio.NewChannel[int](1)
		s.Close()
		r.Close()
		wantPanic(t, "Clone of a closed Sender", func() { s.Clone() })
		wantPanic(t, "Clone of a closed Receiver", func() { r.Clone() })
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
	t.Run("those before and behind a cancelled one keep their places", func(t *testing.T) {
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
	})
	t.Run("sends under timeouts leave nothing behind", func(t *testing.T) {
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
	t.Run("after the last receiver the value is dropped", func(t *testing.T) {
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
	})
}

func TestAReceiveThatComesLateEndsWithTheLastValue(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		s, r := asyncio.NewChannel[int](0)
		first := asyncio.CreateTask(ctx, r.Receive)
		inRounds(ctx, t, 1)
		mustSend(t, s, 1)
		s.Close()
		_, err := r.Receive(ctx)
		wantError(t, err, io.EOF)
		wantResult(t, first, 1)
	})
}

func TestReceiverAllEndsWithTheChannel(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		s, r := asyncio.NewChannel[int](0)
		for producer := range 3 {
			mine := s.Clone()
			asyncio.Go(ctx, func(ctx context.Context) error {
				defer mine.Close()
				for range 4 {
					if err := mine.Send(ctx, producer); err != nil {
						return err
					}
				}
				return nil
			})
		}
		s.Close()
		count := map[int]int{}
		for v := range r.All(ctx) {
			count[v]++
		}
		if count[0] != 4 || count[1] != 4 || count[2] != 4 {
			t.Errorf("received %v, want 4 of each of 3 producers", count)
		}
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
