package sim

import (
	"testing"

	"github.com/goasyncio/asyncio/internal/coro"
	"github.com/goasyncio/asyncio/sim/internal/explore"
)

// quietly is Check for tests of how worlds fail: it returns the first failure among n
// schedules, instead of printing it.
func quietly(t *testing.T, n int, body func(w *World), opts ...Option) *Failure {
	t.Helper()
	before := coro.Live()
	l := newLane(newOptions(t, opts), body)
	s, err := explore.Named("")
	if err != nil {
		t.Fatal(err)
	}
	var failure *Failure
	for k := range n {
		if f := l.schedule(s, k); f != nil {
			failure = f.failure
			break
		}
	}
	l.close()
	if left := coro.Live() - before; left != 0 {
		t.Errorf("%d coroutines are left", left)
	}
	return failure
}

// once runs one world, as in production.
func once(t *testing.T, body func(w *World), opts ...Option) *Failure {
	t.Helper()
	return quietly(t, 1, body, opts...)
}
