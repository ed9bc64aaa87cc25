package console

import (
	"context"
	"time"

	"github.com/goasyncio/asyncio/console/internal/wire"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// work is what a task was seen to do since somebody watches.
type work struct {
	steps, yields, selfWakes uint64
	busy                     time.Duration
	over                     time.Duration // for how long that has been counted
	partial                  bool          // and some of it has not
}

// work is what a task was seen to do; nothing, where nobody watches.
func (l *living) work(id uint64) work {
	f := l.counting()
	if f == nil {
		return work{}
	}
	c, ok := f.stats.Task(id)
	if !ok {
		return work{}
	}
	return work{steps: c.Steps, yields: c.Yields, selfWakes: c.SelfWakes, busy: time.Duration(c.Busy), over: f.stats.Since(), partial: f.stats.Lost() > 0}
}

// row is a task as it goes out.
func (l *living) row(t monitor.Task) wire.Task {
	w := l.work(t.ID)
	return wire.Task{
		Task: t, Steps: w.steps, BusyNS: int64(w.busy), Yields: w.yields, SelfWakes: w.selfWakes,
		SinceWatchMS: float64(w.over.Microseconds()) / 1000, Partial: w.partial,
	}
}

// histograms answers with how late timers were and how long steps took, since somebody
// has begun to ask.
func histograms(ctx context.Context, l *living, p *params) (any, error) {
	f, err := l.touch(monitor.Coarse)
	if err != nil {
		return nil, err
	}
	s, _, err := l.getStats(ctx)
	return wire.Histograms{Lag: s.Lag, Step: f.stats.Step(), SinceMS: float64(f.stats.Since().Microseconds()) / 1000, Partial: f.stats.Lost() > 0}, keepOld(err)
}
