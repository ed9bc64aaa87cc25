package explore

import (
	"fmt"
	"slices"
)

// tasks is what is known of the tasks of this schedule, by key.
type tasks struct {
	learnt *Learnt
	known  []task
}

type task struct {
	class     *class // nil: not seen yet
	parent    uint64
	hasParent bool
	steps     int // that it has taken
	left      int // that it is expected to take, with its descendants, in units
	below     int // steps of its descendants; only at the end
}

// most is how many tasks a schedule may have. A larger key is one that does not count
// up, and would take all memory.
const most = 1 << 28

func (t *tasks) begin() {
	clear(t.known)
	t.known = t.known[:0]
}

// of is the entry of an alternative's task, which is made where nobody told of it.
func (t *tasks) of(a Alt) *task {
	if a.Key < uint64(len(t.known)) {
		if found := &t.known[a.Key]; found.class != nil {
			return found
		}
	}
	return t.add(a.Key, a.Class)
}

// ran enters a step.
func (t *tasks) ran(a Alt) {
	who := t.of(a)
	who.steps++
	who.left -= unit
}

// stepsOf is how many steps the task has taken.
func (t *tasks) stepsOf(key uint64) int {
	if key >= uint64(len(t.known)) {
		return 0
	}
	return t.known[key].steps
}

func (t *tasks) add(key uint64, class uint32) *task {
	if key >= most {
		panic(fmt.Sprintf("explore: key %d: keys count up from 0 in each schedule", key))
	}
	if n := int(key) + 1; n > len(t.known) {
		t.known = slices.Grow(t.known, n-len(t.known))[:n]
	}
	added := &t.known[key]
	added.class = t.learnt.class(class)
	added.left = added.class.mean()
	return added
}

// created enters a task, and takes its steps from those that its parent has before it.
func (t *tasks) created(key uint64, class uint32, parent uint64) {
	child := t.add(key, class)
	if parent == key || parent >= uint64(len(t.known)) || t.known[parent].class == nil {
		return
	}
	child.parent, child.hasParent = parent, true
	t.known[parent].left -= child.left
}
