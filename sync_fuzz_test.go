package asyncio_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio"
)

// The fuzz targets of the locks run random sequences of operations against a
// reference: what a lock of that kind may grant, and one queue. Whatever is granted
// must fit, must be the turn of whoever gets it, and must not be cancelled; what is
// left in the end must not fit.

// A rule is the reference for one kind of lock: what may be held at the same time.
type rule interface {
	fits(ask int) bool
	take(ask int)
	give(ask int)
}

// A grantor is the lock under test. What is asked for, a number of permits or a kind
// of use, is drawn by ask.
type grantor struct {
	rule
	ask     func(b byte) int
	acquire func(ctx context.Context, id, ask int) error
	try     func(id, ask int) bool
	release func(id, ask int)
	whole   func() bool // nothing is held and nobody waits
}

// A request is one acquisition, from the start of its task to the release.
type request struct {
	id, ask   int
	task      *asyncio.Task[struct{}]
	cancelled bool
}

// A trial is one run of random operations.
type trial struct {
	*stage
	g       grantor
	ops     []byte
	all     []*request
	waiting []*request // has come, was not cancelled, has not got it
	held    []*request
}

func runTrial(t *testing.T, ops []byte, start func(ops []byte) grantor) {
	if len(ops) < 2 || len(ops) > 300 {
		t.Skip("too short or too long")
	}
	onStage(t, func(s *stage) {
		tr := &trial{stage: s, g: start(ops), ops: ops[1:]}
		for len(tr.ops) > 0 && !t.Failed() {
			tr.step(tr.next())
		}
		tr.end()
	})
}

func (tr *trial) next() byte {
	if len(tr.ops) == 0 {
		return 0
	}
	b := tr.ops[0]
	tr.ops = tr.ops[1:]
	return b
}

func (tr *trial) step(b byte) {
	switch b % 8 {
	case 0, 1, 2:
		tr.come(tr.g.ask(b >> 3))
	case 3, 4:
		tr.free(int(b >> 3))
	case 5:
		tr.cancel(int(b >> 3))
	case 6:
		tr.round()
	case 7:
		tr.try(tr.g.ask(b >> 3))
	}
}

// come starts a task that acquires. It comes to the line in its first step.
func (tr *trial) come(ask int) {
	r := &request{id: len(tr.all), ask: ask}
	tr.all = append(tr.all, r)
	r.task = tr.task("", func(ctx context.Context) error {
		if !r.cancelled {
			tr.waiting = append(tr.waiting, r)
		}
		err := tr.g.acquire(ctx, r.id, ask)
		tr.acquired(r, err)
		return err
	})
}

func (tr *trial) acquired(r *request, err error) {
	switch {
	case (err != nil) != r.cancelled:
		tr.t.Errorf("request %d: error %v, cancelled %v", r.id, err, r.cancelled)
	case err != nil:
	case tr.waiting[0] != r:
		tr.t.Errorf("request %d overtook request %d", r.id, tr.waiting[0].id)
	case !tr.g.fits(r.ask):
		tr.t.Errorf("request %d for %d was granted beside others", r.id, r.ask)
	default:
		tr.waiting = tr.waiting[1:]
		tr.hold(r)
	}
}

func (tr *trial) hold(r *request) {
	tr.g.take(r.ask)
	tr.held = append(tr.held, r)
}

func (tr *trial) free(i int) {
	if len(tr.held) == 0 {
		return
	}
	i %= len(tr.held)
	r := tr.held[i]
	tr.held = slices.Delete(tr.held, i, i+1)
	tr.g.give(r.ask)
	tr.g.release(r.id, r.ask)
}

// cancel cancels a task, whatever it is doing.
func (tr *trial) cancel(i int) {
	if len(tr.all) == 0 {
		return
	}
	r := tr.all[i%len(tr.all)]
	if r.task == nil || !r.task.Cancel(nil) {
		return
	}
	r.cancelled = true
	tr.waiting = slices.DeleteFunc(tr.waiting, func(w *request) bool { return w == r })
}

// try may fail where everybody in line was cancelled and has not left yet; it may
// not succeed out of turn.
func (tr *trial) try(ask int) {
	r := &request{id: len(tr.all), ask: ask}
	if !tr.g.try(r.id, ask) {
		return
	}
	tr.all = append(tr.all, r)
	if len(tr.waiting) > 0 || !tr.g.fits(ask) {
		tr.t.Errorf("a try for %d succeeded while %d waited", ask, len(tr.waiting))
	}
	tr.hold(r)
}

// end checks that nobody was forgotten, frees everything, and checks that the lock
// is whole.
func (tr *trial) end() {
	for {
		tr.settle()
		if len(tr.waiting) > 0 && tr.g.fits(tr.waiting[0].ask) {
			tr.t.Errorf("request %d for %d waits, though it fits", tr.waiting[0].id, tr.waiting[0].ask)
		}
		if len(tr.held) == 0 || tr.t.Failed() {
			break
		}
		tr.free(0)
	}
	for _, r := range tr.all {
		if r.task != nil {
			r.task.Cancel(nil)
			r.cancelled = true
		}
	}
	tr.settle()
	if !tr.t.Failed() && !tr.g.whole() {
		tr.t.Error("the lock is not whole after everybody has left")
	}
}

