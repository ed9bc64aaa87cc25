package tape_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// existing are the tasks that b says were there.
func existing(b *tape.Batch) (found []tape.Event) {
	for _, e := range b.Events {
		if e.Kind == tape.Exists {
			found = append(found, e)
		}
	}
	return found
}

func TestARecordingBeginsWithWhatIsThere(t *testing.T) {
	s := newScript()
	s.now = 1000
	s.tasks = []monitor.Task{
		{ID: 1, Name: "main", State: "waiting", WaitsFor: "all the others", Since: epoch.Add(300), Until: epoch.Add(time.Second)},
		{ID: 2, Name: "idle", State: "ready", Parent: 1, Site: monitor.Site{Function: "main.idle", File: "a.go", Line: 9}},
		{ID: 4, Name: "worker", State: "waiting", WaitsFor: "a queue"},
		{ID: 6, Name: "born", State: "ready", Parent: 4},
	}
	s.step(500, 3) // 3 was ready, has woken 4, ends, and is not in the listing
	s.woken(510, 4, monitor.ByWake)
	s.done(520, 3, monitor.Returned, nil)
	s.step(530, 4)
	s.created(540, 6, 4, "born")
	s.parked(550, 4, "a queue")
	s.parked(560, 5, "something") // 5 was in the middle of a step
	s.done(570, 5, monitor.Cancelled, nil)
	b := next(t, record(t, s, tape.Options{}))
	want := []tape.Event{
		{At: 500, Kind: tape.Exists, Task: 1, A: int64(tape.Waiting), C: 300, D: int64(time.Second)},
		{At: 500, Kind: tape.Exists, Task: 2, A: int64(tape.Ready)},
		{At: 500, Kind: tape.Exists, Task: 3, A: int64(tape.Ready)},
		{At: 500, Kind: tape.Exists, Task: 4, A: int64(tape.Waiting)},
		{At: 500, Kind: tape.Exists, Task: 5, A: int64(tape.Running), C: 500},
	}
	got := existing(b)
	for i, e := range got {
		if i == 0 && text(b, e.B) != "all the others" || i == 3 && text(b, e.B) != "a queue" {
			t.Errorf("task %d waits for %q", e.Task, text(b, e.B))
		}
		got[i].B = 0
	}
	if !slices.Equal(got, want) {
		t.Errorf("at the beginning there were\n%+v, want\n%+v", got, want)
	}
	names := map[uint64]string{}
	for _, task := range b.Tasks {
		names[task.ID] = task.Name
	}
	if names[2] != "idle" || names[3] != "Task-3" || names[6] != "born" || names[1] != "main" {
		t.Errorf("names %v", names)
	}
	if i := slices.IndexFunc(b.Tasks, func(x tape.Task) bool { return x.ID == 2 }); b.Tasks[i].Line != 9 || b.Tasks[i].Parent != 1 {
		t.Errorf("%+v has lost its place and its parent", b.Tasks[i])
	}
}

func TestAListOfManyTasksIsMadeInSlices(t *testing.T) {
	s := newScript()
	for id := range uint64(5000) {
		s.tasks = append(s.tasks, monitor.Task{ID: id + 1, State: "waiting"})
	}
	b := next(t, record(t, s, tape.Options{}))
	if n, posts := len(existing(b)), s.posts.Load(); n != 5000 || posts < 5000/512 {
		t.Errorf("%d tasks in %d questions", n, posts)
	}
}

func TestTheTimeOfWhatIsLostIsNobodys(t *testing.T) {
	const later = 5_000 * ms
	for _, c := range []struct {
		name string
		tear func(*script)
		lost uint64
	}{
		{"before what is read", func(s *script) { s.lost = 50 }, 50},
		{"in the middle of what is read", func(s *script) {
			s.step(2000, 1) // its end is not known
			s.Flush()
			s.lost, s.chunk.Lost = 50, 50
		}, 51},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScript()
			s.tasks = []monitor.Task{{ID: 1, State: "ready"}, {ID: 2, State: "ready"}}
			r, stats := record(t, s, tape.Options{}), tape.NewStats()
			s.step(0, 1)
			s.woken(1000, 1, monitor.ByYield)
			s.now = 1500
			stats.Add(next(t, r))
			c.tear(s)
			s.woken(none, 1, monitor.ByYield)
			s.step(none, 2)
			s.woken(none, 2, monitor.ByYield)
			s.step(later, 1)
			s.woken(later+1000, 1, monitor.ByYield)
			s.now = later + 2000
			b := next(t, r)
			stats.Add(b)
			if b.Lost != c.lost {
				t.Errorf("%d events are said to be lost, want %d", b.Lost, c.lost)
			}
			one, _ := stats.Task(1)
			two, _ := stats.Task(2)
			if most := stats.Step().Max; one.Busy > ms || two.Busy > ms || most > ms {
				t.Errorf("the tasks have had the loop for %d and %d ns, a step for %v", one.Busy, two.Busy, most)
			}
		})
	}
}

