package explore

import "slices"

// who is a task. Of those with one name on one host the number tells them apart, in
// the order of their creation.
type who struct {
	host, task string
	number     int
}

// names are the tasks of a schedule. A key can have several: callbacks share one.
type names struct {
	known map[named]who
	count map[who]int // by name, with the number 0
}

type named struct {
	key        uint64
	host, task string
}

func newNames() names { return names{known: map[named]who{}, count: map[who]int{}} }

// of is the task with that key and label, which gets its number when it is first seen.
func (n names) of(key uint64, l Label) who {
	id := named{key, l.Host, l.Task}
	if name, ok := n.known[id]; ok {
		return name
	}
	name := who{host: l.Host, task: l.Task}
	n.count[name]++
	name.number = n.count[who{host: l.Host, task: l.Task}]
	n.known[id] = name
	return name
}

// namesOf are those of a recording. Tasks are in it in the order in which they ran, and
// their keys tell the order of their creation.
func namesOf(entries []Entry) names {
	var steps []*Entry
	for i := range entries {
		if !entries[i].IsDraw() {
			steps = append(steps, &entries[i])
		}
	}
	slices.SortStableFunc(steps, func(a, b *Entry) int {
		switch {
		case a.By < b.By:
			return -1
		case a.By > b.By:
			return 1
		}
		return 0
	})
	n := newNames()
	for _, e := range steps {
		n.of(e.By-1, e.Label)
	}
	return n
}
