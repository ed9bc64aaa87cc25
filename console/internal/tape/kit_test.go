package tape_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// script is a loop that says what a test has it say: a monitor.Source with its tape and
// its view.
type script struct {
	mu         sync.Mutex
	chunk      *monitor.Chunk // being written
	full       []*monitor.Chunk
	lost       uint64
	tasks      []monitor.Task
	now        int64
	name       func(ref any) string
	stuck      bool
	stuckAfter int // so many questions
	waiting    []func()
	posts      atomic.Int32
	asleep     atomic.Bool
	moved      atomic.Uint64
	ended      chan struct{}
	closed     atomic.Bool
	detail     monitor.Detail
}

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)

func newScript() *script {
	return &script{ended: make(chan struct{}), chunk: &monitor.Chunk{}, now: monitor.NoTime, name: func(ref any) string { return fmt.Sprint("described ", ref) }}
}

func (s *script) Number() uint32         { return 7 }
func (s *script) Name() string           { return "scripted" }
func (s *script) Started() time.Time     { return epoch }
func (s *script) Virtual() bool          { return true }
func (s *script) Asleep() bool           { return s.asleep.Load() }
func (s *script) Moved() uint64          { return s.moved.Load() }
func (s *script) Ended() <-chan struct{} { return s.ended }
func (s *script) Running() []byte        { return []byte("goroutine 1 [running]:\nmain.spin()") }
func (s *script) Meter() (stop func())   { return func() {} }
func (s *script) Last() monitor.Stats    { return monitor.Stats{} }

func (s *script) Stacks() map[uint64][]byte { return nil }

func (s *script) Record(d monitor.Detail) monitor.Tape {
	s.detail = d
	return s
}

func (s *script) Post(f func(monitor.View)) bool {
	s.posts.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.ended:
		return false
	default:
	}
	if s.stuck {
		s.waiting = append(s.waiting, func() { f(view{s}) })
	} else {
		f(view{s})
	}
	if s.stuckAfter--; s.stuckAfter == 0 {
		s.stuck = true
	}
	return true
}

// free lets the loop go on.
func (s *script) free() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stuck = false
	for _, f := range s.waiting {
		f()
	}
	s.waiting = nil
}

func (s *script) Read() ([]*monitor.Chunk, uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	full, lost := s.full, s.lost
	s.full, s.lost = nil, 0
	return full, lost
}

func (s *script) Close() error {
	s.closed.Store(true)
	return nil
}

func (s *script) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flush()
}

// flush is called with the lock held.
func (s *script) flush() {
	if len(s.chunk.Events) > 0 {
		s.full = append(s.full, s.chunk)
		s.chunk = &monitor.Chunk{First: s.chunk.First + uint64(len(s.chunk.Events))}
	}
}

// view is the script between two steps.
type view struct{ s *script }

func (v view) Stats() monitor.Stats {
	if v.s.now == monitor.NoTime {
		return monitor.Stats{}
	}
	return monitor.Stats{At: epoch.Add(time.Duration(v.s.now))}
}

func (v view) Tasks(after uint64, buf []monitor.Task) ([]monitor.Task, bool) {
	for _, t := range v.s.tasks {
		if t.ID <= after {
			continue
		}
		if len(buf) == cap(buf) {
			return buf, true
		}
		buf = append(buf, t)
	}
	return buf, false
}

func (v view) Describe(ref any) string { return v.s.name(ref) }
func (v view) Flush()                  { v.s.flush() }

func (v view) Task(uint64) (t monitor.Task, stack []monitor.Frame, ok bool)          { return }
func (v view) Timers(int, []monitor.Timer) (x []monitor.Timer, more bool)            { return }
func (v view) Threads(int, []monitor.Thread) (x []monitor.Thread, more bool)         { return }
func (v view) Failures(int, []monitor.Failure) (x []monitor.Failure, m bool)         { return }
func (v view) Resources(uint64, []monitor.Resource) (x []monitor.Resource, n uint64) { return }
func (v view) Descriptors(int, []monitor.Descriptor) (x []monitor.Descriptor, m bool) {
	return
}

// does writes an event, with what it points to and its stack, each nil for none.
func (s *script) does(e monitor.Event, ref any, stack []uintptr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.Ref, e.Stack = -1, -1
	if ref != nil {
		e.Ref = int32(len(s.chunk.Refs))
		s.chunk.Refs = append(s.chunk.Refs, ref)
	}
	if stack != nil {
		e.Stack = int32(len(s.chunk.Stacks))
		s.chunk.Stacks = append(s.chunk.Stacks, stack)
	}
	s.chunk.Events = append(s.chunk.Events, e)
}

func (s *script) created(at int64, task, parent uint64, name string) {
	s.does(monitor.Event{At: at, Kind: monitor.Created, Task: task}, monitor.Birth{Parent: parent, Name: name}, nil)
}

func (s *script) step(at int64, task uint64) {
	s.does(monitor.Event{At: at, Kind: monitor.Step, Task: task}, nil, nil)
}

func (s *script) parked(at int64, task uint64, on any) {
	s.does(monitor.Event{At: at, Kind: monitor.Parked, Task: task, Until: monitor.NoTime}, on, nil)
}

func (s *script) woken(at int64, task uint64, cause monitor.Cause) {
	s.does(monitor.Event{At: at, Kind: monitor.Woken, Task: task, Cause: cause}, nil, nil)
}

func (s *script) done(at int64, task uint64, cause monitor.Cause, err any) {
	s.does(monitor.Event{At: at, Kind: monitor.Done, Task: task, Cause: cause}, err, nil)
}

func (s *script) loop(at int64, kind monitor.Kind, until int64) {
	s.does(monitor.Event{At: at, Kind: kind, Until: until}, nil, nil)
}

// record is a recorder of the script.
func record(t *testing.T, s *script, opts tape.Options) *tape.Recorder {
	t.Helper()
	r := tape.Record(s, opts)
	t.Cleanup(func() { r.Close() })
	return r
}

func next(t *testing.T, r *tape.Recorder) *tape.Batch {
	t.Helper()
	b, err := r.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// times are those of the events of b.
func timesOf(b *tape.Batch) (at []int64) {
	for _, e := range b.Events {
		at = append(at, e.At)
	}
	return at
}

// find is the n-th event of a kind and a task.
func find(t *testing.T, b *tape.Batch, kind monitor.Kind, task uint64) tape.Event {
	t.Helper()
	i := slices.IndexFunc(b.Events, func(e tape.Event) bool { return e.Kind == kind && e.Task == task })
	if i < 0 {
		t.Fatalf("there is no event of kind %d of task %d in %v", kind, task, b.Events)
	}
	return b.Events[i]
}

// text is a string of the first batch of a recording.
func text(b *tape.Batch, i int64) string {
	if i == 0 {
		return ""
	}
	return b.Strings[i-1]
}

// asking is a call of Next that has asked the loop, and waits for it; its batch comes on the
// channel.
func asking(s *script, r *tape.Recorder) <-chan *tape.Batch {
	read := make(chan *tape.Batch)
	go func() {
		b, _ := r.Next(context.Background())
		read <- b
	}()
	for s.posts.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	return read
}
