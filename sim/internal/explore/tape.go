package explore

// A Choice is one decision: which of N alternatives was taken. An N of 0 says that
// nobody knows how many there will be; then Pick counts modulo the number.
type Choice struct {
	N, Pick int
	// By is what the pick stands for, if that is known: a task, whose key is By-1, or
	// a draw. Then it means that task, wherever it stands by now, and where it cannot
	// run, or where something else is to be decided, it means nothing.
	By uint64
}

// draw is the By of what was drawn.
const draw = ^uint64(0)

// A Tape is the decisions of a schedule, in their order. Where there was one
// alternative nothing was decided, and nothing is on the tape. Beyond its end every
// decision is 0.
type Tape []Choice

// at is the place that the tape says for the choice i among n.
func (t Tape) at(i, n int) int {
	if i >= len(t) {
		return 0
	}
	c := t[i]
	if c.N == 0 {
		return int(uint(c.Pick) % uint(n))
	}
	return max(0, min(c.Pick, n-1))
}

// drawn is what the tape says for the choice i, a draw of one of n.
func (t Tape) drawn(i, n int) int {
	if i < len(t) && t[i].By != 0 && t[i].By != draw {
		return 0
	}
	return t.at(i, n)
}

// NonDefault is how many picks are not 0.
func (t Tape) NonDefault() (count int) {
	for _, c := range t {
		if c.Pick != 0 {
			count++
		}
	}
	return count
}

// Trim takes the zeros from the end, which say nothing.
func (t Tape) Trim() Tape {
	for len(t) > 0 && t[len(t)-1].Pick == 0 {
		t = t[:len(t)-1]
	}
	return t
}

// SamePicks tells whether both tapes decide the same.
func (t Tape) SamePicks(u Tape) bool {
	t, u = t.Trim(), u.Trim()
	if len(t) != len(u) {
		return false
	}
	for i := range t {
		if t[i].Pick != u[i].Pick {
			return false
		}
	}
	return true
}
