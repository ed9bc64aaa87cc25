package asyncio_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

func TestRace(t *testing.T) {
	scene(t, "gives the first success, after the losers have ended", func(t *testing.T, ctx context.Context) {
		took := stopwatch(ctx)
		var why error
		v, err := asyncio.Race(ctx,
			func(ctx context.Context) (int, error) {
				asyncio.Sleep(ctx, time.Hour)
				why = context.Cause(ctx)
				return 1, asyncio.Sleep(context.WithoutCancel(ctx), time.Second)
			},
			sleeps(time.Minute, 2),
			fails(time.Second, errBoom))
		must(t, err)
		expect(t, "winner", v, 2)
		expect(t, "the loser's cause", why, "asyncio: another one has won the race")
		expect(t, "time", took(), time.Minute+time.Second)
	})
	scene(t, "of two that succeed in one round has the first of them as winner", func(t *testing.T, ctx context.Context) {
		v, err := asyncio.Race(ctx, sleeps(time.Second, "a"), sleeps(time.Second, "b"))
		expect(t, "winner", []any{v, err}, []any{"a", nil})
	})
	scene(t, "is over before those that come later have waited for anything", func(t *testing.T, ctx context.Context) {
		v, err := asyncio.Race(ctx,
			func(context.Context) (int, error) { return 1, nil },
			func(ctx context.Context) (int, error) { return 2, asyncio.Yield(ctx) })
		expect(t, "winner", []any{v, err}, []any{1, nil})
	})
	scene(t, "that all lose has their errors, in the order of the arguments", func(t *testing.T, ctx context.Context) {
		_, err := asyncio.Race(ctx, fails(2*time.Second, errBoom), fails(time.Second, errWhy))
		expectIs(t, "one", err, errBoom)
		expectIs(t, "the other", err, errWhy)
		expect(t, "text", err, "boom\nwhy")
	})
	scene(t, "without contenders is an error, and does not wait", func(t *testing.T, ctx context.Context) {
		_, err := asyncio.Race[int](ctx)
		expect(t, "error", err, asyncio.ErrNoContenders)
		_, err = asyncio.StaggeredRace[int](ctx, time.Second)
		expect(t, "error", err, asyncio.ErrNoContenders)
	})
	scene(t, "of one is a call", func(t *testing.T, ctx context.Context) {
		v, err := asyncio.Race(ctx, sleeps(time.Second, 3))
		expect(t, "winner", []any{v, err}, []any{3, nil})
	})
	scene(t, "raises the panic of a contender after the others have ended", func(t *testing.T, ctx context.Context) {
		took := stopwatch(ctx)
		v := recovered(func() {
			asyncio.Race(ctx,
				func(ctx context.Context) (int, error) {
					asyncio.Sleep(ctx, time.Hour)
					return 0, asyncio.Sleep(context.WithoutCancel(ctx), time.Second)
				},
				func(context.Context) (int, error) { panic(errBoom) })
		})
		e, ok := v.(*asyncio.PanicError)
		expect(t, "panic", ok && errors.Is(e, errBoom), true)
		expect(t, "time", took(), time.Second)
	})
}

