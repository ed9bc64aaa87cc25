package tape

import (
	"slices"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// exists takes over what was there: several of these in a row are all tasks, and who is
// not among them is gone.
func (m *Model) exists(e Event) error {
	if !m.listing {
		m.listing, m.old = true, m.Tasks
		m.Tasks, m.Running, m.Ready, m.callback, m.Asleep = map[uint64]*Life{}, nil, 0, -1, false
	}
	if e.Task == 0 || e.A < int64(Ready) || e.A > int64(Waiting) {
		return m.wrong(e, "no task and state can be %d and %d", e.Task, e.A)
	}
	if m.Tasks[e.Task] != nil {
		return m.wrong(e, "the task is told twice")
	}
	t := m.enter(e.Task, State(e.A), min(e.At, e.C))
	if was := m.old[e.Task]; was != nil {
		t.Counts, t.Parent = was.Counts, was.Parent
	}
	t.Begun, t.Known, t.On, t.Until = t.State == Waiting || t.Steps > 0, true, e.B, e.D
	if t.State == Running {
		m.Running = append(m.Running, t.ID)
	}
	return nil
}

func (m *Model) created(e Event) error {
	if m.Tasks[e.Task] != nil || e.Task == 0 {
		return m.wrong(e, "there is one with this number already")
	}
	t := m.enter(e.Task, Ready, e.At)
	m.tail++
	t.Parent, t.Known, t.place = uint64(e.A), true, m.tail
	return nil
}

// step: a task runs. Inside the step of another it is its first, and the other has
// started it eagerly; that one then goes on with a step that is none of its own.
func (m *Model) step(e Event) error {
	m.endCallback(e.At)
	if n := len(m.Running); n > 0 && m.Running[n-1] == e.Task && m.Tasks[e.Task].resumes {
		m.Tasks[e.Task].resumes = false
		return nil
	}
	t, err := m.known(e, Ready)
	if len(m.Running) > 0 && t.Begun && err == nil {
		err = m.wrong(e, "task %d is in the middle of a step", m.Running[len(m.Running)-1])
		m.stopAll(e.At)
	}
	if e := m.turn(t, e); err == nil {
		err = e
	}
	if n := len(m.Running); n > 0 {
		m.Tasks[m.Running[n-1]].resumes = true
	}
	m.become(t, Running, e.At)
	t.Begun = true
	t.Steps++
	m.Steps++
	m.Running = append(m.Running, t.ID)
	return err
}

// turn checks that it is the turn of t.
func (m *Model) turn(t *Life, e Event) error {
	place := t.place
	if len(m.Running) > 0 || place == 0 { // it was started eagerly, or before the recording
		return nil
	}
	if m.Fair && place < m.head {
		return m.wrong(e, "a task that was ready after it has run before")
	}
	m.head = max(m.head, place)
	return nil
}

// endStep takes the innermost task that runs off, which ought to be that of e.
func (m *Model) endStep(e Event) error {
	n := len(m.Running)
	if n > 0 && m.Running[n-1] == e.Task {
		m.Running = m.Running[:n-1]
		return nil
	}
	m.Running = slices.DeleteFunc(m.Running, func(id uint64) bool { return id == e.Task })
	return m.wrong(e, "it is not what runs")
}

func (m *Model) parked(e Event) error {
	t, err := m.known(e, Running)
	if stepped := m.endStep(e); err == nil {
		err = stepped
	}
	m.become(t, Waiting, e.At)
	t.On, t.Stack, t.Until = e.A, e.B, e.C
	t.Waits++
	return err
}

func (m *Model) woken(e Event) error {
	if monitor.Cause(e.A) == monitor.ByYield {
		t, err := m.known(e, Running)
		if stepped := m.endStep(e); err == nil {
			err = stepped
		}
		t.Wakes++
		t.Yields++
		if m.Ready == 0 {
			t.SelfWakes++
		}
		m.become(t, Ready, e.At)
		return err
	}
	t, err := m.known(e, Waiting)
	t.Wakes++
	if by := uint64(e.B); by != 0 && err == nil && !slices.Contains(m.Running, by) {
		err = m.wrong(e, "task %d, which is said to have done it, does not run", by)
	}
	m.become(t, Ready, e.At)
	t.On, t.Stack, t.Until = 0, 0, 0
	return err
}

// done: a task ends in its own step, or by force without one.
func (m *Model) done(e Event) (err error) {
	t := m.Tasks[e.Task]
	if t == nil {
		return m.wrong(e, "there is no such task")
	}
	if t.State == Running {
		err = m.endStep(e)
	} else if cause := monitor.Cause(e.A); cause != monitor.Cancelled && cause != monitor.Exited {
		err = m.wrong(e, "the task is %v", t.State)
	}
	m.become(t, Ended, e.At)
	delete(m.Tasks, e.Task)
	return err
}
