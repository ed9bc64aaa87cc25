package explore

import "time"

// matcher lets a program run in the order of a recording, though it may have changed
// since. Each task's next step is looked up among those that the task took in the
// recording, and of the alternatives the one runs whose step came first there.
//
//   - A wait that was added has no place there: it follows its task's step before it.
//   - A wait whose line has moved is taken for the one that stands in its place, if it
//     is of the same kind.
//   - A step that is not there any more is skipped.
//   - A step that could have run and had not when the recording ended comes last.
//   - A task that is not in the recording runs when production would run it.
//
// Where nothing has changed all of it comes to the recorded order, exactly.
type matcher struct {
	source  Source
	entries []Entry
	tasks   map[who]*recorded
	sites   map[spot]bool   // that the recording knows
	draws   map[asked][]int // indices of entries, those that are yet to come
	names   names
	done    []bool // by index of the entry
	cursor  int    // the first entry that is not done
	first   *Divergence
	taken   int // steps and draws
}

// spot is a wait, wherever it is reached.
type spot struct{ where, wait string }

// asked is a question of the environment.
type asked struct{ host, task, name string }

// recorded is a task of the recording.
type recorded struct {
	steps []int // indices of its entries
	next  int   // the first of those that is yet to come
}

// place is where the next step of an alternative stands in the recording.
type place struct {
	task  *recorded // nil: nobody knows it
	step  int       // of the task's steps; -1: none, but it follows the last that came
	index int       // of the entry
}

// A Divergence is where a replay by labels first differs from its recording.
type Divergence struct {
	Taken int           // how many steps and draws came before
	At    time.Duration // the world's time
	Want  *Entry        // what came next in the recording; nil: nothing did
	Got   Label         // who came instead
	Draw  string        // and what was drawn, if something was
}

func newMatcher(r *Recording, s Source) *matcher {
	m := &matcher{
		source: s, entries: r.Entries, done: make([]bool, len(r.Entries)),
		tasks: map[who]*recorded{}, sites: map[spot]bool{}, draws: map[asked][]int{},
		names: newNames(),
	}
	recordedNames := namesOf(r.Entries)
	for i := range r.Entries {
		e := &r.Entries[i]
		if e.IsDraw() {
			key := asked{e.Host, e.Task, e.Draw}
			m.draws[key] = append(m.draws[key], i)
			continue
		}
		name := recordedNames.of(e.By-1, e.Label)
		if m.tasks[name] == nil {
			m.tasks[name] = &recorded{}
		}
		m.tasks[name].steps = append(m.tasks[name].steps, i)
		m.sites[spot{e.Site, e.Wait}] = true
		m.done[i] = e.N == 0
	}
	return m
}

// step is the alternative that runs.
func (m *matcher) step(alts []Alt) int {
	best, stranger := -1, -1
	var at place
	for i := range alts {
		p := m.place(alts, i)
		switch {
		case p.task == nil:
			if stranger < 0 {
				stranger = i
			}
		case best < 0 || p.before(at):
			best, at = i, p
		}
	}
	if stranger >= 0 && (best < 0 || stranger < best) {
		best, at = stranger, place{}
	}
	m.ran(at, m.source.Describe(alts, best))
	return best
}

func (p place) before(q place) bool {
	if p.index != q.index {
		return p.index < q.index
	}
	return p.step >= 0 && q.step < 0
}

// place finds an alternative's next step in the recording.
func (m *matcher) place(alts []Alt, i int) place {
	l := m.source.Describe(alts, i)
	t := m.tasks[m.names.of(alts[i].Key, l)]
	if t == nil {
		return place{}
	}
	for k := t.next; k < len(t.steps); k++ {
		if e := &m.entries[t.steps[k]]; e.Site == l.Site && e.Wait == l.Wait {
			return place{t, k, t.steps[k]}
		}
	}
	if k := t.next; k < len(t.steps) && m.entries[t.steps[k]].Wait == l.Wait && !m.sites[spot{l.Site, l.Wait}] {
		return place{t, k, t.steps[k]} // its line has moved
	}
	if t.next == 0 {
		return place{}
	}
	return place{t, -1, t.steps[t.next-1]}
}

// ran takes note of a step.
func (m *matcher) ran(p place, l Label) {
	index := -1
	if p.task != nil && p.step >= 0 {
		p.task.next = p.step + 1
		index = p.index
	}
	m.note(index, l, "")
}

// draw is what the recording has for this question, asked as often as now.
func (m *matcher) draw(name string, n int) int {
	l := m.source.Here()
	key := asked{l.Host, l.Task, name}
	left := m.draws[key]
	if len(left) == 0 {
		m.note(-1, l, name)
		return 0
	}
	m.draws[key] = left[1:]
	m.note(left[0], l, name)
	return min(m.entries[left[0]].Pick, n-1)
}

// note enters what was taken: the entry with that index, or none.
func (m *matcher) note(index int, l Label, draw string) {
	if index != m.cursor && m.first == nil {
		m.first = &Divergence{Taken: m.taken, At: m.source.Now(), Got: l, Draw: draw}
		if m.cursor < len(m.entries) {
			m.first.Want = &m.entries[m.cursor]
		}
	}
	m.taken++
	if index >= 0 {
		m.done[index] = true
	}
	for m.cursor < len(m.done) && m.done[m.cursor] {
		m.cursor++
	}
}

// ended notes that the program has ended before its recording.
func (m *matcher) ended() {
	if m.first == nil && m.cursor < len(m.entries) {
		m.first = &Divergence{Taken: m.taken, At: m.source.Now(), Want: &m.entries[m.cursor]}
	}
}
