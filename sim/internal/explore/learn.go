package explore

// Learnt is what earlier schedules of a campaign have shown of the program: how many
// steps the tasks of a class take, and how many choices a schedule has.
type Learnt struct {
	classes map[uint32]*class
	length  int // of the longest schedule, where longer ones are slowly forgotten
	tasks   *tasks
}

// class is the tasks of one origin.
type class struct{ sum, count int }

// unit is one step in the arithmetic of weights: means are kept to a sixteenth.
const unit = 16

// forget is after how many tasks of a class the older ones count half.
const forget = 256

// mean is how many steps a task of the class takes, with those of the children that it
// makes and of theirs, in units.
func (c *class) mean() int {
	if c.count == 0 {
		return 0
	}
	return c.sum * unit / c.count
}

func (c *class) add(steps int) {
	c.sum += steps
	if c.count++; c.count >= forget {
		c.sum /= 2
		c.count /= 2
	}
}

func (l *Learnt) class(id uint32) *class {
	c := l.classes[id]
	if c == nil {
		c = &class{}
		l.classes[id] = c
	}
	return c
}

// remaining is how many steps the alternative's task has left, in units; at least one.
func (l *Learnt) remaining(a Alt) int {
	return max(l.tasks.of(a).left, unit)
}

// choices is how many steps with a choice to expect; at least 1.
func (l *Learnt) choices() int {
	if l.length == 0 {
		return 20 // nothing is known yet, and tests are short
	}
	return l.length
}

// end learns from the schedule that has ended. Children have larger keys than their
// parents, so that they are counted before them.
func (l *Learnt) end(choices int) {
	all := l.tasks.known
	for key := len(all) - 1; key >= 0; key-- {
		t := &all[key]
		if t.class == nil {
			continue
		}
		t.below += t.steps
		t.class.add(t.below)
		if t.hasParent && t.parent < uint64(key) {
			all[t.parent].below += t.below
		}
	}
	l.length = max(l.length-l.length/16, choices)
}
