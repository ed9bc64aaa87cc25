package asyncio

import "github.com/goasyncio/asyncio/internal/monitor"

// decode makes a copied chunk what the readers of a tape know.
func (t *tape) decode(c *chunk) *monitor.Chunk {
	out := &monitor.Chunk{First: c.first, Events: make([]monitor.Event, 0, c.events)}
	d := decoder{chunk: c, tape: t, out: out}
	for d.at.words < c.words {
		if n := d.smallRound(); n > 0 {
			out.Events = append(out.Events, monitor.Event{At: monitor.NoTime, Until: n, Ref: -1, Stack: -1, Kind: monitor.Round})
		}
		out.Events = append(out.Events, d.event())
	}
	return out
}

// decoder goes through a chunk.
type decoder struct {
	chunk *chunk
	tape  *tape
	out   *monitor.Chunk
	at    mark
}

// smallRound is how many entries the round has that begins with the next event, if that
// is told with it.
func (d *decoder) smallRound() int64 {
	head := d.chunk.word[d.at.words]
	if monitor.Kind(head&kindBits) != monitor.Step {
		return 0
	}
	return int64(head >> roundShift & smallRound)
}

// event is the next event: what recorder has written, in the same order.
func (d *decoder) event() monitor.Event {
	head := d.word()
	about := head >> aboutShift
	e := monitor.Event{
		At: monitor.NoTime, Until: monitor.NoTime, Ref: -1, Stack: -1, Task: about,
		Kind: monitor.Kind(head & kindBits), Cause: monitor.Cause(head >> causeShift & causeBits),
	}
	if head&hasTime != 0 {
		e.At = int64(d.word())
	}
	if head&hasUntil != 0 {
		e.Until = int64(d.word())
	}
	switch e.Kind {
	case monitor.Round:
		e.Task, e.Until = 0, int64(about)
	case monitor.Callback:
		e.Ref = d.put(callbackText(d.word()))
	case monitor.Created:
		e.Ref = d.put(d.birth(head))
	case monitor.Renamed:
		e.Ref = d.put(d.text())
	case monitor.Parked:
		if head&hasRef == 0 {
			e.Ref = d.put("sleep")
		}
	}
	if head&hasRef != 0 {
		e.Ref = d.put(d.chunk.ref[d.at.refs])
		d.at.refs++
	}
	if head&hasStack != 0 {
		e.Stack = d.stack()
	}
	return e
}

func (d *decoder) word() uint64 {
	w := d.chunk.word[d.at.words]
	d.at.words++
	return w
}

func (d *decoder) text() string {
	s := d.chunk.text[d.at.texts]
	d.at.texts++
	return s
}

func (d *decoder) birth(head uint64) monitor.Birth {
	code := d.word()
	b := monitor.Birth{Parent: d.word()}
	if head&hasText != 0 {
		b.Name = d.text()
	}
	site, known := d.tape.sites[code]
	if !known {
		site = siteOf(uintptr(code))
		d.tape.sites[code] = site
	}
	b.Site = site
	return b
}

// put puts a ref into the chunk and returns its place.
func (d *decoder) put(ref any) int32 {
	d.out.Refs = append(d.out.Refs, ref)
	return int32(len(d.out.Refs) - 1)
}

func (d *decoder) stack() int32 {
	n := int(d.word())
	pcs := make([]uintptr, n)
	copy(pcs, d.chunk.pc[d.at.pcs:])
	d.at.pcs += n
	d.out.Stacks = append(d.out.Stacks, pcs)
	return int32(len(d.out.Stacks) - 1)
}

// addTape makes the loop write down what the tape wants to read.
func (l *Loop) addTape(t *tape) {
	s := l.source.Load()
	if l.recorder == nil {
		l.recorder = &recorder{loop: l, reel: &s.reel, round: l.ready.rounds}
		l.recorder.use(s.reel.fresh(new(chunk)))
		l.told = true
		l.timers.due = l.recorder.due
		l.watch.probe.Or(recording)
	}
	s.reel.keep = max(s.reel.keep, monitor.Kept())
	s.tapes = append(s.tapes, t)
	l.recorder.tune(s.tapes)
}

// removeTape ends the recording where that was the last tape.
func (l *Loop) removeTape(t *tape) {
	s := l.source.Load()
	for i, other := range s.tapes {
		if other == t {
			s.tapes = append(s.tapes[:i:i], s.tapes[i+1:]...)
			break
		}
	}
	if len(s.tapes) > 0 {
		l.recorder.tune(s.tapes)
		return
	}
	l.stopRecording()
	s.reel.forget()
}

// stopRecording ends the writing and publishes what was written.
func (l *Loop) stopRecording() {
	if l.recorder == nil {
		return
	}
	r := l.recorder
	r.mark()
	r.reel.number += uint64(r.chunk.events)
	r.reel.flush(r.chunk)
	l.recorder = nil
	l.told, l.timers.due = l.stepped, nil
	l.watch.probe.And(^uint32(recording))
}

// tune sets what is written to the finest of what the tapes want. A virtual clock costs
// nothing to look at.
func (r *recorder) tune(tapes []*tape) {
	finest := monitor.Coarse
	for _, t := range tapes {
		finest = max(finest, t.detail)
	}
	r.most, r.stacks = coarseSteps, finest >= monitor.Stacks
	if finest >= monitor.Exact || r.loop.driver.Virtual() {
		r.most = 1
	}
	r.every = r.most
	r.left = 1 // the next step has its time
}

// Flush implements [monitor.Source], and [monitor.View].
func (s *source) Flush() { (*view)(s.loop).Flush() }

func (v *view) Flush() {
	if r := v.recorder; r != nil {
		r.mark()
		r.reel.flush(r.chunk)
	}
}
