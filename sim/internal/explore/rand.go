package explore

import (
	"math/bits"
	"math/rand/v2"
)

// Rand is a source of decisions. Its sequence for a seed is fixed for ever: it does
// not depend on the version of Go, as that of math/rand/v2's methods may.
type Rand struct{ pcg rand.PCG }

// Seed starts the sequence of (a, b).
func (r *Rand) Seed(a, b uint64) { r.pcg.Seed(mix(a), mix(b^0x9e3779b97f4a7c15)) }

// mix spreads the bits of neighbouring numbers, which seeds usually are
// (Stafford's variant 13 of the finalizer of MurmurHash3).
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Uint64 is 64 random bits.
func (r *Rand) Uint64() uint64 { return r.pcg.Uint64() }

// IntN is one of 0 to n-1; n must not be 0. The bias is below n in 2^64.
func (r *Rand) IntN(n int) int {
	high, _ := bits.Mul64(r.pcg.Uint64(), uint64(n))
	return int(high)
}

// Chance is true with probability p.
func (r *Rand) Chance(p float64) bool {
	return float64(r.pcg.Uint64()>>11)/(1<<53) < p
}
