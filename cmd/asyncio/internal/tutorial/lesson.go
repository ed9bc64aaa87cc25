package tutorial

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/console"
	"github.com/goasyncio/asyncio/internal/recording"
)

// sleeper is one of the two ways to pause.
type sleeper struct {
	title     string // for people
	key       string // for programs, in JSON
	source    string // the file with factorial
	factorial func(ctx context.Context, l *lesson, n int) error
}

var (
	blocking = sleeper{title: "time.Sleep blocks the loop", key: "blocking", source: blockingSource, factorial: blockingFactorial}
	waiting  = sleeper{title: "asyncio.Sleep waits on the loop", key: "waiting", source: waitingSource, factorial: waitingFactorial}
	sleepers = []sleeper{blocking, waiting} // in the order of the lesson
)

// result is one run of the lesson.
type result struct {
	sleeper   sleeper
	total     time.Duration
	recording recording.Recording // of the lesson's tasks
}

// lesson is one run under way.
type lesson struct {
	options *options
	screen  *screen
	clock   clock
	sleep   sleeper
	pause   time.Duration
	start   time.Time
	tasks   map[uint64]bool
	fail    context.CancelCauseFunc // ends the lesson, with a reason

	rehearsal *console.Rehearsal // nil where nobody watches
}

// lesson runs all factorials on a loop of their own, and observes it.
func (o *options) lesson(ctx context.Context, screen *screen, sleep sleeper, rehearsal *console.Rehearsal) (result, error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	l := &lesson{options: o, screen: screen, sleep: sleep, pause: o.step, tasks: map[uint64]bool{}, fail: fail, rehearsal: rehearsal}
	l.clock = newClock(ctx, o.virtual)
	recorder := recording.New()
	r := result{sleeper: sleep}
	run := func() error {
		return l.clock.run(ctx, func(ctx context.Context) (err error) {
			r.total, err = l.main(ctx)
			return err
		}, asyncio.Observe(recorder), asyncio.SlowStep(-1)) // it blocks the loop on purpose: no alarm
	}
	record := run
	if rehearsal != nil {
		record = func() error { _, err := rehearsal.Record(run); return err }
	}
	err := record()
	// Several tasks may fail for one reason: that one is told.
	if err := cmp.Or(l.clock.interrupted(), err); err != nil {
		return r, err
	}
	r.recording = recorder.Recording().Only(func(lane recording.Lane) bool { return l.tasks[lane.Task] })
	return r, nil
}

// main is the lesson's program. It returns how long the factorials took.
func (l *lesson) main(ctx context.Context) (time.Duration, error) {
	l.start = asyncio.Now(ctx)
	err := asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
		for i, number := range l.options.numbers {
			task := g.Go(func(ctx context.Context) error {
				return l.sleep.factorial(ctx, l, number)
			}, asyncio.TaskName(taskName(i)))
			l.tasks[task.ID()] = true
		}
		return nil
	})
	return asyncio.Now(ctx).Sub(l.start), err
}

// say returns a function that prints a line with the time, that of day and that since
// the start, and the name of the task. An interrupted lesson says nothing any more: a
// task that blocks the loop keeps the loop from telling the others.
func (l *lesson) say(ctx context.Context) func(format string, args ...any) {
	name := asyncio.CurrentTask(ctx).Name()
	return func(format string, args ...any) {
		if l.clock.interrupted() != nil {
			return
		}
		now := asyncio.Now(ctx)
		text := name + ": " + fmt.Sprintf(format, args...)
		l.note(ctx, text)
		if err := l.screen.printf("%s  %6s  %s\n", now.Format("15:04:05"), tenths(now.Sub(l.start)), text); err != nil {
			l.fail(err)
		}
	}
}

// time is what the lesson has as package time.
func (l *lesson) time(ctx context.Context) blockingTime { return blockingTime{l, ctx} }

type blockingTime struct {
	l   *lesson
	ctx context.Context
}

// Sleep keeps the loop for d.
func (t blockingTime) Sleep(d time.Duration) {
	t.l.note(t.ctx, "")
	t.l.clock.block(d) // who pauses next, or says something, is told why it ended early
}