// addRandomOps adds the same random sequences in each run, beside those written by
// hand.
func addRandomOps(f *testing.F, byHand ...string) {
	for _, ops := range byHand {
		f.Add([]byte(ops))
	}
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 0))
		ops := make([]byte, 10+r.IntN(100))
		for i := range ops {
			ops[i] = byte(r.Uint32())
		}
		f.Add(ops)
	}
}

// counted is the rule of permits: a lock has one.
type counted struct{ free int }

func (c *counted) fits(n int) bool { return n <= c.free }
func (c *counted) take(n int)      { c.free -= n }
func (c *counted) give(n int)      { c.free += n }

func one(byte) int { return 1 }

func FuzzLock(f *testing.F) {
	addRandomOps(f, "\x00\x00\x00\x06\x03\x05\x06", "\x00\x00\x00\x00\x06\x05\x03\x07\x06")
	f.Fuzz(func(t *testing.T, ops []byte) {
		runTrial(t, ops, func([]byte) grantor {
			var l asyncio.Lock
			return grantor{
				rule:    &counted{1},
				ask:     one,
				acquire: func(ctx context.Context, _, _ int) error { return l.Acquire(ctx) },
				try:     func(_, _ int) bool { return l.TryAcquire() },
				release: func(_, _ int) { l.Release() },
				whole:   func() bool { return l.Stats() == asyncio.LockStats{} },
			}
		})
	})
}

func FuzzSemaphore(f *testing.F) {
	addRandomOps(f, "\x02\x10\x08\x06\x0d\x06", "\x03\x18\x00\x00\x06\x03\x0d\x07\x06")
	f.Fuzz(func(t *testing.T, ops []byte) {
		runTrial(t, ops, func(ops []byte) grantor {
			permits := int(ops[0] % 4)
			sem := asyncio.NewBoundedSemaphore(permits)
			return grantor{
				rule:    &counted{permits},
				ask:     func(b byte) int { return int(b) % (permits + 1) },
				acquire: func(ctx context.Context, _, n int) error { return sem.AcquireN(ctx, n) },
				try:     func(_, n int) bool { return sem.TryAcquireN(n) },
				release: func(_, n int) { sem.ReleaseN(n) },
				whole:   func() bool { return sem.Stats() == asyncio.SemaphoreStats{Value: permits} },
			}
		})
	})
}

// shared is the rule of a RWLock: ask 0 is to read and 1 to write.
type shared struct{ readers, writers int }

func (s *shared) fits(ask int) bool { return s.writers == 0 && (ask == 0 || s.readers == 0) }
func (s *shared) take(ask int)      { *s.count(ask)++ }
func (s *shared) give(ask int)      { *s.count(ask)-- }

func (s *shared) count(ask int) *int {
	if ask == 0 {
		return &s.readers
	}
	return &s.writers
}

func FuzzRWLock(f *testing.F) {
	addRandomOps(f, "\x00\x00\x08\x00\x00\x06\x0d\x06", "\x00\x08\x00\x00\x06\x03\x0d\x06")
	f.Fuzz(func(t *testing.T, ops []byte) {
		runTrial(t, ops, func([]byte) grantor {
			l := new(asyncio.RWLock)
			acquire := []func(context.Context) error{l.AcquireRead, l.AcquireWrite}
			try := []func() bool{l.TryAcquireRead, l.TryAcquireWrite}
			release := []func(){l.ReleaseRead, l.ReleaseWrite}
			return grantor{
				rule:    &shared{},
				ask:     func(b byte) int { return int(b) % 2 },
				acquire: func(ctx context.Context, _, ask int) error { return acquire[ask](ctx) },
				try:     func(_, ask int) bool { return try[ask]() },
				release: func(_, ask int) { release[ask]() },
				whole:   func() bool { return l.Stats() == asyncio.RWLockStats{} },
			}
		})
	})
}

func FuzzCapacityLimiter(f *testing.F) {
	addRandomOps(f, "\x02\x00\x00\x00\x06\x03\x15\x06")
	f.Fuzz(func(t *testing.T, ops []byte) {
		runTrial(t, ops, func(ops []byte) grantor {
			total := int(ops[0] % 4)
			l := asyncio.NewCapacityLimiter(total)
			return grantor{
				rule:    &counted{total},
				ask:     one,
				acquire: func(ctx context.Context, id, _ int) error { return l.AcquireOnBehalfOf(ctx, id) },
				try:     func(id, _ int) bool { return l.TryAcquireOnBehalfOf(id) },
				release: func(id, _ int) { l.ReleaseOnBehalfOf(id) },
				whole:   func() bool { return l.Stats() == asyncio.CapacityStats{Total: total} },
			}
		})
	})
}