func TestRaceThatIsCancelledFromOutside(t *testing.T) {
	scene(t, "returns the cancellation after all have ended", func(t *testing.T, ctx context.Context) {
		outer, cancel := asyncio.WithCancel(ctx)
		asyncio.CallLater(ctx, time.Second, func() { cancel(errWhy) })
		ends := 0
		contender := func(ctx context.Context) (int, error) {
			defer func() { ends++ }()
			return forever(ctx)
		}
		_, err := asyncio.Race(outer, contender, contender)
		expectIs(t, "the race", err, context.Canceled)
		expectIs(t, "the cause", err, errWhy)
		expect(t, "contenders that have ended", ends, 2)
	})
	scene(t, "has a winner where one succeeds nevertheless", func(t *testing.T, ctx context.Context) {
		outer, cancel := asyncio.WithCancel(ctx)
		asyncio.CallLater(ctx, time.Second, func() { cancel(errWhy) })
		v, err := asyncio.Race(outer, forever, func(ctx context.Context) (int, error) {
			asyncio.Sleep(ctx, time.Hour)
			return 4, nil
		})
		expect(t, "winner", []any{v, err}, []any{4, nil})
		expectIs(t, "the next wait", asyncio.Yield(outer), context.Canceled)
	})
	scene(t, "before it began starts nobody", func(t *testing.T, ctx context.Context) {
		started := 0
		contender := func(ctx context.Context) (int, error) { started++; return forever(ctx) }
		for _, delay := range []time.Duration{0, time.Second} {
			_, err := asyncio.StaggeredRace(ended(ctx), delay, contender, contender)
			expectIs(t, "the race", err, errWhy)
			expect(t, "one error, not one for each", strings.Count(err.Error(), "why"), 1)
		}
		expect(t, "started", started, 0)
	})
}

func TestStaggeredRace(t *testing.T) {
	// starts notes at what times, since the beginning of the race, contenders start.
	type starts struct {
		ctx   context.Context
		at    []time.Duration
		since func() time.Duration
	}
	begin := func(ctx context.Context) *starts { return &starts{ctx: ctx, since: stopwatch(ctx)} }
	contender := func(s *starts, f func(context.Context) (int, error)) func(context.Context) (int, error) {
		return func(ctx context.Context) (int, error) {
			s.at = append(s.at, s.since())
			return f(ctx)
		}
	}
	const delay = 250 * time.Millisecond

	scene(t, "starts one contender in each delay, exactly", func(t *testing.T, ctx context.Context) {
		s := begin(ctx)
		v, err := asyncio.StaggeredRace(ctx, delay,
			contender(s, forever), contender(s, forever), contender(s, sleeps(time.Second, 3)), contender(s, forever))
		must(t, err)
		expect(t, "winner", v, 3)
		expect(t, "starts", s.at, []time.Duration{0, delay, 2 * delay, 3 * delay})
		expect(t, "time", s.since(), 2*delay+time.Second)
	})
	scene(t, "starts the next at once when the one before has failed", func(t *testing.T, ctx context.Context) {
		s := begin(ctx)
		_, err := asyncio.StaggeredRace(ctx, delay,
			contender(s, fails(100*time.Millisecond, errBoom)), contender(s, fails(0, errBoom)), contender(s, sleeps(0, 3)))
		must(t, err)
		expect(t, "starts", s.at, []time.Duration{0, 100 * time.Millisecond, 100 * time.Millisecond})
	})
	scene(t, "does not hurry because one further back has failed", func(t *testing.T, ctx context.Context) {
		s := begin(ctx)
		_, err := asyncio.StaggeredRace(ctx, delay,
			contender(s, fails(delay+delay/2, errBoom)), contender(s, forever), contender(s, sleeps(0, 3)))
		must(t, err)
		expect(t, "starts", s.at, []time.Duration{0, delay, 2 * delay})
	})
	scene(t, "does not start those who come after the winner", func(t *testing.T, ctx context.Context) {
		s := begin(ctx)
		v, err := asyncio.StaggeredRace(ctx, time.Second,
			contender(s, sleeps(delay, 1)), contender(s, forever))
		expect(t, "winner", []any{v, err}, []any{1, nil})
		expect(t, "starts", s.at, []time.Duration{0})
		expect(t, "time", s.since(), delay)
	})
	scene(t, "leaves no timer behind", func(t *testing.T, ctx context.Context) {
		s := begin(ctx)
		_, err := asyncio.StaggeredRace(ctx, time.Hour, contender(s, fails(0, errBoom)), contender(s, fails(0, errBoom)))
		expectIs(t, "error", err, errBoom)
		expect(t, "time", s.since(), time.Duration(0))
	})
}
