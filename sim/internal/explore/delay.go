package explore

import "slices"

// delays is which tasks are delayed, by key; see the package comment. On the tape the
// alternatives come in this order: those that are not delayed as production has them,
// then the delayed, also as production has them.
type delays struct {
	late []bool
	any  bool // whether late may have any
}

func (d *delays) begin() {
	clear(d.late)
	d.late = d.late[:0]
	d.any = false
}

func (d *delays) has(key uint64) bool { return key < uint64(len(d.late)) && d.late[key] }

// rank is the place of alternative i in the order of the tape.
func (d *delays) rank(alts []Alt, i int) int {
	if !d.any {
		return i
	}
	own, before := d.has(alts[i].Key), 0
	for _, a := range alts[:i] {
		if d.has(a.Key) == own {
			before++
		}
	}
	if !own {
		return before
	}
	for _, a := range alts {
		if !d.has(a.Key) {
			before++
		}
	}
	return before
}

// ranked is the alternative at a place of that order.
func (d *delays) ranked(alts []Alt, place int) int {
	if !d.any {
		return place
	}
	for _, late := range []bool{false, true} {
		for i, a := range alts {
			if d.has(a.Key) != late {
				continue
			}
			if place == 0 {
				return i
			}
			place--
		}
	}
	return len(alts) - 1 // not reached: there are as many places as alternatives
}

// picked tells that alternative i runs, which was at that place: those before it are
// delayed, and it is not any more. If it is delayed and nothing was before it then
// nothing else can run, and all delays are over.
func (d *delays) picked(alts []Alt, i, place int) {
	own := d.has(alts[i].Key)
	switch {
	case place > 0:
		d.overtake(alts, i, own)
	case own:
		for _, a := range alts {
			d.late[a.Key] = false
		}
	}
	if own {
		d.late[alts[i].Key] = false
	}
}

// overtake delays those before alternative i, and where that was delayed itself also
// those behind it that were not.
func (d *delays) overtake(alts []Alt, i int, own bool) {
	d.any = true
	for j, a := range alts {
		if a.Key == alts[i].Key || j >= i && !own {
			continue
		}
		if n := int(a.Key) + 1; n > len(d.late) {
			d.late = slices.Grow(d.late, n-len(d.late))[:n]
		}
		d.late[a.Key] = true
	}
}
