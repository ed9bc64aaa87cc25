package tape_test

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

const none = monitor.NoTime

func TestWhoWokeATaskFollowsFromTheOrder(t *testing.T) {
	s := newScript()
	s.created(1, 1, 0, "main")
	s.created(1, 2, 1, "A")
	s.created(1, 3, 1, "B")
	for _, id := range []uint64{1, 2} {
		s.step(2, id)
		s.parked(3, id, "something")
	}
	s.step(4, 3)
	s.woken(5, 2, monitor.ByWake)
	s.woken(6, 3, monitor.ByYield)
	r := record(t, s, tape.Options{})
	b := next(t, r)
	if e := find(t, b, monitor.Woken, 2); e.B != 3 || text(b, e.C) != `task "B"` || e.A != 0 {
		t.Errorf("woken in the step of B: %+v, %q", e, text(b, e.C))
	}
	if e := find(t, b, monitor.Woken, 3); e.A != int64(monitor.ByYield) || e.B != 0 || e.C != 0 {
		t.Errorf("a task that gave way was woken by nobody: %+v", e)
	}
	for _, c := range []struct {
		kind monitor.Kind
		ref  any
		want string
	}{
		{monitor.IO, nil, "a descriptor"},
		{monitor.Posts, nil, "another goroutine"},
		{monitor.Timers, nil, "a timer"},
		{monitor.Callback, "the end of a sleep", "the end of a sleep"},
		{monitor.Callback, "callback main.f", "the callback main.f"},
		{monitor.Round, nil, "the loop"},
	} {
		s := newScript()
		s.step(7, 2)
		s.parked(7, 2, "something")
		s.does(monitor.Event{At: 8, Kind: c.kind}, c.ref, nil)
		s.woken(9, 2, monitor.ByCancel)
		b := next(t, record(t, s, tape.Options{}))
		if e := find(t, b, monitor.Woken, 2); text(b, e.C) != c.want || e.B != 0 || e.A != int64(monitor.ByCancel) {
			t.Errorf("after an event of kind %d a task is woken by %q, %+v; want %q", c.kind, text(b, e.C), e, c.want)
		}
	}
}

func TestATaskThatIsStartedEagerlyGivesTheStepBack(t *testing.T) {
	s := newScript()
	s.created(1, 2, 0, "waiter")
	s.created(1, 1, 0, "main")
	s.step(2, 2)
	s.parked(3, 2, "news")
	s.step(4, 1)
	s.created(5, 3, 1, "eager")
	s.step(5, 3)
	s.parked(6, 3, "news")
	s.step(6, 1) // it goes on
	s.woken(7, 2, monitor.ByWake)
	b := next(t, record(t, s, tape.Options{}))
	if e := find(t, b, monitor.Woken, 2); e.B != 1 {
		t.Errorf("woken by task %d, want 1, which has gone on", e.B)
	}
	if m := check(t, b); m.Tasks[1].Steps != 1 || m.Tasks[3].Steps != 1 {
		t.Errorf("the starter took %d steps", m.Tasks[1].Steps)
	}
}

// check replays a batch.
func check(t *testing.T, batches ...*tape.Batch) *tape.Model {
	t.Helper()
	m := tape.NewModel()
	m.Fair = true
	for _, b := range batches {
		m.Gap(b.Lost)
		for _, e := range b.Events {
			if err := m.Apply(e); err != nil {
				t.Error(err)
			}
		}
	}
	return m
}

