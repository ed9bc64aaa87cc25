package tape_test

import (
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// Short names: what a loop writes down, without what it is about.
func created(at int64, task uint64) tape.Event {
	return tape.Event{At: at, Kind: monitor.Created, Task: task}
}
func step(at int64, task uint64) tape.Event {
	return tape.Event{At: at, Kind: monitor.Step, Task: task}
}
func parked(at int64, task uint64) tape.Event {
	return tape.Event{At: at, Kind: monitor.Parked, Task: task}
}
func woken(at int64, task, by uint64) tape.Event {
	return tape.Event{At: at, Kind: monitor.Woken, Task: task, B: int64(by)}
}
func yields(at int64, task uint64) tape.Event {
	return tape.Event{At: at, Kind: monitor.Woken, Task: task, A: int64(monitor.ByYield)}
}
func done(at int64, task uint64) tape.Event {
	return tape.Event{At: at, Kind: monitor.Done, Task: task, A: int64(monitor.Returned)}
}
func loop(at int64, kind monitor.Kind, a int64) tape.Event {
	return tape.Event{At: at, Kind: kind, A: a}
}
func exists(at int64, task uint64, s tape.State) tape.Event {
	return tape.Event{At: at, Kind: tape.Exists, Task: task, A: int64(s)}
}

func apply(m *tape.Model, events ...tape.Event) error {
	for _, e := range events {
		if err := m.Apply(e); err != nil {
			return err
		}
	}
	return nil
}

func TestWhatCannotHappenIsFound(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []tape.Event
		want   string
	}{
		{"time that runs backwards", []tape.Event{created(5, 1), created(4, 2)}, "earlier"},
		{"a task that is made twice", []tape.Event{created(1, 1), created(1, 1)}, "this number already"},
		{"a step of nobody", []tape.Event{step(1, 1)}, "no such task"},
		{"a step of one that waits", []tape.Event{created(1, 1), step(1, 1), parked(1, 1), step(2, 1)}, "the task is waiting"},
		{"a step of one that runs", []tape.Event{created(1, 1), step(1, 1), step(2, 1)}, "the task is running"},
		{"a step of one that has ended", []tape.Event{created(1, 1), step(1, 1), done(1, 1), step(2, 1)}, "no such task"},
		{"two that run, both of which had begun", []tape.Event{created(1, 1), created(1, 2), step(1, 1), yields(2, 1), step(2, 2), step(2, 1)}, "task 2 is in the middle of a step"},
		{"a wait of one that does not run", []tape.Event{created(1, 1), parked(1, 1)}, "the task is ready"},
		{"a starter that waits before the one it has started", []tape.Event{created(1, 1), step(1, 1), created(1, 2), step(1, 2), parked(2, 1)}, "not what runs"},
		{"a wake of one that is ready", []tape.Event{created(1, 1), woken(1, 1, 0)}, "the task is ready"},
		{"a wake by one that does not run", []tape.Event{created(1, 1), created(1, 2), step(1, 1), parked(1, 1), woken(1, 1, 2)}, "task 2, which is said to have done it"},
		{"a yield of one that waits", []tape.Event{created(1, 1), step(1, 1), parked(1, 1), yields(1, 1)}, "the task is waiting"},
		{"an end of nobody", []tape.Event{done(1, 1)}, "no such task"},
		{"an end without a step", []tape.Event{created(1, 1), done(1, 1)}, "the task is ready"},
		{"a round in the middle of a step", []tape.Event{created(1, 1), step(1, 1), loop(2, monitor.Round, 1)}, "task 1 is in the middle of a step"},
		{"a round that forgets somebody", []tape.Event{created(1, 1), created(1, 2), loop(2, monitor.Round, 1)}, "1 entries are to run, and 2 tasks"},
		{"a sleep while somebody is ready", []tape.Event{created(1, 1), loop(2, monitor.Sleep, 0)}, "sleeps while 1 tasks are ready"},
		{"a step while the loop sleeps", []tape.Event{created(1, 1), step(1, 1), parked(1, 1), loop(1, monitor.Sleep, 0), loop(2, monitor.IO, 0)}, "the loop sleeps"},
		{"an end of a sleep that was none", []tape.Event{loop(2, monitor.Awake, 0)}, "did not sleep"},
		{"somebody who overtakes", []tape.Event{created(1, 1), created(1, 2), step(1, 2), done(1, 2), step(1, 1)}, "ready after it has run before"},
		{"somebody who was there twice", []tape.Event{exists(1, 1, tape.Ready), exists(1, 1, tape.Ready)}, "told twice"},
		{"a state that there is not", []tape.Event{exists(1, 1, tape.Ended)}, "no task and state"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := tape.NewModel()
			m.Fair = true
			if err := apply(m, c.events...); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			m = tape.NewModel()
			m.Gap(1)
			if err := apply(m, c.events...); err != nil {
				t.Errorf("after a gap nobody can know that: %v", err)
			}
		})
	}
}

