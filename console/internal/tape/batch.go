package tape

import (
	"github.com/goasyncio/asyncio/internal/monitor"
)

// batch makes a batch of what was read. At the beginning, and when the tasks were listed
// again after a gap, it says first what was there.
func (r *Recorder) batch(p *piece) *Batch {
	r.stamp(p)
	for _, i := range p.items[:p.skipped] {
		r.decode.learn(i)
	}
	items := p.items[p.skipped:]
	for n := range items {
		if at := items[n].Ref; at >= 0 {
			items[n].text = p.names.names[at]
		}
	}
	var events []Event
	switch {
	case !r.begun || p.listing != nil:
		events = r.opening(items, p.listing)
		r.begun = true
	case p.lost > 0:
		r.decode.resume(priors(items, nil))
		r.gap = true
	}
	for _, i := range items {
		events = append(events, r.decode.event(i))
	}
	b := r.news(events)
	b.Lost = p.lost
	b.Now = r.times.last
	return b
}

// stamp gives each event its time.
func (r *Recorder) stamp(p *piece) {
	events := make([]monitor.Event, len(p.items))
	for n, i := range p.items {
		events[n] = i.Event
	}
	r.times.fill(events, p.now)
	for n := range events {
		p.items[n].At = events[n].At
	}
	if p.now != monitor.NoTime {
		r.times.last = max(r.times.last, p.now)
	}
}

// opening says what was there before the first of items.
func (r *Recorder) opening(items []item, listing []listed) []Event {
	at := r.times.last
	if len(items) > 0 {
		at = items[0].At
	}
	return r.decode.begin(priors(items, listing), listing, at)
}

// news is a batch with events, and with what they have added to the tables.
func (r *Recorder) news(events []Event) *Batch {
	b := r.decode.take()
	b.Events = events
	b.Tasks, r.decode.tasks = r.decode.tasks, nil
	return &b
}

// End makes the last batches: those with what the loop has done since the last one, and
// with the end. It is for the goroutine of the loop ([monitor.Watcher.LoopEnds]), where
// the things that tasks have waited for may be asked what they are, and takes some
// milliseconds. A second call does nothing.
func (r *Recorder) End(err error) {
	r.halt.Do(func() { close(r.stop) }) // a Next that waits for the loop gives up
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return
	}
	r.over = true
	if r.left != nil {
		r.last = append(r.last, r.resolved(r.left))
	}
	p := &piece{now: monitor.NoTime}
	r.read(p)
	b := r.resolved(p)
	b.Freed = r.blocked
	b.Ended = &End{At: r.times.last}
	if err != nil {
		b.Ended.Error = cut(err.Error(), maxStack)
	}
	r.last = append(r.last, b)
}

// resolved is the batch of a piece, on the loop's goroutine.
func (r *Recorder) resolved(p *piece) *Batch {
	p.names.resolveHere()
	return r.batch(p)
}
