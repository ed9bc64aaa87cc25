package explore

import "slices"

// search is the state of an exhaustive search: the decisions on the way to the schedule
// that runs, with what has been seen of each.
type search struct {
	Search
	path     []node
	depth    int // how many decisions of this schedule were taken
	touched  Footprint
	asleep   []sleeper // for the next step
	pruned   bool
	complete bool
	diverged bool
	spent    int // of the bound
	faults   int
	last     uint64
	began    bool // whether last is a task
}

// node is a decision. That of a step with one alternative is none, but it counts here:
// it may be asleep, and it wakes others.
type node struct {
	draw   bool
	n      int
	pick   int       // the place on the tape
	keys   []uint64  // of the alternatives of a step, as on the tape
	asleep []sleeper // steps that need not be taken here: others have shown all that comes
	done   []sleeper // alternatives that have been taken here
	print  Footprint // of the step taken now, in all schedules so far
	spent  int       // of the bound, before it
	faults int       // draws that are not 0, before it
	last   uint64    // the task that ran before it
	began  bool
}

// sleeper is a task whose next step need not be taken until another step touches what
// it would touch.
type sleeper struct {
	key   uint64
	print Footprint
}

func (d *search) begin() {
	d.depth, d.spent, d.faults, d.pruned, d.began = 0, 0, 0, false, false
	d.asleep = d.asleep[:0]
	d.touched.clear()
}

// step is the place of the alternative that runs.
func (d *search) step(keys []uint64) int {
	d.leave()
	if d.pruned {
		return 0
	}
	if d.depth == len(d.path) {
		d.path = append(d.path, node{
			n: len(keys), pick: -1, keys: slices.Clone(keys), asleep: slices.Clone(d.asleep),
			spent: d.spent, last: d.last, began: d.began,
		})
		if !d.advance(&d.path[d.depth]) {
			d.path = d.path[:d.depth]
			d.pruned = true
			return 0
		}
	}
	n := &d.path[d.depth]
	if n.draw || n.n != len(keys) {
		d.diverged, d.pruned = true, true
		return 0
	}
	d.depth++
	d.spent = n.spent + d.cost(n, n.pick)
	d.last, d.began = keys[n.pick], true
	return n.pick
}

// draw is the value that is drawn.
func (d *search) draw(n int) int {
	if d.pruned {
		return 0
	}
	if d.depth == len(d.path) {
		d.path = append(d.path, node{draw: true, n: n, faults: d.faults})
	}
	at := &d.path[d.depth]
	if !at.draw || at.n != n {
		d.diverged, d.pruned = true, true
		return 0
	}
	d.depth++
	if at.pick > 0 {
		d.faults++
	}
	return at.pick
}

// leave ends the step that was taken last: its footprint is entered, and it wakes those
// that have something in common with it.
func (d *search) leave() {
	i := d.depth - 1
	for i >= 0 && d.path[i].draw {
		i--
	}
	if i < 0 || d.pruned {
		d.touched.clear()
		return
	}
	n := &d.path[i]
	if !d.Footprints {
		d.touched.all = true
	}
	n.print.union(d.touched)
	d.asleep = d.asleep[:0]
	for _, set := range [][]sleeper{n.asleep, n.done} {
		for _, s := range set {
			if d.Independent(s.print, d.touched) {
				d.asleep = append(d.asleep, s)
			}
		}
	}
	d.touched.clear()
}

// next turns to the next schedule; there is none when it is false.
func (d *search) next() bool {
	for len(d.path) > 0 {
		n := &d.path[len(d.path)-1]
		if !n.draw {
			n.done = append(n.done, sleeper{n.keys[n.pick], n.print})
			n.print = Footprint{}
		}
		if d.advance(n) {
			return true
		}
		d.path = d.path[:len(d.path)-1]
	}
	return false
}

// advance goes on to the node's next alternative that is to be seen.
func (d *search) advance(n *node) bool {
	for n.pick++; n.pick < n.n; n.pick++ {
		if n.draw {
			return d.may(n)
		}
		if n.spent+d.cost(n, n.pick) <= d.most() && !has(n.asleep, n.keys[n.pick]) {
			return true
		}
	}
	return false
}

// may tells whether the value of a draw is to be seen.
func (d *search) may(n *node) bool {
	if n.pick >= d.Draws {
		d.complete = false
		return false
	}
	return d.Faults == 0 || n.faults < d.Faults
}

func (d *search) most() int {
	if d.Bound.kind == unbounded {
		return int(^uint(0) >> 1)
	}
	return d.Bound.most
}

// cost is what a pick takes of the bound.
func (d *search) cost(n *node, pick int) int {
	switch {
	case d.Bound.kind == delayed:
		return pick
	case d.Bound.kind == preemptions && n.began && n.keys[pick] != n.last && slices.Contains(n.keys, n.last):
		return 1
	}
	return 0
}

func has(set []sleeper, key uint64) bool {
	return slices.ContainsFunc(set, func(s sleeper) bool { return s.key == key })
}
