package explore

import (
	"maps"
	"slices"
	"time"
)

// A Label says in words what can run: which task of which host, and at which wait. It
// means the same after an edit of the program, where an index would not.
type Label struct {
	Host string `json:"host,omitempty"`
	Task string `json:"task,omitempty"`
	Site string `json:"site,omitempty"` // file:line of the wait
	Wait string `json:"wait,omitempty"` // what kind of wait it is, and for what
}

// A Source describes a world while a schedule is recorded or replayed by labels.
type Source interface {
	// Now is the world's time.
	Now() time.Duration
	// Describe is the label of alternative i of the step that is being decided.
	Describe(alts []Alt, i int) Label
	// Here is who makes the draw that is being decided.
	Here() Label
}

// An Entry is one step or one draw of a recorded schedule. Steps without a choice are
// entries, too: N is 1. At the end stand the steps that could have run, and have not:
// their N is 0.
type Entry struct {
	At time.Duration `json:"-"` // of the world
	Label
	Draw    string `json:"draw,omitempty"`    // what was drawn; a step has none
	Instead *Label `json:"instead,omitempty"` // who would have run by default, if Pick is not 0
	N       int    `json:"n"`
	Pick    int    `json:"pick,omitempty"`
	By      uint64 `json:"by,omitempty"`
}

// IsDraw tells a draw from a step.
func (e *Entry) IsDraw() bool { return e.By == draw }

// Ran tells that the entry's step was taken, and is not one that was left at the end.
func (e *Entry) Ran() bool { return e.N > 0 }

// A Recording is a schedule with all that is needed to understand it, and to replay it
// when the program has changed.
type Recording struct {
	Program  string // the test
	Strategy string
	Seed     uint64
	Schedule int
	Failure  string
	Entries  []Entry
}

// Tape is the decisions of the recorded schedule.
func (r *Recording) Tape() (t Tape) {
	for i := range r.Entries {
		if e := &r.Entries[i]; e.N > 1 {
			t = append(t, Choice{N: e.N, Pick: e.Pick, By: e.By})
		}
	}
	return t
}

// recorder makes the entries of a schedule that runs.
type recorder struct {
	source  Source
	entries []Entry
	waiting map[uint64]Label // steps that could run, by key
}

// Record makes a recording of the schedule that has just been begun, which takes time:
// it is for the second run of a failure. [Chooser.Entries] has it at the end.
func (c *Chooser) Record(s Source) {
	c.recorder, c.slow = &recorder{source: s, waiting: map[uint64]Label{}}, true
}

// Entries is the recording of a schedule for which [Chooser.Record] was called.
func (c *Chooser) Entries() []Entry {
	if c.recorder == nil {
		return nil
	}
	return c.recorder.entries
}

func (r *recorder) step(alts []Alt, i, place, first int) {
	e := Entry{At: r.source.Now(), Label: r.source.Describe(alts, i), N: len(alts), Pick: place, By: alts[i].Key + 1}
	if place > 0 {
		instead := r.source.Describe(alts, first)
		e.Instead = &instead
	}
	r.entries = append(r.entries, e)
	for j, a := range alts {
		if _, known := r.waiting[a.Key]; !known {
			r.waiting[a.Key] = r.source.Describe(alts, j)
		}
	}
	delete(r.waiting, alts[i].Key)
}

// end enters what could have run and has not, so that a replay by labels knows that it
// is to wait.
func (r *recorder) end() {
	now := r.source.Now()
	for _, key := range slices.Sorted(maps.Keys(r.waiting)) {
		r.entries = append(r.entries, Entry{At: now, Label: r.waiting[key], By: key + 1})
	}
	clear(r.waiting)
}

func (r *recorder) draw(name string, n, pick int) {
	r.entries = append(r.entries, Entry{At: r.source.Now(), Label: r.source.Here(), Draw: name, N: n, Pick: pick, By: draw})
}
