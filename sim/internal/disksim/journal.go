package disksim

// journal is the changes of folders that are not on the disk, in order.
type journal struct{ pending []change }

// change is one creation, renaming or removal. It is on the disk as a whole or not at
// all.
type change struct {
	seq     uint64
	sets    []setting
	moves   bool  // a folder from one place to another
	removes *node // a folder
}

// entry is a name in a folder.
type entry struct {
	folder *node
	name   string
}

// setting makes an entry lead to a node, or nowhere.
type setting struct {
	entry
	to *node
}

func (c *change) touches(n *node) bool {
	for _, s := range c.sets {
		if s.folder == n {
			return true
		}
	}
	return false
}

// write is the change on the disk.
func (c *change) write() {
	for _, s := range c.sets {
		set(&s.folder.folder.disk, s.name, s.to)
	}
}

// marks are what changes depend on each other by: entries, folders, and the moves of
// folders, for two of those in the wrong order could put a folder into itself.
type marks struct {
	entries map[entry]bool
	folders map[*node]bool
	moves   bool
}

func newMarks() *marks {
	return &marks{entries: map[entry]bool{}, folders: map[*node]bool{}}
}

// needs is for a walk from the first change to the last: it tells whether c depends on
// one that has been marked.
func (m *marks) needs(c *change) bool {
	if c.moves && m.moves || c.removes != nil && m.folders[c.removes] {
		return true
	}
	for _, s := range c.sets {
		if m.entries[s.entry] {
			return true
		}
	}
	return false
}

// mark marks what c changes.
func (m *marks) mark(c *change) {
	m.moves = m.moves || c.moves
	for _, s := range c.sets {
		m.entries[s.entry] = true
		m.folders[s.folder] = true
	}
}

// isNeeded is for a walk from the last change to the first: it tells whether one that has
// been marked depends on c.
func (m *marks) isNeeded(c *change) bool {
	if c.moves && m.moves {
		return true
	}
	for _, s := range c.sets {
		if m.entries[s.entry] || m.folders[s.folder] {
			return true
		}
	}
	return false
}

// markNeeds marks what c depends on.
func (m *marks) markNeeds(c *change) {
	m.moves = m.moves || c.moves
	if c.removes != nil {
		m.folders[c.removes] = true
	}
	for _, s := range c.sets {
		m.entries[s.entry] = true
	}
}

// sync brings the changes up to seq to the disk that wanted names, and those that they
// depend on.
func (j *journal) sync(seq uint64, wanted func(c *change) bool) {
	m, chosen := newMarks(), make([]bool, len(j.pending))
	for i := len(j.pending) - 1; i >= 0; i-- {
		if c := &j.pending[i]; c.seq <= seq && (wanted(c) || m.isNeeded(c)) {
			chosen[i] = true
			m.markNeeds(c)
		}
	}
	j.settle(func(i int, _ *change) bool { return chosen[i] })
}

// settle writes the changes to which yes says yes, in order, and keeps the others.
func (j *journal) settle(yes func(i int, c *change) bool) {
	left := j.pending[:0]
	for i := range j.pending {
		if c := j.pending[i]; yes(i, &c) {
			c.write()
		} else {
			left = append(left, c)
		}
	}
	clear(j.pending[len(left):])
	j.pending = left
}

// every is all changes.
func every(*change) bool { return true }
