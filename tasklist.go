package asyncio

import "iter"

// taskList is the loop's tasks that have not ended, in order of creation. A task that
// ends leaves a hole in the slice, which is closed with many others: pointers from
// task to task instead would keep the collector of a loop that makes many tasks busy.
type taskList struct {
	slots []*taskCore
	n     int // without the holes
}

// fewSlots are not worth to be made fewer.
const fewSlots = 64

func (l *taskList) push(t *taskCore) {
	t.slot = uint32(len(l.slots))
	l.slots = append(l.slots, t)
	l.n++
}

func (l *taskList) remove(t *taskCore) {
	l.slots[t.slot] = nil
	l.n--
	if len(l.slots) > fewSlots && l.n < len(l.slots)/4 {
		l.closeHoles()
	}
}

// closeHoles takes as long as there are slots: less than two for each task that has
// left since the last time. What is left behind a peak is given back.
func (l *taskList) closeHoles() {
	old := l.slots
	l.slots = old[:0]
	if cap(old) > 1<<16 {
		l.slots = make([]*taskCore, 0, 2*l.n)
	}
	for _, t := range old {
		if t != nil {
			t.slot = uint32(len(l.slots))
			l.slots = append(l.slots, t)
		}
	}
	clear(old[len(l.slots):])
}

// after yields the tasks that were created after the one with the given number and have
// not ended. None may be created or end meanwhile.
func (l *taskList) after(id uint64) iter.Seq[*taskCore] {
	return func(yield func(*taskCore) bool) {
		for _, t := range l.slots[l.behind(id):] {
			if t != nil && !yield(t) {
				return
			}
		}
	}
}

// behind is a place before which no task was created after the one with the given
// number, and behind which all that have not ended were.
func (l *taskList) behind(id uint64) int {
	low, high := 0, len(l.slots)
	for low < high {
		middle := int(uint(low+high) / 2)
		at := middle
		for at < high && l.slots[at] == nil {
			at++
		}
		if at == high || l.slots[at].id > id {
			high = middle
		} else {
			low = at + 1
		}
	}
	return low
}

// all yields every task, as after does.
func (l *taskList) all() iter.Seq[*taskCore] { return l.after(0) }
