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
		events = r.add(events, i)
	}
	b := r.news(events)
	b.Lost = p.lost
	b.Now = r.times.last
	if r.woke != nil { // it may yet be told
		b.Now = r.woke.At
	}
	return b
}

// stamp gives each event its time.
func (r *Recorder) stamp(p *piece) {
	events := make([]monitor.Event, len(p.items))
	for n, i := range p.items {
		events[n] = i.Event
	}
	whole := max(0, p.torn)
	r.times.fill(events[:whole], monitor.NoTime)
	if p.torn >= 0 {
		r.times.tear()
	}
	r.times.fill(events[whole:], p.now)
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

// add appends an event. Where the loop wakes up and sleeps again, and has done nothing in
// between, it was asked something: both events are left out.
func (r *Recorder) add(events []Event, i item) []Event {
	woke := r.woke
	r.woke = nil
	switch {
	case i.Kind == monitor.Awake:
		r.woke = &i
		return r.addWoke(events, woke)
	case i.Kind == monitor.Sleep && woke != nil:
		return events
	}
	return append(r.addWoke(events, woke), r.decode.event(i))
}

func (r *Recorder) addWoke(events []Event, woke *item) []Event {
	if woke == nil {
		return events
	}
	return append(events, r.decode.event(*woke))
}
