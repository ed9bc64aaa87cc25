package explore

import "slices"

// A Chooser makes the decisions of one schedule after the other, and keeps the tape of
// the latest. It allocates nothing once its buffers have grown to the size of the
// program's schedules.
type Chooser struct {
	tape     Tape
	script   Tape     // is followed as far as it goes
	strategy Strategy // decides then; nil: the default
	r        Rand
	known    Learnt
	tasks    tasks
	delays   delays
	env      environment
	choices  int // steps with more than one alternative
	steps    int
	running  bool
	slow     bool      // one of these is there:
	recorder *recorder // nil: nobody asks
	matcher  *matcher  // nil: the replay is not by labels
	search   *search   // nil: no exhaustive search
	keys     []uint64  // for the search
	plan     *plan     // nil: no order is tried
	diary    *diary    // nil: none is kept
}

// NewChooser makes a chooser that has learnt nothing.
func NewChooser() *Chooser {
	c := &Chooser{}
	c.known = Learnt{classes: map[uint32]*class{}, tasks: &c.tasks}
	c.tasks.learnt = &c.known
	c.env.labels = map[string]*label{}
	return c
}

// Begin begins schedule k of a campaign, whose seed is base.
func (c *Chooser) Begin(s Strategy, base uint64, k int) {
	c.begin(nil, s)
	c.r.Seed(base, uint64(k))
	c.env.begin(&c.r, base, k)
	s.Begin(&c.r, &c.known, k)
}

// Replay begins a schedule that decides as the tape says, and 0 where it says nothing.
// A pick that is not possible is taken as the nearest that is.
func (c *Chooser) Replay(t Tape) { c.begin(t, nil) }

// ReplayLabels begins a schedule that runs as the recording did, as far as the program
// is still the same: by tasks, waits and draws instead of places on the tape.
// [Chooser.Divergence] says afterwards where it was not.
func (c *Chooser) ReplayLabels(r *Recording, s Source) {
	c.begin(nil, nil)
	c.matcher, c.slow = newMatcher(r, s), true
}

// Divergence is where a replay by labels has first differed from its recording, or nil.
func (c *Chooser) Divergence() *Divergence {
	if c.matcher == nil {
		return nil
	}
	return c.matcher.first
}

// Extend begins a schedule that decides as the tape says, and as the strategy does when
// the tape has ended.
func (c *Chooser) Extend(t Tape, s Strategy, base uint64, k int) {
	c.Begin(s, base, k)
	c.script = t
}

func (c *Chooser) begin(script Tape, s Strategy) {
	c.script, c.strategy = script, s
	c.tape = c.tape[:0]
	c.tasks.begin()
	c.delays.begin()
	c.choices, c.steps = 0, 0
	c.running = true
	c.recorder, c.matcher, c.search = nil, nil, nil
	c.plan, c.diary, c.slow = nil, nil, false
}

// End ends the schedule. What it has shown of the program is learnt if a strategy has
// decided it: replays are of one schedule again and again. A second call does nothing.
func (c *Chooser) End() {
	if c.running && c.strategy != nil && c.script == nil {
		c.known.end(c.choices)
	}
	if c.running && c.recorder != nil {
		c.recorder.end()
	}
	if c.running && c.matcher != nil {
		c.matcher.ended()
	}
	c.running = false
}

// Tape is the decisions so far. It is valid until the next schedule begins.
func (c *Chooser) Tape() Tape { return c.tape }

// Steps is how many steps the schedule has taken so far.
func (c *Chooser) Steps() int { return c.steps }

// Created tells of a new task, which parent has made. Where nobody has, the parent is
// the task itself. It must be told before the task is an alternative; a task of which
// nothing is told is taken as one that has no parent.
func (c *Chooser) Created(key uint64, class uint32, parent uint64) {
	c.tasks.created(key, class, parent)
}

