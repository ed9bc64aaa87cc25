package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

func TestRWLockStandsInOneLine(t *testing.T) {
	t.Run("readers share it, a writer has it alone", func(t *testing.T) {
		onStage(t, func(s *stage) {
			var l asyncio.RWLock
			s.waiter("r1", l.AcquireRead)
			s.waiter("r2", l.AcquireRead)
			s.waiter("w1", l.AcquireWrite)
			s.saw("r1", "r2")
			l.ReleaseRead()
			s.saw()
			l.ReleaseRead()
			s.saw("w1")
			s.waiter("r3", l.AcquireRead)
			s.waiter("w2", l.AcquireWrite)
			s.saw()
			l.ReleaseWrite()
			s.saw("r3")
			l.ReleaseRead()
			s.saw("w2")
		})
	})
	t.Run("a writer that waits stops later readers", func(t *testing.T) {
		onStage(t, func(s *stage) {
			var l asyncio.RWLock
			s.must(l.AcquireRead(s.ctx))
			s.waiter("writer", l.AcquireWrite)
			s.waiter("later reader", l.AcquireRead)
			s.saw()
			check(t, "TryAcquireRead", l.TryAcquireRead(), false)
			l.ReleaseRead()
			s.saw("writer")
			l.ReleaseWrite()
			s.saw("later reader")
		})
	})
	t.Run("all readers up to the next writer go at once", func(t *testing.T) {
		onStage(t, func(s *stage) {
			var l asyncio.RWLock
			s.must(l.AcquireWrite(s.ctx))
			s.waiter("r1", l.AcquireRead)
			s.waiter("r2", l.AcquireRead)
			s.waiter("w", l.AcquireWrite)
			s.waiter("r3", l.AcquireRead)
			s.settle()
			l.ReleaseWrite()
			s.round()
			s.saw("r1", "r2")
			check(t, "stats", l.Stats(), asyncio.RWLockStats{Readers: 2, Waiting: 2})
		})
	})
	t.Run("a free one does not yield", func(t *testing.T) {
		onStage(t, func(s *stage) {
			var l asyncio.RWLock
			asyncio.CallSoon(s.ctx, func() { s.note("another callback ran") })
			s.must(l.AcquireRead(s.ctx))
			l.ReleaseRead()
			s.must(l.AcquireWrite(s.ctx))
			s.note("acquired")
			s.saw("acquired", "another callback ran")
		})
	})
}

func TestB2_RWLock(t *testing.T) {
	t.Run("writers", func(t *testing.T) {
		handsOn(t, func(s *stage) rivalry {
			l := new(asyncio.RWLock)
			s.must(l.AcquireWrite(s.ctx))
			return rivalry{wait: l.AcquireWrite, free: l.ReleaseWrite}
		})
	})
	t.Run("a writer at the head of the line that is cancelled lets the readers behind it in", func(t *testing.T) {
		onStage(t, func(s *stage) {
			var l asyncio.RWLock
			s.must(l.AcquireRead(s.ctx))
			w := s.waiter("writer", l.AcquireWrite)
			s.waiter("r1", l.AcquireRead)
			s.waiter("r2", l.AcquireRead)
			s.settle()
			w.Cancel(nil)
			s.saw("writer cancelled", "r1", "r2")
			check(t, "stats", l.Stats(), asyncio.RWLockStats{Readers: 3})
		})
	})
	t.Run("a reader that is cancelled when it was handed the lock gives it back", func(t *testing.T) {
		onStage(t, func(s *stage) {
			var l asyncio.RWLock
			s.must(l.AcquireWrite(s.ctx))
			r1 := s.waiter("r1", l.AcquireRead)
			s.waiter("r2", l.AcquireRead)
			s.waiter("writer", l.AcquireWrite)
			s.settle()
			l.ReleaseWrite()
			r1.Cancel(nil)
			s.saw("r1 cancelled", "r2")
			l.ReleaseRead()
			s.saw("writer")
		})
	})
	t.Run("a writer that is cancelled when it was handed the lock lets readers in", func(t *testing.T) {
		onStage(t, func(s *stage) {
			var l asyncio.RWLock
			s.must(l.AcquireRead(s.ctx))
			w := s.waiter("writer", l.AcquireWrite)
			s.waiter("r1", l.AcquireRead)
			s.waiter("r2", l.AcquireRead)
			s.settle()
			l.ReleaseRead()
			w.Cancel(nil)
			s.saw("writer cancelled", "r1", "r2")
		})
	})
}

