package tape

import (
	"github.com/goasyncio/asyncio/internal/monitor"
)

func (r *Reader) readEvents(rows [][]int64) ([]Event, error) {
	events := make([]Event, 0, len(rows))
	for _, row := range rows {
		if len(row) < 2 || len(row) > 7 {
			return nil, r.wrong("an event has 2 to 7 numbers, not %d", len(row))
		}
		var full [7]int64
		copy(full[:], row)
		if full[1] < 0 || full[1] > int64(Said) || full[2] < 0 {
			return nil, r.wrong("no event can be of kind %d and of task %d", full[1], full[2])
		}
		e := Event{At: full[0], Kind: monitor.Kind(full[1]), Task: uint64(full[2]), A: full[3], B: full[4], C: full[5], D: full[6]}
		if err := r.checkEvent(e); err != nil {
			return nil, err
		}
		r.last = e.At
		events = append(events, e)
	}
	return events, nil
}

// checkEvent looks at an event by itself. Whether it can follow those before it is for a
// [Model].
func (r *Reader) checkEvent(e Event) error {
	bad := func(what string, n int64) error {
		return r.wrong("event %s at %d: %s is %d", kindName(e.Kind), e.At, what, n)
	}
	if e.At < r.last {
		return r.wrong("event %s at %d is earlier than the one before it, at %d", kindName(e.Kind), e.At, r.last)
	}
	if ofTask(e.Kind) != (e.Task != 0) {
		return bad("its task", int64(e.Task))
	}
	switch e.Kind {
	case monitor.Created:
		return within(e.A, 0, 1<<62, "its parent", bad)
	case monitor.Callback:
		return within(e.A, 0, r.strings-1, "its string", bad)
	case monitor.Parked:
		return first(
			within(e.A, 0, r.strings-1, "its string", bad),
			within(e.B, 0, r.stacks, "its stack", bad),
			within(e.C, 0, 1<<62, "its limit of time", bad))
	case monitor.Woken:
		return first(
			within(e.A, int64(monitor.ByWake), int64(monitor.ByYield), "its cause", bad),
			within(e.B, 0, 1<<62, "who has done it", bad),
			within(e.C, 0, r.strings-1, "its string", bad))
	case monitor.Done:
		return first(
			within(e.A, int64(monitor.Returned), int64(monitor.Exited), "its outcome", bad),
			within(e.B, 0, r.strings-1, "its string", bad))
	case monitor.Sleep, monitor.Round:
		return within(e.A, 0, 1<<62, "its number", bad)
	case Exists:
		return first(
			within(e.A, int64(Ready), int64(Waiting), "its state", bad),
			within(e.B, 0, r.strings-1, "its string", bad),
			within(e.D, 0, 1<<62, "its limit of time", bad))
	case Said:
		return first(
			within(e.A, 0, r.strings-1, "its string", bad),
			within(e.B, 0, r.stacks, "its stack", bad))
	case monitor.Step, monitor.Awake, monitor.IO, monitor.Posts, monitor.Timers, monitor.Renamed:
		return nil
	}
	return bad("its kind", int64(e.Kind))
}

// ofTask tells whether events of that kind have a task.
func ofTask(k monitor.Kind) bool {
	switch k {
	case monitor.Created, monitor.Step, monitor.Parked, monitor.Woken, monitor.Done, monitor.Renamed, Exists, Said:
		return true
	}
	return false
}

func within(n, least, most int64, what string, bad func(string, int64) error) error {
	if n < least || n > most {
		return bad(what, n)
	}
	return nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// readMarks looks at what a line says of the time after its events.
func (r *Reader) readMarks(b *Batch) error {
	switch {
	case b.Now != 0 && b.Now < r.last:
		return r.wrong("it is complete up to %d, before its last event at %d", b.Now, r.last)
	case b.Ended != nil && b.Ended.At < r.last:
		return r.wrong("the loop ends at %d, before the last event at %d", b.Ended.At, r.last)
	case b.Lost > 1<<62:
		return r.wrong("%d events are said to be missing", b.Lost)
	}
	r.last = max(r.last, b.Now)
	r.ended = b.Ended != nil
	return nil
}