func TestWhatIsLostIsToldAndTheTasksAreListedAgain(t *testing.T) {
	s := newScript()
	s.tasks = []monitor.Task{{ID: 1, Name: "main", State: "waiting"}, {ID: 2, Name: "old", State: "waiting"}}
	r := record(t, s, tape.Options{MaxEvents: 100})
	next(t, r)
	s.lost = 50
	for n := range int64(150) {
		s.step(10+n, 1)
		s.woken(10+n, 1, monitor.ByYield)
	}
	s.tasks = []monitor.Task{{ID: 1, Name: "main", State: "ready"}, {ID: 3, Name: "new", State: "waiting"}}
	b := next(t, r)
	if b.Lost != 250 || len(b.Events) != 100 {
		t.Errorf("%d events are lost and %d there, want 250 and 100", b.Lost, len(b.Events))
	}
	if len(existing(b)) > 0 {
		t.Error("the tasks were listed twice within a second")
	}
	time.Sleep(1100 * time.Millisecond)
	again := next(t, r)
	m := tape.NewModel()
	for _, b := range []*tape.Batch{b, again} {
		m.Gap(b.Lost)
		for _, e := range b.Events {
			if err := m.Apply(e); err != nil {
				t.Error(err)
			}
		}
	}
	if m.Tasks[1] == nil || m.Tasks[2] != nil || m.Tasks[3] == nil || len(m.Tasks) != 2 {
		t.Errorf("after the listing the tasks are %v", m.Tasks)
	}
	if m.Tasks[1].Steps != 50 {
		t.Errorf("task 1 took %d steps, want the 50 that were seen", m.Tasks[1].Steps)
	}
}

func TestALoopThatDoesNotAnswerIsBlocked(t *testing.T) {
	s := newScript()
	s.created(1, 1, 0, "main")
	s.step(2, 1)
	r := record(t, s, tape.Options{})
	next(t, r)
	s.mu.Lock()
	s.stuck = true
	s.mu.Unlock()
	posts := s.posts.Load()
	b := next(t, r)
	if b.Blocked == nil || b.Blocked.Task != 1 || !strings.Contains(b.Blocked.Stack, "main.spin") || b.Blocked.Since != 2 {
		t.Fatalf("the batch says %+v", b.Blocked)
	}
	for range 5 {
		if b := next(t, r); b.Blocked != nil || b.Freed {
			t.Errorf("it is told again: %+v", b)
		}
	}
	if n := s.posts.Load() - posts; n != 1 {
		t.Errorf("%d questions wait for the loop", n)
	}
	s.free()
	if b := next(t, r); !b.Freed || b.Blocked != nil {
		t.Errorf("the loop answers again, and the batch says %+v", b)
	}
}

// What a list tells of may be among the events that a loop which is blocked since then has
// not given yet.
func TestAListIsOfUseWhereTheLoopHasGivenAllEvents(t *testing.T) {
	s := newScript()
	s.created(1, 1, 0, "main")
	s.step(2, 1)
	s.tasks = []monitor.Task{{ID: 1, Name: "main", State: "waiting"}}
	s.stuckAfter = 1 // it answers once: with the list
	r := record(t, s, tape.Options{})
	b := next(t, r)
	if len(b.Events) > 0 || b.Blocked == nil {
		t.Errorf("%+v", b)
	}
	s.parked(3, 1, "something")
	s.free()
	after := next(t, r)
	check(t, b, after)
	if find(t, after, monitor.Created, 1).At != 1 {
		t.Errorf("%v", after.Events)
	}
}

