package asyncio

import (
	"context"

	"github.com/goasyncio/asyncio/internal/coro"
	"github.com/goasyncio/asyncio/internal/inside"
)

func init() {
	inside.WaitIdle = waitIdle
	inside.PollerOf = pollerOf
	inside.OnLoop = func(p inside.Poller) bool { return coro.Within(p.(*poller).number) }
	inside.Number = func(ctx context.Context) uint32 { return mustLoop(ctx).number }
	inside.Simulated = func(ctx context.Context) bool {
		l := RunningLoop(ctx)
		return l != nil && l.explored != nil
	}
	inside.EndByForce = func(ctx context.Context, why string) { mustLoop(ctx).force(why) }
}

// waitIdle is asynciotest.WaitIdle: it waits until every other task is parked,
// nothing is ready, posted or due, and time would have to pass for anything to
// happen. The loop wakes who waits here instead of letting time pass.
func waitIdle(ctx context.Context) error {
	if err := Checkpoint(ctx); err != nil {
		return err
	}
	_, err := RunningLoop(ctx).idlers.Park(ctx, waitReason("the other tasks to wait"))
	return err
}

// audit shows the books to whoever asked for it: the counter of rule L4.
func (l *Loop) audit() {
	show := inside.Audit(l.root.values)
	if show == nil {
		return
	}
	show(inside.Books{
		Tasks:       l.tasks.n,
		Ready:       l.ready.n,
		Timers:      len(l.timers.nodes),
		Scopes:      l.root.countBelow(),
		Bridges:     l.bridges.n,
		Threads:     l.threads,
		Handles:     l.handles,
		Descriptors: l.descriptors,
	})
}

// countBelow counts the scopes below s, but for remnants.
func (s *scope) countBelow() (n int) {
	for _, below := range s.below() {
		n += below.countBelow()
		if m := below.more.Load(); m == nil || !m.remnant {
			n++
		}
	}
	return n
}
