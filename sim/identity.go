package sim

import "reflect"

// Strategies know tasks by a key, which is one task's in one schedule, and by a class,
// which tasks of the same origin have in every schedule of a program: the same function,
// created as the same child of the same parent. What a strategy learns is by class.

// callKey is the key of all that happens between hosts. Keys count up from there: each
// host has one for its callbacks, and each task one.
const callKey = 0

type taskRecord struct {
	key      uint64
	class    uint32
	children uint32
}

// identity is the key and the class of a task of the host; 0 is none.
func (h *Host) identity(task uint64) (key uint64, class uint32) {
	if task == 0 || task > uint64(len(h.tasks)) {
		return h.key, h.class
	}
	t := &h.tasks[task-1]
	return t.key, t.class
}

// created notes a new task: the loop numbers them from 1.
func (h *Host) created(task uint64, fn any) {
	parent := h.current
	origin := origin{host: uint32(h.index), fn: functionOf(fn)}
	if parent > 0 && parent <= uint64(len(h.tasks)) {
		p := &h.tasks[parent-1]
		origin.parent, origin.nth = p.class, min(p.children, maxSiblings)
		p.children++
	}
	class := h.world.classes.of(origin)
	for uint64(len(h.tasks)) < task {
		h.tasks = append(h.tasks, taskRecord{})
	}
	if h.world.opts.declared {
		h.world.chooser.TouchAll() // keys are given in the order of creation
	}
	key := h.world.newKey()
	h.tasks[task-1] = taskRecord{key: key, class: class}
	up := key
	if parent > 0 && parent < task {
		up = h.tasks[parent-1].key
	}
	h.world.chooser.Created(key, class, up)
}

func (w *World) newKey() uint64 {
	w.keys++
	return w.keys
}

// maxSiblings is how many children of a task have a class of their own.
const maxSiblings = 63

// functionOf is the address of a function's code.
func functionOf(fn any) uintptr {
	if v := reflect.ValueOf(fn); v.Kind() == reflect.Func {
		return v.Pointer()
	}
	return 0
}

type origin struct {
	host, parent uint32
	nth          uint32
	fn           uintptr
	label        string // of what happens between hosts
}

// classes numbers origins, for the whole of a campaign.
type classes map[origin]uint32

func (c classes) of(o origin) uint32 {
	n, ok := c[o]
	if !ok {
		n = uint32(len(c)) + 1
		c[o] = n
	}
	return n
}

func (w *World) classOf(label string) uint32 { return w.classes.of(origin{label: label}) }
