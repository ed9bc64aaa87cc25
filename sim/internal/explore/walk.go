package explore

type fifo struct{}

// NewFIFO makes the strategy that is none: the order of production, and an
// environment at its mildest. A failure under it is one that any plain test finds.
func NewFIFO() Strategy { return fifo{} }

func (fifo) Name() string              { return "fifo" }
func (fifo) Begin(*Rand, *Learnt, int) {}
func (fifo) Step([]Alt) int            { return 0 }
func (fifo) Mild() bool                { return true }

type walk struct{ wild }

// NewWalk makes the random walk: each alternative is equally likely. It does not mind
// how many tasks there are, but it hardly ever lets one wait while another takes a
// dozen steps.
func NewWalk() Strategy { return &walk{} }

func (s *walk) Name() string                    { return "rw" }
func (s *walk) Begin(r *Rand, _ *Learnt, _ int) { s.r = r }

func (s *walk) Step(alts []Alt) int {
	if len(alts) == 1 {
		return 0
	}
	return s.r.IntN(len(alts))
}

type urw struct {
	wild
	known   *Learnt
	weights []int // of the alternatives, in Step
}

// NewURW makes the uniform random walk of Zhao, Wolff, Mathur and Roychoudhury
// (Selectively Uniform Concurrency Testing, ASPLOS 2025): an alternative is as likely
// as its task has steps left, children that it is yet to make included. So all orders
// of all steps are about equally likely, where the plain walk prefers those in which
// the tasks keep abreast. How many steps there are is known from earlier schedules; in
// the first it is a plain walk.
func NewURW() Strategy { return &urw{} }

func (s *urw) Name() string                        { return "urw" }
func (s *urw) Begin(r *Rand, known *Learnt, _ int) { s.r, s.known = r, known }

func (s *urw) Step(alts []Alt) int {
	if len(alts) == 1 {
		return 0
	}
	total := 0
	s.weights = s.weights[:0]
	for _, a := range alts {
		left := s.known.remaining(a)
		total += left
		s.weights = append(s.weights, left)
	}
	x := s.r.IntN(total)
	for i, left := range s.weights {
		if x -= left; x < 0 {
			return i
		}
	}
	return len(alts) - 1 // not reached: the weights sum up to total
}
