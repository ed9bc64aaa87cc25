package explore

// environment decides draws. It spreads them evenly over the schedules of a campaign
// (Latin hypercube sampling): of n equally likely answers each comes once in n
// schedules, in an order that is drawn anew for each n, and a fault of one in a hundred
// once in a hundred. Each answer is as likely as if it were drawn by itself, but a
// campaign does not miss one by bad luck. That holds for the first answers to each
// label; later ones are drawn by themselves, since what is asked a hundred times in a
// schedule needs no help.
//
// Rare faults come singly or in swarms. In every other block of schedules each fault has its
// own probability; in the blocks between it strikes four times as often in every fourth
// schedule and never in the others, which on average is the same. So there are schedules
// with several faults of one kind, where they would hardly ever meet by chance.
type environment struct {
	r      *Rand
	base   uint64
	k      int // the schedule
	labels map[string]*label
}

// label is a question that programs ask.
type label struct {
	hash  uint64
	k     int // the schedule in which asked counts
	asked int
}

const (
	spreadAsked  = 16   // answers of a label in a schedule that are spread
	spreadLabels = 4096 // labels that are kept: some have numbers in them
	spreadOver   = 256  // schedules over which answers are spread, at most
)

func (e *environment) begin(r *Rand, base uint64, k int) { e.r, e.base, e.k = r, base, k }

// draw is one of 0 to n-1. With p > 0 that is the probability of not 0.
func (e *environment) draw(name string, n int, p float64) int {
	if p <= 0 {
		if n <= spreadOver {
			return e.spread(name, n, e.k)
		}
		return e.r.IntN(n)
	}
	if p < 1 && !e.strikes(name, p) {
		return 0
	}
	return 1 + e.r.IntN(n-1)
}

const (
	rare    = 0.125 // what is as likely as that, or less, comes in swarms
	swarm   = 4     // how much more often it strikes then
	blockOf = 8     // schedules: as many as the mix has before it begins again
)

// strikes is true with probability p.
func (e *environment) strikes(name string, p float64) bool {
	switch {
	case p > rare:
		return e.strikesSingly(name, p, e.k)
	case e.k/blockOf%2 == 0:
		return e.strikesSingly(name, p, e.k/(2*blockOf)*blockOf+e.k%blockOf)
	}
	_, hash := e.ask(name)
	var fate Rand
	fate.Seed(hash^mix(e.base), uint64(e.k)<<8|0xff)
	return fate.IntN(swarm) == 0 && e.r.Chance(p*swarm)
}

// strikesSingly is the same for the k-th of the schedules without swarms. Where 1/p is no whole
// number the strata are a little wider than p, and the rest is drawn.
func (e *environment) strikesSingly(name string, p float64, k int) bool {
	strata := int(1 / p)
	if strata < 2 || strata > spreadOver {
		return e.r.Chance(p)
	}
	return e.spread(name, strata, k) == 0 && e.r.Chance(p*float64(strata))
}

// spread is one of 0 to n-1, each once in n schedules, of which this is the k-th.
func (e *environment) spread(name string, n, k int) int {
	asked, hash := e.ask(name)
	if asked >= spreadAsked {
		return e.r.IntN(n)
	}
	var order Rand
	order.Seed(hash^mix(e.base), uint64(k/n)<<8|uint64(asked))
	offset, stride := order.IntN(n), 1+order.IntN(n-1)
	for gcd(stride, n) != 1 {
		stride = 1 + stride%(n-1) // comes to 1 at last
	}
	return (offset + k%n*stride) % n
}

// ask is how often the label was asked before in this schedule.
func (e *environment) ask(name string) (asked int, hash uint64) {
	l := e.labels[name]
	if l == nil {
		if len(e.labels) >= spreadLabels {
			return spreadAsked, 0
		}
		l = &label{hash: hashOf(name), k: -1}
		e.labels[name] = l
	}
	if l.k != e.k {
		l.k, l.asked = e.k, 0
	}
	l.asked++
	return l.asked - 1, l.hash
}

// hashOf is FNV-1a of 64 bits: the same in every process.
func hashOf(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
