package asyncio

import "context"

// A line is the tasks that stand in front of one primitive, in the order they came
// (S3).
//
// A [WaitQueue] forgets a task when it is woken or cancelled. That is not enough
// here: in the round between a wake-up and the woken task's next step, a newcomer
// must see that somebody is about to take the lock, and must stand behind it; and
// the order is CPython's only where a cancelled task keeps its place until it has
// run (S5). So each task gets a place of its own, with a WaitQueue for one, and
// leaves the line when it resumes.
type line struct {
	first, last *place
	// next is the first place that may still be parked. Everything before it was
	// woken or cancelled, and neither is ever undone, so that finding whom to wake
	// costs nothing, however many tasks were cancelled at once.
	next *place
	// woken counts the places that were woken and have not resumed.
	woken int
	n     int // places in the line
	// idle holds places for reuse, at most idlePlaces: a wait allocates nothing in
	// steady state, and a crowd that was here once does not occupy memory for ever.
	idle  *place
	idles int
}

const idlePlaces = 64

// A place is where one task stands in a line.
type place struct {
	parked        WaitQueue // this task and nobody else
	before, after *place
	woken         bool
	ask           int       // what it wants: permits, or a mode; the primitive's own business
	who           *taskCore // who stands here
	key           any       // on whose behalf
}

// wait parks the caller at the end of the line. woken and err are
// [WaitQueue.Park]'s: where both are set, the caller must hand on in the same step
// what the wake-up stood for (C3).
func (l *line) wait(ctx context.Context, on any, p *place) (woken bool, err error) {
	l.join(p)
	defer l.leave(p) // deferred, so that a task that is unwound while it waits does not block the line for ever
	return p.parked.Park(ctx, on)
}

// place returns a free place for a task that wants ask.
func (l *line) place(ask int, who *taskCore, key any) *place {
	p := l.idle
	if p == nil {
		p = new(place)
	} else {
		l.idle, p.after = p.after, nil
		l.idles--
	}
	p.ask, p.who, p.key = ask, who, key
	return p
}

func (l *line) join(p *place) {
	if p.before = l.last; p.before != nil {
		p.before.after = p
	} else {
		l.first = p
	}
	l.last = p
	l.n++
	if l.next == nil {
		l.next = p
	}
}

func (l *line) leave(p *place) {
	if p.woken {
		l.woken--
	}
	if l.next == p {
		l.next = p.after
	}
	l.unlink(p)
	l.n--
	*p = place{}
	if l.idles < idlePlaces {
		p.after, l.idle = l.idle, p
		l.idles++
	}
}

func (l *line) unlink(p *place) {
	if p.before != nil {
		p.before.after = p.after
	} else {
		l.first = p.after
	}
	if p.after != nil {
		p.after.before = p.before
	} else {
		l.last = p.before
	}
}

// front returns the first place that is still parked, nil where there is none. In
// amortised constant time.
func (l *line) front() *place {
	for l.next != nil && l.next.parked.Len() == 0 {
		l.next = l.next.after
	}
	return l.next
}

// empty tells whether a newcomer has nobody to stand behind. Cancelled tasks do not
// count; tasks that were woken do, until they run: a newcomer must not be seen to go
// in before them, even where there is room for both. So whoever resumes has to let
// in those who came meanwhile and fit.
func (l *line) empty() bool { return l.woken == 0 && l.front() == nil }

// wake wakes the task at p, which must be parked; it runs in the next round.
func (l *line) wake(p *place) {
	p.woken = true
	l.woken++
	p.parked.Wake(1)
}

// parked counts the tasks that wait and were not woken. For reports: it walks the
// line.
func (l *line) parked() int {
	n := 0
	for p := l.front(); p != nil; p = p.after {
		n += p.parked.Len()
	}
	return n
}

// longLine is a line that a console must not walk.
const longLine = 1000

// waiting is parked for consoles. In a long line it counts those who were cancelled in
// this round as well.
func (l *line) waiting() int {
	if l.n > longLine {
		return l.n - l.woken
	}
	return l.parked()
}
