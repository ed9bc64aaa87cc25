package explore

type mixture struct {
	plain  Strategy
	others []Strategy
	now    Strategy
}

// NewMix makes the default: first one schedule of plain order, so that what a plain
// test would find is found with nothing to explain; then every second schedule the
// uniform walk, and between them partial order sampling, the plain walk and PCT. The
// uniform walk is the best on most programs, but it is at a loss where the numbers of
// steps differ from schedule to schedule; the others are not. All learn from all.
func NewMix() Strategy {
	urw, pos := NewURW(), NewPOS()
	m := &mixture{plain: NewFIFO(), others: []Strategy{urw, pos, urw, NewWalk(), urw, pos, urw, NewPCT(2, 3)}}
	m.now = m.plain
	return m
}

func (m *mixture) Name() string { return "mix/" + m.now.Name() }

func (m *mixture) Begin(r *Rand, known *Learnt, k int) {
	m.now = m.plain
	if k > 0 {
		m.now = m.others[(k-1)%len(m.others)]
	}
	m.now.Begin(r, known, k)
}

func (m *mixture) Step(alts []Alt) int { return m.now.Step(alts) }
func (m *mixture) Mild() bool          { return m.now.Mild() }
