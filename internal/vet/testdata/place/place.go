// Package place has a clock wherever it matters who runs the code.
package place

import (
	"context"
	"net/http"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/vet/testdata/helpers"
)

var now time.Time

func OffTheLoop() { now = time.Now() }

func TakesAContextAndDoesNotWait(ctx context.Context) error {
	now = time.Now()
	return helpers.Plain(ctx)
}

func Waits(ctx context.Context) error {
	now = time.Now() // want `time.Now in code that runs on the loop reads the real clock: use asyncio.Now\(ctx\) \[clock\]`
	return asyncio.Checkpoint(ctx)
}

func WaitsInAnotherPackage(ctx context.Context) error {
	now = time.Now() // want `clock`
	return helpers.Indirectly(ctx)
}

func WaitsBehindAnInterface(ctx context.Context, s helpers.Store) error {
	now = time.Now() // want `clock`
	return s.Get(ctx, "key")
}

func Schedules(e *asyncio.Event) {
	now = time.Now() // want `clock`
	helpers.Ring(e)
}

func AsksForTheTime(ctx context.Context) time.Time {
	now = time.Now() // want `clock`
	return asyncio.Now(ctx)
}

func Handler(w http.ResponseWriter, r *http.Request) {
	now = time.Now() // want `clock`
	asyncio.Sleep(r.Context(), 1)
}

func Starts(ctx context.Context) error {
	now = time.Now() // before the loop begins
	return asyncio.Run(ctx, func(ctx context.Context) error {
		now = time.Now() // want `clock`
		return nil
	})
}

func PreparesAndStarts(q *asyncio.Queue[int]) error {
	now = time.Now() // before the loop begins
	q.TryPut(1)
	return start()
}

func start() error { return asyncio.Run(context.Background(), body) }

func StartsByName(ctx context.Context) error {
	return asyncio.Run(ctx, body)
}

func body(ctx context.Context) error {
	now = time.Now() // want `clock`
	return nil
}

func HoldsAClosure(ctx context.Context) error {
	stamp := func() { now = time.Now() } // want `clock`
	stamp()
	return asyncio.Checkpoint(ctx)
}

func Callback(ctx context.Context) {
	asyncio.CallLater(ctx, 1, func() {
		now = time.Now() // want `clock`
	})
}

func WaitsInAClosure(ctx context.Context, each func(func() error) error) error {
	now = time.Now() // want `clock`
	return each(func() error { return asyncio.Checkpoint(ctx) })
}

func Ranges(ctx context.Context) {
	for range helpers.Ticks(ctx) {
		now = time.Now() // want `clock`
	}
}

func Goroutine(ctx context.Context) error {
	go func() { // want `goroutine`
		now = time.Now()
	}()
	return asyncio.Checkpoint(ctx)
}

func FromOutside(ctx context.Context, h *asyncio.LoopHandle) error {
	now = time.Now() // Submit is for goroutines
	_, err := asyncio.Submit(ctx, h, func(ctx context.Context) (int, error) {
		now = time.Now() // want `clock`
		return 0, nil
	})
	return err
}

func CallsHelpers(ctx context.Context) error {
	onlyFromTheLoop()
	fromBoth() // want `fromBoth reads the real clock, by time.Now in github.com/.*/place/place.go:\d+: give it the time from asyncio.Now\(ctx\) \[clock\]`
	Exported() // want `Exported reads the real clock`
	held := heldAsAValue
	held()
	return asyncio.Checkpoint(ctx)
}

func CallsFromElsewhere() { fromBoth() }

func onlyFromTheLoop() { oneDeeper() }

func oneDeeper() {
	now = time.Now() // want `clock`
}

func fromBoth() { now = time.Now() }

func Exported() { now = time.Now() } // others may call it from anywhere

func heldAsAValue() { now = time.Now() }

func neverCalled() { now = time.Now() }

func ByMethodValue(ctx context.Context, w worker) {
	asyncio.Go(ctx, w.work)
}

type worker struct{}

func (worker) work(ctx context.Context) error {
	now = time.Now() // want `clock`
	return nil
}

func recursive(n int) { // nobody else calls it
	if n > 0 {
		recursive(n - 1)
	}
	now = time.Now()
}
