package main

import "math/rand/v2"

// An election is the clock by which a node that hears of no leader stands for election.
//
// The raft library has such a clock in RawNode.Tick, and draws the time from the
// system's randomness, where nobody can set it. So only leaders are ticked, which draw
// nothing; followers and candidates have this clock, which draws from the loop's source.
// Its rules are the library's: it is reset by a message of the leader and by a vote for
// somebody else; after one election timeout without a leader the node grants its vote to
// others; after a random time between one timeout and two it stands itself.
type election struct {
	rand     *rand.Rand
	timeout  int // ticks
	silent   int // for how many ticks nothing was heard
	patience int // after how many the node stands
}

func newElection(r *rand.Rand, timeout int) *election {
	e := &election{rand: r, timeout: timeout}
	e.reset()
	return e
}

// reset begins anew: somebody leads, or is about to.
func (e *election) reset() {
	e.silent = 0
	e.patience = e.timeout + e.rand.IntN(e.timeout)
}

// tick tells whether the leader is to be forgotten and whether the node is to stand.
func (e *election) tick() (forget, stand bool) {
	e.silent++
	if e.silent < e.patience {
		return e.silent == e.timeout, false
	}
	e.reset()
	return true, true
}