func TestALifeGoesOnAsItDoes(t *testing.T) {
	m := tape.NewModel()
	m.Fair = true
	type span struct {
		task  uint64
		state tape.State
		from  int64
		to    int64
	}
	var spans []span
	var steps []int64
	m.OnState = func(l *tape.Life, until int64) { spans = append(spans, span{l.ID, l.State, l.Since, until}) }
	m.OnStep = func(took int64) { steps = append(steps, took) }
	err := apply(m,
		created(0, 1), loop(1, monitor.Round, 1), step(1, 1), created(2, 2), created(3, 3), parked(4, 1),
		loop(5, monitor.Round, 2), step(5, 2), step(5, 9)) // 9 is unknown
	if err == nil {
		t.Fatal("an unknown task runs")
	}
	m = tape.NewModel()
	m.OnState = func(l *tape.Life, until int64) { spans = append(spans, span{l.ID, l.State, l.Since, until}) }
	m.OnStep = func(took int64) { steps = append(steps, took) }
	spans, steps = nil, nil
	err = apply(m,
		created(0, 1), loop(1, monitor.Round, 1), step(1, 1), created(2, 2), parked(4, 1),
		loop(5, monitor.Round, 1), step(5, 2), yields(7, 2),
		loop(8, monitor.Round, 1), step(8, 2), woken(9, 1, 2), done(10, 2),
		loop(11, monitor.Round, 2), tape.Event{At: 11, Kind: monitor.Callback}, step(15, 1), done(18, 1))
	if err != nil {
		t.Fatal(err)
	}
	want := []span{
		{1, tape.Ready, 0, 1}, {1, tape.Running, 1, 4}, {2, tape.Ready, 2, 5}, {2, tape.Running, 5, 7}, {2, tape.Ready, 7, 8},
		{1, tape.Waiting, 4, 9}, {2, tape.Running, 8, 10}, {1, tape.Ready, 9, 15}, {1, tape.Running, 15, 18},
	}
	if len(spans) != len(want) {
		t.Fatalf("%v", spans)
	}
	for i := range want {
		if spans[i] != want[i] {
			t.Errorf("span %d is %v, want %v", i, spans[i], want[i])
		}
	}
	if len(m.Tasks) != 0 || m.Ready != 0 || m.Steps != 4 || m.Rounds != 4 {
		t.Errorf("at the end: %+v", m)
	}
	if got := steps; len(got) != 5 || got[3] != 4 {
		t.Errorf("steps took %v; the callback 4", got)
	}
}

func TestStatsCountWhatTasksDo(t *testing.T) {
	s := tape.NewStats()
	if s.Since() != 0 {
		t.Error("something has begun")
	}
	s.Add(&tape.Batch{Events: []tape.Event{
		exists(100, 1, tape.Waiting), exists(100, 2, tape.Ready),
		step(200, 2), woken(210, 1, 2), yields(230, 2),
		step(230, 1), parked(240, 1),
		step(250, 2), yields(280, 2), // nobody else is ready
		step(300, 2),
	}, Now: 340})
	if c, ok := s.Task(2); !ok || c != (tape.Counts{Steps: 3, Busy: 30 + 30 + 40, Yields: 2, Wakes: 2, SelfWakes: 1}) {
		t.Errorf("task 2: %+v", c)
	}
	if c, ok := s.Task(1); !ok || c != (tape.Counts{Steps: 1, Busy: 10, Waits: 1, Wakes: 1}) {
		t.Errorf("task 1: %+v", c)
	}
	if all, ready := s.Tasks(); all != 2 || ready != 0 {
		t.Errorf("%d tasks, %d ready", all, ready)
	}
	if h := s.Step(); h.Sum != 70*time.Nanosecond || h.Max != 30*time.Nanosecond {
		t.Errorf("steps took %v in all and %v at most", h.Sum, h.Max)
	}
	if s.Since() != 240 {
		t.Errorf("since %v", s.Since())
	}
	s.Add(&tape.Batch{Events: []tape.Event{done(350, 2)}})
	if _, ok := s.Task(2); ok {
		t.Error("a task that has ended is kept")
	}
	s.Add(&tape.Batch{Lost: 5, Events: []tape.Event{step(400, 77)}})
	if _, ok := s.Task(77); !ok || s.Lost() != 5 {
		t.Error("after a gap a task that is seen is there")
	}
	s.Add(&tape.Batch{Lost: 5, Events: []tape.Event{parked(90_000, 77)}})
	if c, _ := s.Task(77); c.Busy != 0 {
		t.Errorf("of a gap in the middle of its step it is given %d ns", c.Busy)
	}
}

func TestTasksThatAreListedAgainKeepTheirCounts(t *testing.T) {
	s := tape.NewStats()
	s.Add(&tape.Batch{Events: []tape.Event{exists(1, 1, tape.Ready), exists(1, 2, tape.Ready), step(2, 1), parked(3, 1)}})
	s.Add(&tape.Batch{Lost: 100, Events: []tape.Event{exists(9, 1, tape.Waiting)}})
	if c, _ := s.Task(1); c.Steps != 1 || c.Busy != 1 {
		t.Errorf("%+v", c)
	}
	if _, ok := s.Task(2); ok {
		t.Error("who is not listed is still there")
	}
}
