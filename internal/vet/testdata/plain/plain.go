// Package plain knows nothing of the runtime.
package plain

import (
	"crypto/rand"
	"io"
	mrand "math/rand/v2"
	"time"
)

func Stamp() time.Time { return time.Now() }

func Key(b []byte) { io.ReadFull(rand.Reader, b) }

func Deep() (time.Time, int) {
	return Stamp(), pick()
}

func pick() int { return func() int { return mrand.IntN(6) }() }

func Meant() time.Time {
	return time.Now() //asyncio:ok people read it
}

type Clock struct{ now func() time.Time }

func NewClock() *Clock { return &Clock{now: time.Now} }

func Later() func() time.Time {
	return func() time.Time { return time.Now() }
}

func Seeded(seed uint64) int { return mrand.New(mrand.NewPCG(seed, 0)).IntN(6) }
