package tutorial

import (
	"cmp"
	"context"
	"math/big"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/recording"
)

// sleeper is one of the two ways to pause.
type sleeper struct {
	title string // for people
	key   string // for programs, in JSON
	// pause takes d. A run with it ends early, with an error, when the user
	// interrupts the command.
	pause func(ctx context.Context, c clock, d time.Duration) error
}

var (
	blocking = sleeper{
		title: "time.Sleep blocks the loop",
		key:   "blocking",
		pause: func(_ context.Context, c clock, d time.Duration) error { return c.block(d) },
	}
	waiting = sleeper{
		title: "asyncio.Sleep waits on the loop",
		key:   "waiting",
		pause: func(ctx context.Context, _ clock, d time.Duration) error { return asyncio.Sleep(ctx, d) },
	}
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
	start   time.Time
	tasks   map[uint64]bool
}

// lesson runs all factorials on a loop of their own, and observes it.
func (o *options) lesson(ctx context.Context, screen *screen, sleep sleeper) (result, error) {
	l := &lesson{options: o, screen: screen, sleep: sleep, tasks: map[uint64]bool{}}
	l.clock = newClock(ctx, o.virtual)
	recorder := recording.New()
	r := result{sleeper: sleep}
	err := l.clock.run(ctx, func(ctx context.Context) (err error) {
		r.total, err = l.main(ctx)
		return err
	}, asyncio.Observe(recorder), asyncio.SlowStep(-1)) // it blocks the loop on purpose: no alarm
	// Several tasks may fail for one reason: that one is told.
	if err := cmp.Or(l.clock.interrupted(), screen.err, err); err != nil {
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
			name := taskName(i)
			task := g.Go(func(ctx context.Context) error {
				return l.factorial(ctx, name, number)
			}, asyncio.TaskName(name))
			l.tasks[task.ID()] = true
		}
		return nil
	})
	return asyncio.Now(ctx).Sub(l.start), err
}

// factorial computes number!, with a pause before each multiplication.
func (l *lesson) factorial(ctx context.Context, name string, number int) error {
	f := big.NewInt(1)
	for i := 2; i <= number; i++ {
		if err := l.say(ctx, "%s: Compute factorial(%d)…", name, i); err != nil {
			return err
		}
		if err := l.sleep.pause(ctx, l.clock, l.options.step); err != nil {
			return err
		}
		f.Mul(f, big.NewInt(int64(i)))
	}
	return l.say(ctx, "%s: factorial(%d) = %d", name, number, f)
}

// say prints a line with the time: that of day, and that since the start. An
// interrupted lesson says nothing any more: a task that blocks the loop keeps
// the loop from telling the others.
func (l *lesson) say(ctx context.Context, format string, args ...any) error {
	if err := l.clock.interrupted(); err != nil {
		return err
	}
	now := asyncio.Now(ctx)
	return l.screen.printf("%s  %6s  "+format+"\n",
		append([]any{now.Format("15:04:05"), tenths(now.Sub(l.start))}, args...)...)
}
