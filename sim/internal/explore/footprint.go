package explore

// A Footprint is what a step has touched: objects by small numbers, or everything.
type Footprint struct {
	all bool
	set []uint64 // a bit for each object
}

// Touch tells that the running step touches an object: a lock, a queue, a connection,
// whatever the program has declared. Numbers are small, since each is a bit. Only an
// exhaustive search asks for it.
func (c *Chooser) Touch(object int) {
	if c.search != nil {
		c.search.touched.add(object)
	}
}

// TouchAll tells that nobody knows what the running step touches.
func (c *Chooser) TouchAll() {
	if c.search != nil {
		c.search.touched.all = true
	}
}

func (f *Footprint) add(object int) {
	for object/64 >= len(f.set) {
		f.set = append(f.set, 0)
	}
	f.set[object/64] |= 1 << (object % 64)
}

func (f *Footprint) union(g Footprint) {
	f.all = f.all || g.all
	for len(f.set) < len(g.set) {
		f.set = append(f.set, 0)
	}
	for i, bits := range g.set {
		f.set[i] |= bits
	}
}

// clear makes the footprint empty, and keeps its memory.
func (f *Footprint) clear() {
	f.all = false
	clear(f.set)
}

// Has tells whether the step has touched the object.
func (f Footprint) Has(object int) bool {
	return f.all || object/64 < len(f.set) && f.set[object/64]>>(object%64)&1 == 1
}

// All tells that the step may have touched anything.
func (f Footprint) All() bool { return f.all }

// Disjoint tells that two steps have touched nothing in common, so that their order
// makes no difference.
func Disjoint(f, g Footprint) bool {
	if f.all || g.all {
		return false
	}
	for i := range min(len(f.set), len(g.set)) {
		if f.set[i]&g.set[i] != 0 {
			return false
		}
	}
	return true
}
