package tree

import (
	"slices"
	"strings"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/listing"
	"github.com/goasyncio/asyncio/console/client"
)

// A node is a task at a place of a tree.
type node struct {
	task     client.Task
	children []*node
	cut      int  // how many tasks directly below it are left out, with what is below those
	again    bool // it stands at another place of the tree, with what is below it
	cycle    bool // it is above itself
}

// forest arranges tasks under each other.
type forest struct {
	tasks map[uint64]client.Task
	below map[uint64][]uint64 // in the order of IDs
	roots []uint64
	depth int             // how many levels are drawn, 0 for all
	drawn map[uint64]bool // tasks that stand somewhere already
	above map[uint64]bool // tasks from the root to the node that is made
}

// byParent arranges tasks under those who have started them. A task whose parent has
// ended is a root.
func byParent(tasks []client.Task) *forest {
	return arrange(tasks, func(t client.Task) []uint64 { return []uint64{t.Parent} })
}

// byWait arranges tasks under those who wait for them, so that what everybody waits for
// in the end stands at the tips. A task that many wait for stands at several places, and
// once with what is below it. A ring of tasks that wait for each other has no root: each
// is entered at the task with the lowest ID.
func byWait(tasks []client.Task) *forest {
	waiters := map[uint64][]uint64{}
	for _, t := range tasks {
		for _, on := range t.Tasks {
			waiters[on] = append(waiters[on], t.ID)
		}
	}
	return arrange(tasks, func(t client.Task) []uint64 { return waiters[t.ID] })
}

// arrange makes a forest where above says under whom a task stands.
func arrange(tasks []client.Task, above func(client.Task) []uint64) *forest {
	f := &forest{tasks: map[uint64]client.Task{}, below: map[uint64][]uint64{}, drawn: map[uint64]bool{}, above: map[uint64]bool{}}
	for _, t := range tasks {
		f.tasks[t.ID] = t
	}
	for _, t := range tasks {
		root := true
		for _, id := range above(t) {
			if _, there := f.tasks[id]; there {
				f.below[id] = append(f.below[id], t.ID)
				root = false
			}
		}
		if root {
			f.roots = append(f.roots, t.ID)
		}
	}
	for _, ids := range f.below {
		slices.Sort(ids)
	}
	return f
}

// all makes the trees of the forest.
func (f *forest) all() []*node {
	var nodes []*node
	for _, id := range f.roots {
		nodes = append(nodes, f.grow(id))
	}
	reached := f.reachable()
	for _, id := range f.ids() { // what cannot be reached from a root hangs on rings
		if !f.drawn[id] && !reached[id] {
			nodes = append(nodes, f.grow(id))
			f.reach(id, reached)
		}
	}
	return nodes
}

// reachable are the tasks below the roots, those too that are too deep to be drawn.
func (f *forest) reachable() map[uint64]bool {
	reached := map[uint64]bool{}
	for _, id := range f.roots {
		f.reach(id, reached)
	}
	return reached
}

func (f *forest) reach(from uint64, reached map[uint64]bool) {
	for todo := []uint64{from}; len(todo) > 0; {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !reached[id] {
			reached[id] = true
			todo = append(todo, f.below[id]...)
		}
	}
}

// ids are all tasks in the order of their IDs.
func (f *forest) ids() (ids []uint64) {
	for id := range f.tasks {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// grow makes the tree below a task.
func (f *forest) grow(id uint64) *node {
	n := &node{task: f.tasks[id]}
	switch {
	case f.above[id]:
		n.cycle = true
		return n
	case f.drawn[id]:
		n.again = len(f.below[id]) > 0
		return n
	case f.depth > 0 && len(f.above)+1 >= f.depth:
		n.cut = len(f.below[id])
		f.drawn[id] = true
		return n
	}
	f.drawn[id] = true
	f.above[id] = true
	for _, child := range f.below[id] {
		n.children = append(n.children, f.grow(child))
	}
	delete(f.above, id)
	return n
}

// alike is what tasks have in common that are told together: everything but digits.
func (n *node) alike() string {
	if len(n.children) > 0 || n.cut > 0 || n.again || n.cycle {
		return ""
	}
	key := n.task.Name + "\x00" + listing.State(n.task) + "\x00" + n.task.WaitsFor
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, key)
}
