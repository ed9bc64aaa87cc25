package console

import "github.com/goasyncio/asyncio/console/internal/wire"

// maxPath is how far up the path of a task is told.
const maxPath = 100

// findChildren puts each task below its parent, and those whose parent is not there
// below 0.
func (l *listing) findChildren() map[uint64][]int {
	below := map[uint64][]int{}
	for i, t := range l.tasks {
		breathe(i)
		parent := t.Parent
		if parent != 0 && (parent >= t.ID || l.find(parent) < 0) {
			parent = 0 // a parent is older, so there is no circle in this tree
		}
		below[parent] = append(below[parent], i)
	}
	return below
}

// tree is the part of the tree below root, which comes first; all of it for 0. Depth is
// how many levels there are. A task's children follow it before its next sister.
func (l *listing) tree(root uint64, depth, limit int) (nodes []wire.Node, truncated bool) {
	type place struct{ at, depth int }
	var todo []place // a stack of our own: a tree may be ten thousand levels deep
	push := func(parent uint64, depth int) {
		below := l.children()[parent]
		for i := len(below) - 1; i >= 0; i-- {
			todo = append(todo, place{below[i], depth})
		}
	}
	if root == 0 {
		push(0, 0)
	} else if i := l.find(root); i >= 0 {
		todo = append(todo, place{i, 0})
	}
	nodes = []wire.Node{}
	for len(todo) > 0 {
		if len(nodes) == limit {
			return nodes, true
		}
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		t := l.tasks[p.at]
		nodes = append(nodes, wire.Node{
			ID: t.ID, Name: t.Name, State: t.State, Parent: t.Parent, Depth: p.depth,
			WaitsFor: t.WaitsFor, Children: len(l.children()[t.ID]),
		})
		if p.depth+1 < depth {
			push(t.ID, p.depth+1)
		}
	}
	return nodes, false
}

// path is the way from a task's parent to the top.
func (l *listing) path(parent uint64) []wire.Relative {
	path := []wire.Relative{}
	for i := l.find(parent); i >= 0 && len(path) < maxPath; i = l.find(l.tasks[i].Parent) {
		path = append(path, l.ref(i))
	}
	return path
}

// childrenOf are the first tasks below a task, and how many there are beyond them.
func (l *listing) childrenOf(id uint64) (refs []wire.Relative, omitted int) {
	refs = []wire.Relative{}
	below := l.children()[id]
	for _, i := range below[:min(len(below), maxPage)] {
		refs = append(refs, l.ref(i))
	}
	return refs, len(below) - len(refs)
}

func (l *listing) ref(i int) wire.Relative {
	return wire.Relative{ID: l.tasks[i].ID, Name: l.tasks[i].Name, State: l.tasks[i].State}
}
