package asyncio_test

import (
	"context"
	"fmt"
	"time"

	"github.com/goasyncio/asyncio"
)

// A Latch lets tasks wait until something has been counted down to zero: a
// primitive of one's own, made as those of this package are.
type Latch struct {
	left    int
	waiters asyncio.WaitQueue
}

// CountDown takes one off, and opens the latch at zero.
func (l *Latch) CountDown() {
	if l.left--; l.left == 0 {
		l.waiters.WakeAll()
	}
}

// Wait waits for the latch to open. A wake-up stands for nothing that would have
// to be handed on: the latch is open for all, so the first result of Park does not
// matter.
func (l *Latch) Wait(ctx context.Context) error {
	if err := asyncio.Checkpoint(ctx); err != nil || l.left <= 0 {
		return err
	}
	_, err := l.waiters.Park(ctx, l)
	return err
}

// String is what reports call it.
func (l *Latch) String() string { return fmt.Sprintf("a latch that needs %d more", l.left) }

func ExampleWaitQueue() {
	play(func(ctx context.Context) error {
		elapsed := stopwatch(ctx)
		latch := &Latch{left: 3}
		for i := range 3 {
			asyncio.CallLater(ctx, time.Duration(i+1)*time.Second, latch.CountDown)
		}
		err := latch.Wait(ctx)
		fmt.Println(err, "after", elapsed())
		return nil
	})
	// Output:
	// <nil> after 3s
}

// A Turnstile lets one task through for each coin. A coin is something that must
// not get lost, so here a task that was woken and cancelled hands it on (rule C3).
type Turnstile struct {
	coins   int
	waiters asyncio.WaitQueue
}

// Insert puts a coin in: for the first who waits, or for the next who comes.
func (t *Turnstile) Insert() {
	if t.waiters.Wake(1) == 0 {
		t.coins++
	}
}

// Pass waits for a coin and takes it.
func (t *Turnstile) Pass(ctx context.Context) error {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return err
	}
	if t.coins > 0 {
		t.coins--
		return nil
	}
	woken, err := t.waiters.Park(ctx, t)
	if woken && err != nil {
		t.Insert()
	}
	return err
}

// The coin comes and then, in the same step, the cancellation of the task that it
// was for: the next task gets the coin.
func ExampleWaitQueue_Park() {
	play(func(ctx context.Context) error {
		var turnstile Turnstile
		first := asyncio.Go(ctx, turnstile.Pass, asyncio.TaskName("first"))
		second := asyncio.Go(ctx, turnstile.Pass, asyncio.TaskName("second"))
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		turnstile.Insert()
		first.Cancel(nil)
		_, err := first.Await(ctx)
		fmt.Println("first:", err)
		_, err = second.Await(ctx)
		fmt.Println("second:", err)
		return nil
	})
	// Output:
	// first: asyncio: first was cancelled: context canceled
	// second: <nil>
}
