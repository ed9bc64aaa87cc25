package explore

import (
	"iter"
	"slices"
)

// A Neighbour is a schedule near to one that has failed.
type Neighbour struct {
	Tape Tape
	// Open says that the schedule goes on at random where the tape ends
	// ([Chooser.Extend]), and not by the default ([Chooser.Replay]).
	Open bool
}

// Neighbours are count schedules near to the one of the tape, to be run after a fix: it
// may only have moved the failure. Each has one to three picks that are other ones, set
// to the default or moved by a place or two; or it goes on at random from some point
// on. The tape should be that of a run, and not from text, so that it knows how many
// alternatives there are. The same seed makes the same neighbours.
func Neighbours(t Tape, count int, seed uint64) iter.Seq[Neighbour] {
	return func(yield func(Neighbour) bool) {
		var r Rand
		r.Seed(seed, 0x6e656172)
		for range count {
			if !yield(neighbour(t, &r)) {
				return
			}
		}
	}
}

func neighbour(t Tape, r *Rand) Neighbour {
	if len(t) == 0 {
		return Neighbour{Open: true}
	}
	if r.IntN(4) == 0 {
		return Neighbour{Tape: slices.Clone(t[:r.IntN(len(t)+1)]), Open: true}
	}
	near := slices.Clone(t)
	for range 1 + r.IntN(3) {
		perturb(near, r)
	}
	return Neighbour{Tape: near}
}

// perturb changes one pick. Half of the time it is one that is not 0: those have made
// the failure.
func perturb(t Tape, r *Rand) {
	i := r.IntN(len(t))
	if r.IntN(2) == 0 {
		for k := range t {
			if j := (i + k) % len(t); t[j].Pick != 0 {
				i = j
				break
			}
		}
	}
	if j := i + r.IntN(5) - 2; r.IntN(2) == 0 && j >= 0 && j < len(t) {
		t[i].Pick, t[j].Pick = t[j].Pick, t[i].Pick
		t[i].By, t[j].By = t[j].By, t[i].By
		return
	}
	t[i] = Choice{N: t[i].N, Pick: r.IntN(max(t[i].N, 2))}
}