func TestALoopThatSleepsIsNotBlocked(t *testing.T) {
	s := newScript()
	s.asleep.Store(true)
	s.stuck = true
	r := record(t, s, tape.Options{})
	ctx, cancel := context.WithTimeout(context.Background(), 600*time.Millisecond)
	defer cancel()
	b, err := r.Next(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || b.Blocked != nil {
		t.Errorf("%v, %+v", err, b)
	}
}

func TestTheEndComesLastAndOnce(t *testing.T) {
	s := newScript()
	thing := &struct{ io.Reader }{}
	r := record(t, s, tape.Options{})
	next(t, r)
	s.created(1, 1, 0, "main")
	s.step(2, 1)
	s.parked(3, 1, errors.New("as it says of itself"))
	s.step(4, 2)
	s.parked(5, 2, thing)
	s.mu.Lock()
	s.flush()
	s.mu.Unlock()
	close(s.ended)
	if b := next(t, r); len(b.Events) > 0 {
		t.Errorf("before End, who can ask things for their names, there are %v", b.Events)
	}
	r.End(errors.New("deadlock"))
	r.End(errors.New("another"))
	var all []tape.Event
	var end *tape.End
	for {
		b, err := r.Next(context.Background())
		if err == io.EOF {
			break
		}
		if err != nil || end != nil {
			t.Fatalf("%v, %+v", err, end)
		}
		for _, e := range b.Events {
			if e.Kind == monitor.Parked && e.Task == 1 && text(b, e.A) != "as it says of itself" {
				t.Errorf("task 1 waits for %q", text(b, e.A))
			}
			if e.Kind == monitor.Parked && e.Task == 2 && !strings.HasPrefix(text(b, e.A), "struct { io.Reader } 0x") {
				t.Errorf("task 2 waits for %q", text(b, e.A))
			}
		}
		all, end = append(all, b.Events...), b.Ended
	}
	if len(all) != 5 || end == nil || end.Error != "deadlock" || end.At != 5 {
		t.Errorf("%d events and the end %+v", len(all), end)
	}
}

func TestAnEndDoesNotWaitForALoopThatIsAsked(t *testing.T) {
	s := newScript()
	s.asleep.Store(true) // so that the question has all the time in the world
	s.stuck = true
	r := record(t, s, tape.Options{})
	read := asking(s, r)
	r.End(nil)
	if b := <-read; b.Ended != nil {
		t.Errorf("%+v", b)
	}
	if _, err := r.Next(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestAThingWhoseTextPanicsIsToldByItsType(t *testing.T) {
	s := newScript()
	r := record(t, s, tape.Options{})
	s.created(1, 1, 0, "main")
	s.step(2, 1)
	s.parked(3, 1, hostile{})
	s.mu.Lock()
	s.flush()
	s.mu.Unlock()
	r.End(nil)
	b := next(t, r)
	if e := find(t, b, monitor.Parked, 1); text(b, e.A) != "tape_test.hostile" {
		t.Errorf("%q", text(b, e.A))
	}
}

type hostile struct{}

func (hostile) String() string { panic("no") }

func TestARecorderAsksForWhatItWasToldTo(t *testing.T) {
	s := newScript()
	r := record(t, s, tape.Options{Detail: monitor.Stacks, Title: "a lesson", Sources: map[string]string{"a.go": "package a"}})
	h := r.Header()
	if s.detail != monitor.Stacks || h.Detail != "stacks" || h.Loop != 7 || h.Name != "scripted" || !h.Virtual ||
		h.Title != "a lesson" || h.Sources["a.go"] == "" || h.Start != "2026-01-02T03:04:05.000000006Z" || h.PID == 0 || h.Program == "" {
		t.Errorf("detail %v, header %+v", s.detail, h)
	}
	r.Close()
	r.Close()
	if !s.closed.Load() {
		t.Error("the tape is still open")
	}
}

func TestDetailsHaveNames(t *testing.T) {
	for _, name := range []string{"coarse", "exact", "stacks"} {
		if d, ok := tape.DetailOf(name); !ok || tape.DetailName(d) != name {
			t.Errorf("%q is %v, %v", name, d, ok)
		}
	}
	if d, ok := tape.DetailOf(""); !ok || d != monitor.Coarse {
		t.Errorf("no name is %v, %v", d, ok)
	}
	if _, ok := tape.DetailOf("everything"); ok {
		t.Error("any name is one")
	}
}

func TestALoopThatWasOnlyAskedSomethingHasSlept(t *testing.T) {
	s := newScript()
	s.now = 10
	r := record(t, s, tape.Options{})
	s.loop(1, monitor.Sleep, 900)
	batches := []*tape.Batch{next(t, r)}
	for at := int64(100); at <= 300; at += 100 {
		s.loop(at, monitor.Awake, none)
		s.now = at + 5
		b := next(t, r)
		if len(b.Events) > 0 || b.Now != at {
			t.Errorf("%v, complete up to %d", b.Events, b.Now)
		}
		batches = append(batches, b)
		s.loop(at+6, monitor.Sleep, 900)
	}
	s.loop(900, monitor.Awake, none)
	s.loop(901, monitor.Timers, none)
	b := next(t, r)
	if len(b.Events) != 2 || b.Events[0].Kind != monitor.Awake || b.Events[0].At != 900 {
		t.Errorf("%v", b.Events)
	}
	readAll(t, write(append(batches, b)...)) // times fit together
}

func TestWhatIsAboutToChangeIsAskedBefore(t *testing.T) {
	s := newScript()
	thing := errors.New("as it was")
	r := record(t, s, tape.Options{})
	next(t, r)
	s.created(1, 1, 0, "main")
	s.step(2, 1)
	s.parked(3, 1, thing)
	s.mu.Lock()
	s.flush()
	s.asleep.Store(true)
	s.stuck = true // the loop's goroutine is busy with Settle
	s.mu.Unlock()
	posts := s.posts.Load()
	read := make(chan *tape.Batch)
	go func() { b, _ := r.Next(context.Background()); read <- b }()
	for s.posts.Load() == posts {
		time.Sleep(time.Millisecond)
	}
	monitor.Settle(s)
	if b := <-read; len(b.Events) > 0 {
		t.Errorf("a Next that had waited for the loop has %v", b.Events)
	}
	var words string
	for words == "" {
		b := next(t, r)
		for _, e := range b.Events {
			if e.Kind == monitor.Parked {
				words = text(b, e.A)
			}
		}
	}
	if words != "as it was" {
		t.Errorf("%q", words)
	}
	s.free()
	s.step(9, 2)
	if b := next(t, r); len(b.Events) != 1 {
		t.Errorf("after that the loop is asked again: %v", b.Events)
	}
	r.Close()
	s.step(10, 2)
	monitor.Settle(s) // nobody listens
}
