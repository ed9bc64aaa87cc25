package console

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/goasyncio/asyncio/console/internal/wire"
	"github.com/goasyncio/asyncio/internal/coro"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// A loop is what a console knows of one run of a loop.
type loop struct {
	hub     *hub
	number  uint32
	name    string
	started time.Time
	virtual bool

	alive   atomic.Pointer[living] // nil once the loop has ended
	ending  atomic.Pointer[ending] // nil before
	reports reports
}

// A living loop can be asked. What it knows goes when the loop ends.
type living struct {
	*loop
	*asker
	stats   cached[monitor.Stats]
	tasks   cached[*listing]
	running cached[culprit]
	stacks  cached[map[uint64]string]
	timers  cached[list[monitor.Timer]]
	fds     cached[list[monitor.Descriptor]]
	threads cached[list[monitor.Thread]]
	things  cached[list[monitor.Resource]]
	unseen  cached[list[monitor.Failure]]

	followers followers
	feedLock  sync.Mutex
	feeds     [monitor.Stacks + 1]*feed // by their detail
	warned    warned
}

// An ending is what is remembered of a loop that has ended.
type ending struct {
	at      time.Time
	err     string
	cycles  [][]uint64
	waiters []wire.Waiter
	stats   monitor.Stats // those of the end
	asked   time.Time
}

func newLoop(h *hub, s monitor.Source) *loop {
	l := &loop{hub: h, number: s.Number(), name: wire.Cut(s.Name(), wire.MaxName), started: s.Started(), virtual: s.Virtual()}
	l.alive.Store(&living{loop: l, asker: newAsker(s)})
	return l
}

func (l *loop) hasEnded() bool { return l.alive.Load() == nil }

// end notes that the loop has ended, and tells who follows it. It runs on the loop's
// goroutine.
func (l *loop) end(err error) {
	alive := l.alive.Load()
	e := &ending{at: time.Now()}
	e.stats, e.asked = alive.stats.last()
	if last := alive.src.Last(); !last.At.IsZero() {
		e.stats, e.asked = last, e.at
	}
	if err != nil {
		e.err = wire.Cut(err.Error(), wire.MaxText)
		e.note(err)
	}
	l.ending.Store(e)
	alive.followers.end(err)
	l.alive.Store(nil)
}

// note keeps the tasks that wait for each other, where that is what err is about.
func (e *ending) note(err error) {
	var deadlock *monitor.Deadlock
	if !errors.As(err, &deadlock) {
		return
	}
	for _, c := range deadlock.Cycles[:min(len(deadlock.Cycles), maxCycles)] {
		var cycle []uint64
		for _, t := range c[:min(len(c), maxCycle)] {
			cycle = append(cycle, t.ID)
			e.waiters = append(e.waiters, wire.Waiter{ID: t.ID, Name: wire.Cut(t.Name, wire.MaxName), WaitsFor: wire.Cut(t.WaitsFor, wire.MaxName)})
		}
		e.cycles = append(e.cycles, cycle)
	}
}

// getStats are the loop's numbers, and when they were asked for.
func (l *living) getStats(ctx context.Context) (monitor.Stats, time.Time, error) {
	return l.stats.get(ctx, l.hub, func(ctx context.Context) (monitor.Stats, time.Duration, error) {
		s, err := ask(ctx, l.asker, monitor.View.Stats)
		return s, freshness, err
	})
}

// state is what the loop does.
func (l *living) state() string {
	switch {
	case l.blocked() > 0:
		return wire.Blocked
	case l.src.Asleep():
		return wire.Asleep
	}
	return wire.Running
}

// A culprit is what runs on a loop that does not answer.
type culprit struct {
	stack string
	task  uint64 // 0 where it is a callback
}

// culprit is what runs on the loop. Finding it stops the world, so that it is looked for
// once a second at most, and more seldom where it takes long. What was found before the
// loop was blocked this time is of no use.
func (l *living) culprit(ctx context.Context) culprit {
	c, at, _ := l.running.get(ctx, l.hub, func(context.Context) (culprit, time.Duration, error) {
		began := time.Now()
		stack := l.src.Running()
		return culprit{wire.Cut(string(stack), wire.MaxStack), coro.Number(l.number, stack)}, stopped(began), nil
	})
	if time.Since(at) > l.blocked() {
		return culprit{}
	}
	return c
}

// stopped is for how long the world is not to be stopped again, if it was since began.
func stopped(began time.Time) time.Duration { return max(time.Second, 20*time.Since(began)) }

// info describes the loop for a list of loops.
func (l *loop) info(ctx context.Context) wire.Loop {
	i := wire.Loop{Number: l.number, Name: l.name, Started: l.started, Virtual: l.virtual}
	alive := l.alive.Load()
	if alive == nil {
		e := l.ending.Load()
		i.State, i.EndedAt, i.Error = wire.Ended, e.at, e.err
		i.Cycles, i.Waiters = e.cycles, e.waiters
		i.Stats, i.AgeMS = e.stats, age(e.asked)
		return i
	}
	var at time.Time
	i.Stats, at, _ = alive.getStats(ctx)
	i.AgeMS = age(at)
	i.State = alive.state()
	if d := alive.blocked(); d > 0 {
		i.State = wire.Blocked
		i.BlockedSince = time.Now().Add(-d)
		c := alive.culprit(ctx)
		i.Stack, i.BlockedBy = c.stack, c.task
	}
	return i
}

// age is how long ago at was, in milliseconds; 0 where there is no such time.
func age(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return float64(time.Since(at).Microseconds()) / 1000
}
