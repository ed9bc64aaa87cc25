package asyncio_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio"
)

// A waitTrial is random use of one condition: tasks wait, are notified, and are
// cancelled, while the lock is held or free.
type waitTrial struct {
	*stage
	c        *asyncio.Condition
	all      []*request
	waiting  []*request // has begun to wait, was not cancelled, has not returned
	returned int        // waits that ended without an error
	notified int        // the least number of waits that must end so
	spare    int        // notifications that a cancelled waiter may have taken with it
	holding  bool       // the director holds the lock
	inside   int        // tasks that hold the lock: 0 or 1
}

func FuzzCondition(f *testing.F) {
	addRandomOps(f, "\x00\x00\x04\x02\x03\x04", "\x00\x00\x04\x05\x02\x04\x03\x05\x04")
	f.Fuzz(func(t *testing.T, ops []byte) {
		if len(ops) > 300 {
			t.Skip("too long")
		}
		onStage(t, func(s *stage) {
			w := &waitTrial{stage: s, c: asyncio.NewCondition(nil)}
			for _, b := range ops {
				w.step(b%8, int(b>>3))
			}
			w.end()
		})
	})
}

func (w *waitTrial) step(op byte, n int) {
	switch op {
	case 0, 1:
		w.come()
	case 2:
		w.notify(n % 3)
	case 3:
		w.cancel(n)
	case 4, 5:
		w.round()
	case 6:
		w.hold()
	case 7:
		w.letGo()
	}
}

func (w *waitTrial) come() {
	r := &request{id: len(w.all)}
	w.all = append(w.all, r)
	r.task = w.task("", func(ctx context.Context) error {
		if err := w.c.Acquire(ctx); err != nil {
			return err
		}
		defer w.c.Release()
		if !r.cancelled {
			w.waiting = append(w.waiting, r)
		}
		err := w.c.Wait(ctx)
		w.inside++
		check(w.t, "tasks that hold the lock", w.inside, 1)
		check(w.t, "the director holds the lock too", w.holding, false)
		w.back(r, err)
		w.inside--
		return err
	})
}

func (w *waitTrial) back(r *request, err error) {
	switch {
	case (err != nil) != r.cancelled:
		w.t.Errorf("waiter %d: error %v, cancelled %v", r.id, err, r.cancelled)
	case err != nil:
	case w.waiting[0] != r:
		w.t.Errorf("waiter %d overtook waiter %d", r.id, w.waiting[0].id)
	default:
		w.waiting = w.waiting[1:]
		w.returned++
	}
}

func (w *waitTrial) hold() { w.holding = w.holding || w.c.TryAcquire() }

func (w *waitTrial) letGo() {
	if w.holding {
		w.holding = false
		w.c.Release()
	}
}

func (w *waitTrial) notify(n int) {
	had := w.holding
	if w.hold(); !w.holding {
		return
	}
	w.notified += min(n, w.c.Stats().Waiting)
	w.c.Notify(n)
	if !had {
		w.letGo()
	}
}

func (w *waitTrial) cancel(n int) {
	if len(w.all) == 0 {
		return
	}
	r := w.all[n%len(w.all)]
	if !r.task.Cancel(nil) {
		return
	}
	r.cancelled = true
	before := len(w.waiting)
	w.waiting = slices.DeleteFunc(w.waiting, func(o *request) bool { return o == r })
	w.spare += before - len(w.waiting)
}

// end checks that no notification was lost that could have reached somebody, and
// that all waiters can still be woken.
func (w *waitTrial) end() {
	w.letGo()
	w.passLock()
	if len(w.waiting) > 0 && w.returned < w.notified-w.spare {
		w.t.Errorf("%d waits have ended after %d notifications and %d cancelled waiters", w.returned, w.notified, w.spare)
	}
	for range 2 { // who comes late needs a second call
		w.must(w.c.Acquire(w.ctx))
		w.c.NotifyAll()
		w.c.Release()
		w.passLock()
	}
	check(w.t, "tasks that wait after NotifyAll", len(w.waiting), 0)
	check(w.t, "stats in the end", w.c.Stats(), asyncio.ConditionStats{})
}

// passLock lets the lock go from one to the next, a round each.
func (w *waitTrial) passLock() {
	for range w.all {
		w.round()
	}
	w.settle()
}

// A meeting is random use of one barrier, one operation at a time, beside a
// reference that needs no loop.
type meeting struct {
	*stage
	b       *asyncio.Barrier
	broken  bool
	tasks   []*asyncio.Task[struct{}]
	waiting []int // task numbers
	index   map[int]int
	want    []string
}

