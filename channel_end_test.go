package asyncio_test

import (
	"context"
	"io"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

func TestT10_AnEndThatIsClosedRefuses(t *testing.T) {
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
}

func TestT10_ReceiversGetWhatIsLeftAfterTheLastSenderThenEOF(t *testing.T) {
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
}

func TestT10_ReceiversThatWaitGetEOFWithTheLastSender(t *testing.T) {
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
}

func TestT10_SendersGetErrBrokenChannelAfterTheLastReceiver(t *testing.T) {
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
}

func TestT10_ClosingAnEndEndsItsOwnWaitsOnly(t *testing.T) {
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
}

func TestT10_AValueThatAWokenReceiverIsAboutToTakeStaysForIt(t *testing.T) {
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
}

func TestT10_AClosedEndCannotBeCloned(t *testing.T) {
	s, r := asyncio.NewChannel[int](1)
	s.Close()
	r.Close()
	wantPanic(t, "Clone of a closed Sender", func() { s.Clone() })
	wantPanic(t, "Clone of a closed Receiver", func() { r.Clone() })
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
