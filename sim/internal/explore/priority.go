package explore

import "slices"

// priorities are a number for each task, drawn when it is first seen.
type priorities struct {
	r     *Rand
	value []uint64 // by key; 0: not drawn yet
}

func (p *priorities) begin(r *Rand) {
	p.r = r
	clear(p.value)
	p.value = p.value[:0]
}

// of is the task's priority: the upper half of the numbers, since the lower is for
// those that are put behind all others.
func (p *priorities) of(key uint64) uint64 {
	p.grow(key)
	if p.value[key] == 0 {
		p.redraw(key)
	}
	return p.value[key]
}

func (p *priorities) grow(key uint64) {
	if n := int(key) + 1; n > len(p.value) {
		p.value = slices.Grow(p.value, n-len(p.value))[:n]
	}
}

func (p *priorities) redraw(key uint64) { p.value[key] = p.r.Uint64() | 1<<63 }

// highest is the alternative whose task goes first.
func (p *priorities) highest(alts []Alt) int {
	best, top := 0, uint64(0)
	for i, a := range alts {
		if v := p.of(a.Key); v > top {
			best, top = i, v
		}
	}
	return best
}

type pos struct {
	wild
	tasks priorities
}

// NewPOS makes partial order sampling (Yuan, Yang, Gu: Partial Order Aware Concurrency
// Sampling, CAV 2018), blind: each pending step has a random priority, the highest
// runs, and its task's next step draws anew. The original also draws anew for the steps
// that conflict with the one that ran. What tasks touch is not known here, and
// measurements show no loss.
func NewPOS() Strategy { return &pos{} }

func (s *pos) Name() string { return "pos" }

func (s *pos) Begin(r *Rand, _ *Learnt, _ int) {
	s.r = r
	s.tasks.begin(r)
}

func (s *pos) Step(alts []Alt) int {
	i := s.tasks.highest(alts)
	s.tasks.redraw(alts[i].Key)
	return i
}

type pct struct {
	wild
	low, high int // depths
	tasks     priorities
	changes   []int // the choices at which the runner is put behind all others
	behind    uint64
	choices   int
	fair      int // from this choice on the walk is random
}

// NewPCT makes probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi,
// Nagarakatte, ASPLOS 2010): tasks have random priorities, the highest runs, and at
// d-1 random moments it is put behind all others. The depth d is drawn for each
// schedule, from low to high: a bug that needs one change is missed where a second
// one spoils it. Only steps with a choice count as moments; how many there are is
// known from earlier schedules. A schedule that becomes much longer than those goes on
// as a random walk, so that a task which waits for another by yielding does not wait
// for ever.
func NewPCT(low, high int) Strategy {
	return &pct{low: low, high: high}
}

func (s *pct) Name() string { return "pct" }

func (s *pct) Begin(r *Rand, known *Learnt, _ int) {
	s.r = r
	s.tasks.begin(r)
	s.choices, s.behind = 0, 1<<62
	length := known.choices()
	s.fair = 4*length + 1000
	s.changes = s.changes[:0]
	for range s.low - 1 + r.IntN(s.high-s.low+1) {
		s.changes = append(s.changes, r.IntN(length))
	}
}

func (s *pct) Step(alts []Alt) int {
	if len(alts) == 1 {
		return 0
	}
	s.choices++
	if s.choices > s.fair {
		return s.r.IntN(len(alts))
	}
	i := s.tasks.highest(alts)
	if slices.Contains(s.changes, s.choices-1) {
		s.behind--
		s.tasks.value[alts[i].Key] = s.behind
		i = s.tasks.highest(alts)
	}
	return i
}
