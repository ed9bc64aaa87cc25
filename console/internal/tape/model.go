package tape

import (
	"fmt"
	"math"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// A Life is a task of a [Model] that has not ended.
type Life struct {
	ID     uint64
	Parent uint64
	State  State
	Since  int64 // when that began
	On     int64 // of one that waits: the string what for
	Stack  int64 // and where, as events have it
	Until  int64 // and until when at most, 0 for no limit
	Begun  bool  // it has run, as far as the recording tells
	Known  bool  // its state follows from an event; else it was seen for the first time after a gap

	Counts

	place   int64 // in the ready queue, 0 where that is not known
	resumes bool  // it has started another eagerly, and goes on when that gives way
}

// Counts are what a task has done since the recording began.
type Counts struct {
	Steps  uint64
	Busy   int64  // nanoseconds in which it ran
	Waits  uint64 // how often it waited, without those waits that ended at once
	Yields uint64 // how often it gave way and was ready at once
	Wakes  uint64 // how often it became ready, yields included
	// SelfWakes is how often it gave way while nobody else was ready: the loop turned for
	// it alone.
	SelfWakes uint64
}

// A Model replays a recording, event by event: it is the loop as the recording tells of
// it. It keeps nothing of tasks that have ended.
type Model struct {
	// Fair has the model check that tasks run in the order in which they became ready,
	// which holds where no task has a priority.
	Fair bool
	// OnState is told of each time that a task has spent in a state, when it ends. The
	// task is as it was, but for what it does next.
	OnState func(t *Life, until int64)
	// OnStep is told of what a step took, and a callback.
	OnStep func(took int64)

	Tasks   map[uint64]*Life
	Running []uint64 // those in the middle of a step: who was started eagerly stands after its starter
	Asleep  bool
	Now     int64
	Ready   int
	Steps   uint64
	Rounds  uint64
	Lost    uint64

	strict   bool // no event is missing since the beginning
	listing  bool // the last event said what was there
	old      map[uint64]*Life
	callback int64 // since when one runs, -1 where none does
	tail     int64 // the place of the last in the ready queue
	head     int64 // and of the last that has left it
}

// NewModel is a model at the beginning of a recording.
func NewModel() *Model { return &Model{Tasks: map[uint64]*Life{}, strict: true, callback: -1} }

// Gap takes note that lost events are missing before the next one. From there on the
// model believes what it sees.
func (m *Model) Gap(lost uint64) {
	m.Lost += lost
	m.strict = m.strict && lost == 0
	if lost > 0 {
		m.stopAll(m.Now) // when it ended is not known, and it may have been at once
		m.callback, m.Asleep = -1, false
	}
}

// Apply is what happens with e. The error says what cannot be; the model goes on all the
// same, as well as it can.
func (m *Model) Apply(e Event) error {
	if e.At < m.Now {
		return m.wrong(e, "it is earlier than the event before it, at %d", m.Now)
	}
	m.Now = e.At
	if m.listing && e.Kind != Exists {
		m.listing, m.old = false, nil
	}
	if e.Kind != Exists && m.Asleep && e.Kind != monitor.Awake {
		m.Asleep = false
		return m.wrong(e, "the loop sleeps")
	}
	switch e.Kind {
	case Exists:
		return m.exists(e)
	case monitor.Created:
		return m.created(e)
	case monitor.Step:
		return m.step(e)
	case monitor.Parked:
		return m.parked(e)
	case monitor.Woken:
		return m.woken(e)
	case monitor.Done:
		return m.done(e)
	case monitor.Renamed:
		return nil
	case Said:
		return m.said(e)
	}
	return m.loop(e)
}

// wrong is an error where the recording is complete.
func (m *Model) wrong(e Event, format string, args ...any) error {
	if !m.strict {
		return nil
	}
	return fmt.Errorf("event %s at %d of task %d: %s", kindName(e.Kind), e.At, e.Task, fmt.Sprintf(format, args...))
}

// loop is for what the loop does between two steps.
func (m *Model) loop(e Event) (err error) {
	m.endCallback(e.At)
	if len(m.Running) > 0 {
		err = m.wrong(e, "task %d is in the middle of a step", m.Running[len(m.Running)-1])
		m.stopAll(e.At)
	}
	switch e.Kind {
	case monitor.Callback:
		m.callback = e.At
	case monitor.Sleep:
		m.Asleep = true
		if m.Ready > 0 {
			err = m.wrong(e, "the loop sleeps while %d tasks are ready", m.Ready)
		}
	case monitor.Awake:
		if !m.Asleep {
			err = m.wrong(e, "the loop did not sleep")
		}
		m.Asleep = false
	case monitor.Round:
		m.Rounds++
		if e.A < int64(m.Ready) {
			err = m.wrong(e, "%d entries are to run, and %d tasks are ready", e.A, m.Ready)
		}
	}
	return err
}

// said is for a note: only who runs can make one.
func (m *Model) said(e Event) error {
	if n := len(m.Running); n == 0 || m.Running[n-1] != e.Task {
		return m.wrong(e, "it does not run")
	}
	return nil
}

// stopAll is for a step whose end is missing.
func (m *Model) stopAll(at int64) {
	for _, id := range m.Running {
		if t := m.Tasks[id]; t != nil {
			m.become(t, Ready, at)
		}
	}
	m.Running = nil
}

func (m *Model) endCallback(at int64) {
	if m.callback >= 0 && m.OnStep != nil {
		m.OnStep(at - m.callback)
	}
	m.callback = -1
}

// become ends what t was in the middle of.
func (m *Model) become(t *Life, s State, at int64) {
	if m.OnState != nil {
		m.OnState(t, at)
	}
	if t.State == Running {
		t.Busy += at - t.Since
		if m.OnStep != nil {
			m.OnStep(at - t.Since)
		}
	}
	if t.State == Ready {
		m.Ready--
	}
	if s == Ready {
		m.Ready++
		m.tail++
		t.place = m.tail
	}
	t.State, t.Since = s, at
}

// known is the task of e; after a gap one that nothing was known of.
func (m *Model) known(e Event, s State) (*Life, error) {
	if t := m.Tasks[e.Task]; t != nil {
		if t.State != s {
			err := m.wrong(e, "the task is %v", t.State)
			m.become(t, s, e.At)
			return t, err
		}
		return t, nil
	}
	t := m.enter(e.Task, s, e.At)
	return t, m.wrong(e, "there is no such task")
}

func (m *Model) enter(id uint64, s State, at int64) *Life {
	t := &Life{ID: id, State: s, Since: at}
	m.Tasks[id] = t
	if s == Ready {
		m.Ready++
	}
	return t
}

// kindName is for people.
func kindName(k monitor.Kind) string {
	names := [...]string{"created", "step", "callback", "parked", "woken", "done", "sleep", "awake", "io", "posts", "timers", "renamed", "round"}
	switch {
	case int(k) < len(names):
		return names[k]
	case k == Exists:
		return "exists"
	case k == Said:
		return "said"
	}
	return fmt.Sprintf("of kind %d", min(int(k), math.MaxUint8))
}