func FuzzBarrier(f *testing.F) {
	addRandomOps(f, "\x02\x00\x00\x00\x03\x00", "\x03\x00\x00\x03\x00\x00\x05\x00\x04\x05")
	f.Fuzz(func(t *testing.T, ops []byte) {
		if len(ops) == 0 || len(ops) > 300 {
			t.Skip("empty or too long")
		}
		onStage(t, func(s *stage) {
			m := &meeting{stage: s, b: asyncio.NewBarrier(1 + int(ops[0]%4)), index: map[int]int{}}
			for _, b := range ops[1:] {
				m.step(b%6, int(b>>3))
				m.saw(m.want...)
				m.want = nil
				check(t, "waiting", m.b.Waiting(), len(m.waiting))
				check(t, "broken", m.b.Broken(), m.broken)
			}
		})
	})
}

func (m *meeting) step(op byte, n int) {
	switch op {
	case 0, 1, 2:
		m.come()
	case 3:
		m.cancel(n)
	case 4:
		m.breakUp(m.b.Reset, false)
	case 5:
		m.breakUp(m.b.Abort, true)
	}
}

func (m *meeting) come() {
	id := len(m.tasks)
	m.tasks = append(m.tasks, m.party(fmt.Sprint(id), m.b))
	if m.broken {
		m.want = append(m.want, fmt.Sprintf("%d broken", id))
		return
	}
	m.index[id] = len(m.waiting)
	m.waiting = append(m.waiting, id)
	if len(m.waiting) < m.b.Parties() {
		return
	}
	for _, id := range append([]int{id}, m.waiting[:len(m.waiting)-1]...) { // the last to arrive goes on first
		m.want = append(m.want, fmt.Sprintf("%d %d", id, m.index[id]))
	}
	m.waiting = nil
}

func (m *meeting) cancel(n int) {
	if len(m.waiting) == 0 {
		return
	}
	i := n % len(m.waiting)
	id := m.waiting[i]
	m.waiting = slices.Delete(m.waiting, i, i+1)
	m.tasks[id].Cancel(nil)
	m.want = append(m.want, fmt.Sprintf("%d cancelled", id))
	// The condition below the barrier wakes the next one in case the cancelled one
	// had taken a notification with it. That one waits again, and stands at the back
	// from now on: CPython's order, checked against it (S5).
	if len(m.waiting) > 1 {
		m.waiting = append(m.waiting[1:], m.waiting[0])
	}
}

func (m *meeting) breakUp(how func(context.Context) error, broken bool) {
	m.must(how(m.ctx))
	for _, id := range m.waiting {
		m.want = append(m.want, fmt.Sprintf("%d broken", id))
	}
	m.waiting, m.broken = nil, broken
}

// Any mixture of arrivals, cancellations and resets in one step leaves a barrier at
// which people can meet.
func FuzzBarrierInOneStep(f *testing.F) {
	addRandomOps(f, "\x02\x00\x00\x00\x01\x06\x01\x06", "\x03\x00\x00\x06\x00\x00\x06\x01\x02\x06")
	f.Fuzz(func(t *testing.T, ops []byte) {
		if len(ops) == 0 || len(ops) > 300 {
			t.Skip("empty or too long")
		}
		onStage(t, func(s *stage) {
			parties := 1 + int(ops[0]%4)
			b := asyncio.NewBarrier(parties)
			var tasks []*asyncio.Task[struct{}]
			for _, op := range ops[1:] {
				switch op % 8 {
				case 0, 1, 2:
					tasks = append(tasks, s.party("", b))
				case 3, 4:
					if len(tasks) > 0 {
						tasks[int(op>>3)%len(tasks)].Cancel(nil)
					}
				case 5:
					s.must(b.Reset(s.ctx))
				default:
					s.round()
				}
			}
			s.letMeet(b, tasks)
		})
	})
}

// letMeet ends whoever is still at the barrier, and checks that a fresh party meets
// there.
func (s *stage) letMeet(b *asyncio.Barrier, tasks []*asyncio.Task[struct{}]) {
	for range tasks { // meetings follow each other, a few rounds each
		s.settle()
	}
	check(s.t, "a full party waits", b.Waiting() >= b.Parties(), false)
	s.must(b.Reset(s.ctx))
	for range tasks {
		s.settle()
	}
	for _, task := range tasks {
		if !task.Done() {
			s.t.Error("a task is stuck at the barrier after its reset")
		}
	}
	s.notes = nil
	want := []string{fmt.Sprint("fresh ", b.Parties()-1)}
	for i := range b.Parties() {
		s.party("fresh", b)
		if i < b.Parties()-1 {
			want = append(want, fmt.Sprint("fresh ", i))
		}
	}
	s.saw(want...)
}