// Found by fuzzing: a reader that comes between the hand-over to others and their
// next step stands behind them, and must not be left there, because no release may
// follow.
func TestRWLockReaderThatComesDuringAHandOverGoesIn(t *testing.T) {
	onStage(t, func(s *stage) {
		var l asyncio.RWLock
		s.must(l.AcquireWrite(s.ctx))
		s.waiter("waiting", l.AcquireRead)
		s.settle()
		s.waiter("newcomer", l.AcquireRead)
		l.ReleaseWrite()
		s.saw("waiting", "newcomer")
	})
}

func TestRWLockTry(t *testing.T) {
	onStage(t, func(s *stage) {
		var l asyncio.RWLock
		check(t, "first reader", l.TryAcquireRead(), true)
		check(t, "second reader", l.TryAcquireRead(), true)
		check(t, "writer beside readers", l.TryAcquireWrite(), false)
		l.ReleaseRead()
		l.ReleaseRead()
		check(t, "writer", l.TryAcquireWrite(), true)
		check(t, "second writer", l.TryAcquireWrite(), false)
		check(t, "reader beside a writer", l.TryAcquireRead(), false)
	})
}

func TestRWLockDowngrade(t *testing.T) {
	onStage(t, func(s *stage) {
		var l asyncio.RWLock
		s.must(l.AcquireWrite(s.ctx))
		check(t, "stats of the writer", l.Stats(), asyncio.RWLockStats{Writing: true, Writer: "main"})
		s.waiter("reader", l.AcquireRead)
		s.waiter("writer", l.AcquireWrite)
		s.waiter("later reader", l.AcquireRead)
		s.settle()
		l.Downgrade()
		s.saw("reader")
		check(t, "stats", l.Stats(), asyncio.RWLockStats{Readers: 2, Waiting: 2})
		l.ReleaseRead()
		l.ReleaseRead()
		s.saw("writer")
	})
}

func TestRWLockPanicsWhereItIsNotHeld(t *testing.T) {
	var l asyncio.RWLock
	panics(t, "asyncio: RWLock.ReleaseRead: nobody holds the lock for reading", l.ReleaseRead)
	panics(t, "asyncio: RWLock.ReleaseWrite: nobody holds the lock for writing", l.ReleaseWrite)
	panics(t, "asyncio: RWLock.Downgrade: nobody holds the lock for writing", l.Downgrade)
}

func TestE14_RWLockOnTwoLoopsIsRefusedWhileItIsHeld(t *testing.T) {
	var l asyncio.RWLock
	refusedOnSecondLoop(t, l.AcquireRead)
}

func TestRWLockUnderAContextThatHasEndedIsNotTaken(t *testing.T) {
	onStage(t, func(s *stage) {
		var l asyncio.RWLock
		ctx, cancel := asyncio.WithCancel(s.ctx)
		cancel(nil)
		check(t, "error is context.Canceled", errors.Is(l.AcquireRead(ctx), context.Canceled), true)
		check(t, "stats", l.Stats(), asyncio.RWLockStats{})
	})
}

func ExampleRWLock() {
	asyncio.Run(context.Background(), func(ctx context.Context) error {
		var lock asyncio.RWLock
		show := func(name string, acquire func(context.Context) error, release func()) func(context.Context) error {
			return func(ctx context.Context) error {
				if err := acquire(ctx); err != nil {
					return err
				}
				defer release()
				fmt.Println(name, "begins")
				defer fmt.Println(name, "ends")
				return asyncio.Sleep(ctx, time.Millisecond)
			}
		}
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(show("reader 1", lock.AcquireRead, lock.ReleaseRead))
			g.Go(show("reader 2", lock.AcquireRead, lock.ReleaseRead))
			g.Go(show("writer", lock.AcquireWrite, lock.ReleaseWrite))
			return nil
		})
	})
	// Output:
	// reader 1 begins
	// reader 2 begins
	// reader 1 ends
	// reader 2 ends
	// writer begins
	// writer ends
}