// Step is the index of the alternative that runs next. They come in the order of
// production: where all decisions are 0 it is the first. There must be one at least.
func (c *Chooser) Step(alts []Alt) int {
	c.steps++
	if len(alts) > 1 {
		c.choices++
	}
	if c.slow {
		return c.stepSlowly(alts)
	}
	i, place := c.decide(alts)
	c.taken(alts, i, place)
	return i
}

// stepSlowly is a step of which a recording is made, or that something else than a
// strategy or a tape decides.
func (c *Chooser) stepSlowly(alts []Alt) int {
	i, place := 0, 0
	switch {
	case c.matcher != nil:
		i = c.matcher.step(alts)
		place = c.delays.rank(alts, i)
	case c.search != nil:
		c.keys = c.keys[:0]
		for k := range alts {
			c.keys = append(c.keys, alts[c.delays.ranked(alts, k)].Key)
		}
		place = c.search.step(c.keys)
		i = c.delays.ranked(alts, place)
	case c.plan != nil:
		i, place = c.plan.step(c, alts)
	default:
		i, place = c.decide(alts)
	}
	if c.diary != nil {
		c.diary.steps = append(c.diary.steps, step{alts[i].Key, c.tasks.stepsOf(alts[i].Key)})
	}
	if c.recorder != nil {
		c.recorder.step(alts, i, place, c.delays.ranked(alts, 0))
	}
	c.taken(alts, i, place)
	return i
}

// taken enters the decision for alternative i.
func (c *Chooser) taken(alts []Alt, i, place int) {
	if c.delays.any || place > 0 {
		c.delays.picked(alts, i, place)
	}
	if len(alts) > 1 {
		if len(c.tape) == cap(c.tape) {
			c.tape = slices.Grow(c.tape, len(c.tape)) // long tapes are common, and append would copy them often
		}
		c.tape = append(c.tape, Choice{N: len(alts), Pick: place, By: alts[i].Key + 1})
	}
	c.tasks.ran(alts[i])
}

// decide is the alternative that runs, and its place on the tape.
func (c *Chooser) decide(alts []Alt) (i, place int) {
	if c.scripted() {
		return c.follow(alts)
	}
	i = c.strategy.Step(alts)
	return i, c.delays.rank(alts, i)
}

// follow is what the script says: a place, unless it names a task that is elsewhere.
func (c *Chooser) follow(alts []Alt) (i, place int) {
	if len(alts) == 1 {
		return 0, 0
	}
	at := len(c.tape)
	place = c.script.at(at, len(alts))
	i = c.delays.ranked(alts, place)
	if place == 0 || c.script[at].By == 0 || c.script[at].By == alts[i].Key+1 {
		return i, place
	}
	i = slices.IndexFunc(alts, func(a Alt) bool { return a.Key+1 == c.script[at].By })
	if i < 0 {
		i = c.delays.ranked(alts, 0)
	}
	return i, c.delays.rank(alts, i)
}

// scripted tells that the next decision is the script's, or the default.
func (c *Chooser) scripted() bool { return len(c.tape) < len(c.script) || c.strategy == nil }

// Draw is a decision of the environment: one of 0 to n-1, of which 0 is the mildest.
// Where p > 0 it is the probability of anything else; where p is 0 all are equally
// likely. The label says what is decided. Where n is 1 or less nothing is, and p < 0
// is never anything but 0.
func (c *Chooser) Draw(label string, n int, p float64) int {
	if n <= 1 || p < 0 {
		return 0
	}
	pick := 0
	switch {
	case c.matcher != nil:
		pick = c.matcher.draw(label, n)
	case c.search != nil:
		pick = c.search.draw(n)
	case c.plan != nil:
		pick = c.plan.draw(label, n)
	case c.scripted():
		pick = c.script.drawn(len(c.tape), n)
	case !c.strategy.Mild():
		pick = c.env.draw(label, n, p)
	}
	c.tape = append(c.tape, Choice{N: n, Pick: pick, By: draw})
	if c.diary != nil {
		c.diary.draws[label] = append(c.diary.draws[label], pick)
	}
	if c.recorder != nil {
		c.recorder.draw(label, n, pick)
	}
	return pick
}
