package explore

import "maps"

// A step is one of a task's, counted from 0. In another order of the same steps it is
// the same step, where its place on a tape means something else.
type step struct {
	key uint64
	nth int
}

// plan lets a program run in the order of production, but for some steps that wait for
// others. It is how [Shrink] finds out which of the orders in a schedule matter.
type plan struct {
	waits map[step]step
	draws map[string][]int // the values, by label, in the order in which they are drawn
}

// step is the place of the first alternative that need not wait; where all of them
// would it is the first.
func (p *plan) step(c *Chooser, alts []Alt) (i, place int) {
	for place := range alts {
		i := c.delays.ranked(alts, place)
		first, waits := p.waits[step{alts[i].Key, c.tasks.stepsOf(alts[i].Key)}]
		if !waits || c.tasks.stepsOf(first.key) > first.nth {
			return i, place
		}
	}
	return c.delays.ranked(alts, 0), 0
}

func (p *plan) draw(label string, n int) int {
	left := p.draws[label]
	if len(left) == 0 {
		return 0
	}
	p.draws[label] = left[1:]
	return min(left[0], n-1)
}

// diary is what a schedule did, for a plan.
type diary struct {
	steps []step
	draws map[string][]int
}

// switches are the steps that come after another task's, each with the one before it:
// all waits that it takes to have the same order again.
func (d *diary) switches() (all [][2]step) {
	for i := 1; i < len(d.steps); i++ {
		if d.steps[i].key != d.steps[i-1].key {
			all = append(all, [2]step{d.steps[i], d.steps[i-1]})
		}
	}
	return all
}

// plan is that of some of the switches. The draws are those of the diary.
func (d *diary) plan(switches [][2]step) *plan {
	p := &plan{waits: map[step]step{}, draws: map[string][]int{}}
	for _, s := range switches {
		p.waits[s[0]] = s[1]
	}
	maps.Copy(p.draws, d.draws)
	return p
}

// followPlan begins a schedule by a plan.
func (c *Chooser) followPlan(p *plan) {
	c.begin(nil, nil)
	c.plan, c.slow = p, true
}

// keep makes a diary of the schedule that has been begun.
func (c *Chooser) keep() *diary {
	c.diary, c.slow = &diary{draws: map[string][]int{}}, true
	return c.diary
}
