package sim

import "testing"

// SlowLoopback makes what the test's own host sends to itself take its time.
func (w *World) SlowLoopback(d Delay) { w.link(w.test, w.test).SetLatency(&d) }

// FirstFailure is the number of the first schedule that fails, or -1, and its failure:
// the search of [Check] without the shrinking and the telling.
func FirstFailure(t testing.TB, body func(w *World), opts ...Option) (int, *Failure) {
	t.Helper()
	c := &campaign{t: t, body: body, opts: newOptions(t, opts)}
	if f := c.search(); f != nil {
		return f.number, f.failure
	}
	return -1, nil
}
