package report

// Differ is the first place at which two schedules did not do the same, as an index
// that is good for the entries of both; it is the length of the shorter one where that
// is the beginning of the other. equal tells that there is none.
func Differ(a, b *Log) (at int, equal bool) {
	n := min(len(a.Entries), len(b.Entries))
	for i := range n {
		if !a.Entries[i].same(&b.Entries[i]) {
			return i, false
		}
	}
	return n, len(a.Entries) == len(b.Entries)
}

// same tells whether two entries stand for the same, however they were decided on.
func (e *Entry) same(f *Entry) bool {
	return e.Kind == f.Kind && e.At == f.At && e.Host == f.Host && e.Task == f.Task &&
		e.From == f.From && e.To == f.To && e.Waits == f.Waits && e.Label == f.Label &&
		(e.Kind != Draw || e.Pick == f.Pick) &&
		e.Event == f.Event && e.Peer == f.Peer && e.What == f.What && e.ID == f.ID && e.Size == f.Size
}

// At is the entry of a decision by its number on the tape, or nil.
func (l *Log) At(choice int) *Entry {
	for i := range l.Entries {
		if l.Entries[i].Choice == choice {
			return &l.Entries[i]
		}
	}
	return nil
}

// Number is the step of that number, or nil.
func (l *Log) Number(step int) *Entry {
	for i := range l.Entries {
		if l.Entries[i].Step == step {
			return &l.Entries[i]
		}
	}
	return nil
}

// A Flip is a failing schedule in which one decision was set back to the default.
type Flip struct {
	Choice  int // on the tape, from 1
	Passes  bool
	Nearest bool // of those that pass, it is the last
	Instead *Log
}

// Note says in what the schedule differs from the flipped one.
func (f Flip) Note(r *Log) string {
	e, other := r.At(f.Choice), f.Instead.At(f.Choice)
	if e == nil || other == nil {
		return "decided here"
	}
	if e.Kind == Draw {
		return f.noteDraw(e)
	}
	who := other.Actor()
	if other.Kind == Step && other.Host != e.Host {
		who += " of " + other.Host
	}
	if other.Kind == Step && other.Task == e.Task && other.Host == e.Host {
		who = "another step of " + who
	}
	switch {
	case f.Nearest:
		return "runs here; in the nearest passing run " + who + " goes first"
	case f.Passes:
		return "runs here; it passes too where " + who + " goes first"
	}
	return "runs here before " + who
}

func (f Flip) noteDraw(e *Entry) string {
	mild := "it is 0"
	if e.Of == 2 {
		mild = "this does not happen"
	}
	switch {
	case f.Nearest:
		return "decided here; in the nearest passing run " + mild
	case f.Passes:
		return "decided here; it passes too where " + mild
	}
	return "decided here"
}