func TestWhatEventsPointToIsTold(t *testing.T) {
	s := newScript()
	lock := &struct{ int }{1}
	s.name = func(ref any) string {
		if err, ok := ref.(error); ok {
			return err.Error()
		}
		return "Lock held by task \"A\""
	}
	s.does(monitor.Event{At: 1, Kind: monitor.Created, Task: 1}, &monitor.Birth{Name: "main", Site: monitor.Site{Function: "main.main", File: "/x/main.go", Line: 3}}, nil)
	s.does(monitor.Event{At: 1, Kind: monitor.Created, Task: 2}, monitor.Birth{Parent: 1}, nil)
	s.step(2, 1)
	pcs := make([]uintptr, 8)
	pcs = pcs[:runtime.Callers(1, pcs)]
	s.does(monitor.Event{At: 3, Kind: monitor.Parked, Task: 1, Until: 99}, lock, pcs)
	s.does(monitor.Event{At: 3, Kind: monitor.Renamed, Task: 2}, "second", nil)
	s.step(4, 2)
	s.done(5, 2, monitor.Failed, errors.New("no luck"))
	b := next(t, record(t, s, tape.Options{}))
	t.Run("names and sites of tasks, and later names", func(t *testing.T) {
		want := []tape.Task{{ID: 1, Name: "main", Function: "main.main", File: "/x/main.go", Line: 3}, {ID: 2, Name: "Task-2", Parent: 1}, {ID: 2, Name: "second"}}
		if !slices.Equal(b.Tasks, want) {
			t.Errorf("tasks %+v, want %+v", b.Tasks, want)
		}
	})
	t.Run("what a task waits for, and until when", func(t *testing.T) {
		if e := find(t, b, monitor.Parked, 1); text(b, e.A) != "Lock held by task \"A\"" || e.C != 99 {
			t.Errorf("%+v waits for %q", e, text(b, e.A))
		}
	})
	t.Run("the stack, innermost first", func(t *testing.T) {
		e := find(t, b, monitor.Parked, 1)
		if e.B != 1 {
			t.Fatalf("the stack has number %d, want 1", e.B)
		}
		f := b.Frames[b.Stacks[0][0]]
		if !strings.HasSuffix(f.Function, "TestWhatEventsPointToIsTold") || !strings.HasSuffix(f.File, "decode_test.go") || f.Line == 0 {
			t.Errorf("the first frame is %+v", f)
		}
	})
	t.Run("the error that a task has ended with", func(t *testing.T) {
		if e := find(t, b, monitor.Done, 2); text(b, e.B) != "no luck" || e.A != int64(monitor.Failed) {
			t.Errorf("%+v with %q", e, text(b, e.B))
		}
	})
	t.Run("nothing is told twice", func(t *testing.T) {
		s.step(6, 3)
		s.does(monitor.Event{At: 7, Kind: monitor.Parked, Task: 3, Until: none}, lock, pcs)
		r := record(t, s, tape.Options{})
		first := next(t, r)
		s.step(8, 3)
		s.does(monitor.Event{At: 9, Kind: monitor.Parked, Task: 3, Until: none}, lock, pcs)
		second := next(t, r)
		if len(first.Strings) == 0 || len(second.Strings)+len(second.Frames)+len(second.Stacks)+len(second.Tasks) > 0 {
			t.Errorf("the second batch tells %+v", second)
		}
		if a, b := find(t, first, monitor.Parked, 3), find(t, second, monitor.Parked, 3); a.A != b.A || a.B != b.B {
			t.Errorf("the same wait is %+v and %+v", a, b)
		}
	})
}

func TestNamesAreCutAndMadeValid(t *testing.T) {
	s := newScript()
	s.created(1, 1, 0, strings.Repeat("ä", 1<<19))
	s.created(1, 2, 0, "bad \xff name")
	b := next(t, record(t, s, tape.Options{}))
	if n := len(b.Tasks[0].Name); n < 990 || n > 1010 || !strings.HasSuffix(b.Tasks[0].Name, "ä…") {
		t.Errorf("a name of a megabyte has %d bytes, and ends in %q", n, b.Tasks[0].Name[n-8:])
	}
	if got := b.Tasks[1].Name; got != "bad \uFFFD name" {
		t.Errorf("%q", got)
	}
}

func TestADescriptionIsAskedForOnceForEachThing(t *testing.T) {
	s := newScript()
	calls := 0
	s.name = func(any) string { calls++; return "a thing" }
	thing := new(int)
	for i := range 100 {
		s.created(1, uint64(i+1), 0, "")
		s.step(2, uint64(i+1))
		s.parked(3, uint64(i+1), thing)
	}
	if next(t, record(t, s, tape.Options{})); calls != 1 {
		t.Errorf("the loop was asked %d times", calls)
	}
}

func TestATextIsCutBetweenTwoLetters(t *testing.T) {
	for _, letter := range []string{"ä", "€", "🙂"} {
		for pad := range 4 {
			text := tape.Clean(strings.Repeat("x", pad) + strings.Repeat(letter, 1000))
			if strings.ContainsRune(text, '\uFFFD') || !strings.HasSuffix(text, letter+"…") || len(text) < 990 {
				t.Errorf("%d bytes, which end in %q", len(text), text[len(text)-8:])
			}
		}
	}
}
