package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/goasyncio/asyncio"
)

// hold takes l for a task of the given name, which then sleeps until it is
// cancelled.
func (s *stage) hold(name string, acquire func(ctx context.Context) error) *asyncio.Task[struct{}] {
	task := s.task(name, func(ctx context.Context) error {
		s.must(acquire(ctx))
		return new(asyncio.Event).Wait(ctx)
	})
	s.round()
	return task
}

// waitsFor starts a task that waits, and compares what its TaskInfo says about it.
func (s *stage) waitsFor(want string, wait func(ctx context.Context) error) *asyncio.Task[struct{}] {
	s.t.Helper()
	task := s.waiter("waiter", wait)
	s.round()
	check(s.t, "what the waiter waits for", task.Info().WaitsFor, want)
	return task
}

func TestSyncReportsSayWhatATaskWaitsFor(t *testing.T) {
	onStage(t, func(s *stage) {
		var lock asyncio.Lock
		check(t, "a free lock", lock.String(), "Lock")
		ann := s.hold("ann", lock.Acquire)
		waiter := s.waitsFor(`Lock held by task "ann"`, lock.Acquire)
		check(t, "tasks that the waiter waits for", fmt.Sprint(waiter.Info().Tasks), fmt.Sprint([]uint64{ann.ID()}))

		s.waitsFor("Event", new(asyncio.Event).Wait)
		s.waitsFor("Condition", s.waitOn(asyncio.NewCondition(nil)))
		s.waitsFor("Semaphore with 2 free", func(ctx context.Context) error { return asyncio.NewSemaphore(2).AcquireN(ctx, 3) })
		s.waitsFor("Barrier with 1 of 3 parties", func(ctx context.Context) error {
			_, err := asyncio.NewBarrier(3).Wait(ctx)
			return err
		})
		s.waitsFor("CapacityLimiter with 0 of 0 tokens lent", asyncio.NewCapacityLimiter(0).Acquire)

		var rw asyncio.RWLock
		check(t, "a free lock", rw.String(), "RWLock")
		s.hold("bob", rw.AcquireWrite)
		s.waitsFor(`RWLock held by writer task "bob"`, rw.AcquireRead)

		var once asyncio.Once[string]
		s.ask("cem", &once, s.slowly("1"))
		s.round()
		s.waitsFor("Once", func(ctx context.Context) error { _, err := once.Do(ctx, s.slowly("2")); return err })
	})
}

// Who holds a lock for reading is known until a task releases what another one
// acquired.
func TestRWLockNamesItsReadersOrNobody(t *testing.T) {
	onStage(t, func(s *stage) {
		var l asyncio.RWLock
		ann := s.hold("ann", l.AcquireRead)
		bob := s.hold("bob", l.AcquireRead)
		s.hold("bob again", func(context.Context) error { return nil })
		writer := s.waitsFor("RWLock held by 2 readers", l.AcquireWrite)
		check(t, "tasks that the writer waits for", fmt.Sprint(writer.Info().Tasks), fmt.Sprint([]uint64{ann.ID(), bob.ID()}))
		l.ReleaseRead() // by main, which acquired nothing
		check(t, "tasks that can still be told", len(writer.Info().Tasks), 0)
		l.ReleaseRead()
		s.saw("waiter")
		l.ReleaseWrite()
		s.hold("cem", func(ctx context.Context) error { return errors.Join(l.AcquireRead(ctx), l.AcquireRead(ctx)) })
		s.hold("dan", func(ctx context.Context) error { return errors.Join(l.AcquireRead(ctx), l.AcquireRead(ctx)) })
		check(t, "readers", l.Stats().Readers, 4)
		check(t, "what a waiter would read", l.String(), "RWLock held by 4 readers")
	})
}

// Where nothing is known about a holder, no task is named.
func TestLockTakenBeforeItMetALoopHasNoOwner(t *testing.T) {
	onStage(t, func(s *stage) {
		var l asyncio.Lock
		check(t, "TryAcquire", l.TryAcquire(), true)
		waiter := s.waitsFor("Lock", l.Acquire)
		check(t, "tasks that the waiter waits for", len(waiter.Info().Tasks), 0)
		l.Release()
		s.saw("waiter")
	})
}

// Without the debug mode such a call is a data race, which the race detector finds.
func TestT1_SyncCallsFromAnotherGoroutineAreRefusedInDebugMode(t *testing.T) {
	lock, event, rw := new(asyncio.Lock), new(asyncio.Event), new(asyncio.RWLock)
	sem, limiter, cond := asyncio.NewSemaphore(1), asyncio.NewCapacityLimiter(1), asyncio.NewCondition(nil)
	use := func(ctx context.Context) error {
		return errors.Join(lock.Acquire(ctx), rw.AcquireWrite(ctx), sem.Acquire(ctx), limiter.Acquire(ctx), cond.Acquire(ctx))
	}
	calls := map[string]func(){
		"Lock.Release":                  lock.Release,
		"Lock.TryAcquire":               func() { lock.TryAcquire() },
		"Event.Set":                     event.Set,
		"Event.Clear":                   event.Clear,
		"RWLock.ReleaseWrite":           rw.ReleaseWrite,
		"RWLock.ReleaseRead":            rw.ReleaseRead,
		"RWLock.TryAcquireRead":         func() { rw.TryAcquireRead() },
		"RWLock.Downgrade":              rw.Downgrade,
		"Semaphore.Release":             sem.Release,
		"Semaphore.TryAcquire":          func() { sem.TryAcquire() },
		"CapacityLimiter.Release":       limiter.Release,
		"CapacityLimiter.ReleaseKey":    func() { limiter.ReleaseOnBehalfOf(1) },
		"CapacityLimiter.TryAcquireKey": func() { limiter.TryAcquireOnBehalfOf(1) },
		"CapacityLimiter.SetTotal":      func() { limiter.SetTotal(2) },
		"Condition.Notify":              func() { cond.Notify(1) },
	}
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, event.Wait)
		if err := errors.Join(use(ctx), asyncio.Yield(ctx)); err != nil {
			return err
		}
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
		return nil
	}, asyncio.Debug(true))
	if err != nil {
		t.Error(err)
	}
}
