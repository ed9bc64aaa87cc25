// Package asynciotest is for the tests of programs that run on package asyncio.
//
// [Run] runs a program under a virtual clock: time jumps to the next deadline as
// soon as no task is ready, so that an hour of sleeping takes no time, exact
// durations can be compared with ==, and the order of events is the same in every
// run. A deadlock ends the test at once, with the list of who waits for what.
//
//	func TestRetry(t *testing.T) {
//		asynciotest.Run(t, func(ctx context.Context) {
//			start := asyncio.Now(ctx)
//			…
//			if took := asyncio.Now(ctx).Sub(start); took != 3*time.Second {
//				t.Errorf("took %v", took)
//			}
//		})
//	}
//
// t.Fatal and its like may be called in any task. What takes real time stays
// real: the clock stands still while a [asyncio.ToThread] is under way, and
// contexts of the standard library have real deadlines. Descriptors, and with
// them real sockets, are refused.
//
// [Sequencer] and [WaitIdle] put the steps of several tasks into an order, [Sweep]
// cancels every task of a program at every point of it, and [CheckLeaks] fails a
// test that leaves something behind. [TestStream], [TestListener] and [TestDatagrams]
// test connections and sockets of your own for what tasks expect of them.
//
// # Inside testing/synctest
//
// Run works inside a synctest bubble. There are two clocks then: the loop's, which
// jumps while the loop has nothing to do but sleep, and the bubble's, which rules
// over what the program does on goroutines, such as a time.Sleep in a
// [asyncio.ToThread]; neither moves the other. With [asyncio.Run] instead of Run
// there is one clock, the bubble's, for loop and goroutines alike: that is what you
// want for a program of both. Loops with descriptors are not for a bubble: synctest
// does not take a wait for one as a reason to let time pass.
package asynciotest

import (
	"context"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/driver"
)

// Run runs main as a program of its own under a virtual clock that begins at
// midnight of 1 January 2000 UTC. The test fails where the program ends in a
// deadlock, where a task does not end when it is cancelled, or where an error is
// left that nobody has looked at. When Run returns every task has ended.
func Run(t testing.TB, main func(ctx context.Context), opts ...asyncio.Option) {
	t.Helper()
	err := Main(t, func(ctx context.Context) error {
		main(ctx)
		return nil
	}, opts...)
	if err != nil {
		t.Errorf("asynciotest: %v", err)
	}
}

// Main is Run for a main that returns an error, which it returns: for tests of how
// a program ends.
func Main(t testing.TB, main func(ctx context.Context) error, opts ...asyncio.Option) error {
	t.Helper()
	report := asyncio.OnError(func(r asyncio.Report) {
		t.Errorf("asynciotest: %s: task %q: %v\n%s", r.Message, r.Task, r.Err, r.Stack)
	})
	opts = append([]asyncio.Option{asyncio.LoopName(t.Name()), report}, opts...)
	return asyncio.Run(Context(context.Background()), main, opts...)
}

// Context is ctx with a virtual clock for the loop that is given it: what Run and
// Main do, for those who call asyncio.Run, or [asyncio.Loop.Run], themselves.
func Context(ctx context.Context) context.Context {
	return driver.NewContext(ctx, func() driver.Driver { return driver.NewVirtual() })
}
