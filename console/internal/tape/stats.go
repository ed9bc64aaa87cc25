package tape

import (
	"sync"
	"time"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// Stats count what happens in a recording. Any goroutine may call their methods. They
// keep something of each task that is there, and nothing of those that have ended.
type Stats struct {
	mu    sync.Mutex
	model *Model
	began int64 // -1 before the first event
	step  monitor.Histogram
}

// NewStats are zero everywhere.
func NewStats() *Stats {
	s := &Stats{model: NewModel(), began: -1}
	s.model.OnStep = func(took int64) { s.step.Add(time.Duration(took)) }
	return s
}

// Add counts what b tells of.
func (s *Stats) Add(b *Batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.Lost > 0 {
		s.model.Gap(b.Lost)
	}
	for _, e := range b.Events {
		if s.began < 0 {
			s.began = e.At
		}
		_ = s.model.Apply(e) // what cannot be is for those who check recordings
	}
	s.model.Now = max(s.model.Now, b.Now)
}

// Task is what a task has done. ok is false for one that is not there.
func (s *Stats) Task(id uint64) (c Counts, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.model.Tasks[id]
	if t == nil {
		return c, false
	}
	c = t.Counts
	if t.State == Running {
		c.Busy += s.model.Now - t.Since
	}
	return c, true
}

// Step is how long steps took, callbacks included.
func (s *Stats) Step() monitor.Histogram {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.step
}

// Since is for how long there has been something to count.
func (s *Stats) Since() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.began < 0 {
		return 0
	}
	return time.Duration(s.model.Now - s.began)
}

// Lost is how many events the counts do not contain.
func (s *Stats) Lost() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.model.Lost
}

// Tasks is how many tasks there are, and how many of them are ready.
func (s *Stats) Tasks() (all, ready int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.model.Tasks), s.model.Ready
}
