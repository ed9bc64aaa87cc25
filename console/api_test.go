package console_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/console/internal/wire"
	"github.com/goasyncio/asyncio/internal/monitor"
)

func ids(tasks []wire.Task) (ids []uint64) {
	for _, t := range tasks {
		ids = append(ids, t.ID)
	}
	return ids
}

func TestTheProgramAndItsLoops(t *testing.T) {
	f := newFake(t, crowd(3)...)
	s := serve(t)
	p := answer[wire.Program](t, s, "program")
	expect(t, "process", p.PID, os.Getpid())
	expect(t, "version of Go", p.Go, runtime.Version())
	expect(t, "module", p.Module, "github.com/goasyncio/asyncio")
	l := loopIn(t, p, f.number)
	expect(t, "name", l.Name, "fake")
	expect(t, "state", l.State, "asleep")
	expect(t, "tasks", l.Stats.Tasks, 3)
	expect(t, "started", l.Started, f.Started())
	later := newFake(t)
	expect(t, "a loop that begins later", loopIn(t, answer[wire.Program](t, s, "program"), later.number).State, "asleep")
}

func loopIn(t *testing.T, p wire.Program, number uint32) wire.Loop {
	t.Helper()
	for _, l := range p.Loops {
		if l.Number == number {
			return l
		}
	}
	t.Fatalf("loop %d is not among %v", number, p.Loops)
	return wire.Loop{}
}

func TestALoopThatHasEnded(t *testing.T) {
	f := newFake(t, crowd(3)...)
	s := serve(t)
	answer[wire.Now](t, s, f.of("stats"))
	f.finish(&monitor.Deadlock{Err: errors.New("nobody can go on"), Cycles: [][]monitor.Task{{{ID: 7, Name: "a", WaitsFor: "b"}, {ID: 8, Name: "b"}}}})
	t.Run("stays in the list, with its error, its cycles and its last numbers", func(t *testing.T) {
		l := loopIn(t, answer[wire.Program](t, s, "program"), f.number)
		expect(t, "state", l.State, "ended")
		expect(t, "error", l.Error, "nobody can go on")
		expectSlice(t, "cycle", l.Cycles[0], []uint64{7, 8})
		expectSlice(t, "its tasks", l.Waiters, []wire.Waiter{{ID: 7, Name: "a", WaitsFor: "b"}, {ID: 8, Name: "b"}})
		expect(t, "tasks", l.Stats.Tasks, 3)
	})
	t.Run("has no tasks any more, and says why", func(t *testing.T) {
		for _, what := range []string{"tasks", "tasks/1", "graph", "timers", "stacks"} {
			resp, text := request(t, s, "/api/v1/"+f.of(what))
			if resp.StatusCode != http.StatusGone || !strings.Contains(text, "nobody can go on") {
				t.Errorf("%s: %s %s", what, resp.Status, text)
			}
		}
	})
	t.Run("is forgotten when sixteen others have ended", func(t *testing.T) {
		for range 16 {
			newFake(t).finish(nil)
		}
		for _, l := range answer[wire.Program](t, s, "program").Loops {
			if l.Number == f.number {
				t.Error("it is still there")
			}
		}
	})
}

func TestTasks(t *testing.T) {
	f := newFake(t, crowd(1000)...)
	s := serve(t)
	t.Run("come in pages, each task once", func(t *testing.T) {
		var all []uint64
		for next := uint64(0); ; {
			a := answer[wire.Tasks](t, s, f.of(fmt.Sprintf("tasks?after=%d&limit=300", next)))
			expect(t, "total", a.Total, 1000)
			expect(t, "matching", a.Matching, 1000)
			all = append(all, ids(a.Tasks)...)
			if next = a.Next; next == 0 {
				break
			}
		}
		for i, id := range all {
			if id != uint64(i+1) {
				t.Fatalf("place %d has task %d", i, id)
			}
		}
		expect(t, "tasks", len(all), 1000)
	})
	for _, test := range []struct {
		name, query string
		matching    int
		first       []uint64
	}{
		{"in the order of their IDs", "", 1000, []uint64{1, 2, 3}},
		{"the last first", "desc=1", 1000, []uint64{1000, 999, 998}},
		{"by name", "sort=name", 1000, []uint64{1, 10, 100}},
		{"by name, the last first", "sort=name&desc=1", 1000, []uint64{999, 998, 997}},
		{"by how long they have waited", "sort=since", 1000, []uint64{1, 1000, 999}},
		{"by state", "sort=state", 1000, []uint64{3, 5, 7}},
		{"those in a state", "state=ready", 499, []uint64{3, 5, 7}},
		{"those that are called something, in whatever case", "q=WORKER+99", 11, []uint64{99, 990, 991}},
		{"those that wait for something", "q=taskgroup", 1, []uint64{1}},
		{"from somewhere on", "sort=since&offset=998", 1000, []uint64{3, 2}},
		{"from behind the end on", "offset=2000", 1000, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := answer[wire.Tasks](t, s, f.of("tasks?limit=3&"+test.query))
			expect(t, "matching", a.Matching, test.matching)
			expectSlice(t, "first", ids(a.Tasks), test.first)
		})
	}
}

func TestQuestionsThatMakeNoSense(t *testing.T) {
	f := newFake(t, crowd(3)...)
	s := serve(t)
	for path, want := range map[string]int{
		"nothing":                                   404,
		"loops/x/tasks":                             404,
		"loops/4294967296/tasks":                    404,
		"loops/999999/tasks":                        404,
		f.of("nothing"):                             404,
		f.of("tasks/99"):                            404,
		f.of("tree?root=99"):                        404,
		f.of("tasks/0"):                             400,
		f.of("tasks/x"):                             400,
		f.of("tasks?limit=0"):                       400,
		f.of("tasks?limit=1001"):                    400,
		f.of("tasks?limit=-1"):                      400,
		f.of("tasks?after=x"):                       400,
		f.of("tasks?sort=color"):                    400,
		f.of("tasks?state=tired"):                   400,
		f.of("tasks?desc=yes"):                      400,
		f.of("tasks?q=%zz"):                         400,
		f.of("timers?limit=1001"):                   400,
		f.of("tree?depth=0"):                        400,
		f.of("tasks?offset=1e9"):                    400,
		f.of("tasks?q=" + strings.Repeat("x", 257)): 400,
	} {
		t.Run(path[:min(len(path), 60)], func(t *testing.T) {
			resp, text := request(t, s, "/api/v1/"+path)
			if resp.StatusCode != want || !strings.HasPrefix(text, `{"error":"`) {
				t.Errorf("%s %s, want %d and an error", resp.Status, text, want)
			}
		})
	}
}

func TestATask(t *testing.T) {
	tasks := crowd(3)
	tasks = append(tasks, monitor.Task{ID: 4, Name: "grandchild", State: "waiting", Parent: 3, WaitsFor: "Sleep"})
	f := newFake(t, tasks...)
	f.stack = []monitor.Frame{{Function: "main.inner", File: "/x/main.go", Line: 3}, {Function: "main.outer", File: "/x/main.go", Line: 9}}
	s := serve(t)
	d := answer[wire.Detail](t, s, f.of("tasks/4"))
	expect(t, "name", d.Task.Name, "grandchild")
	expect(t, "what it waits for", d.Task.WaitsFor, "Sleep")
	expectSlice(t, "stack", d.Stack, f.stack)
	expectSlice(t, "path", d.Path, []wire.Relative{{ID: 3, Name: "worker 3", State: "ready"}, {ID: 1, Name: "main", State: "waiting"}})
	expect(t, "children", len(d.Children), 0)
	d = answer[wire.Detail](t, s, f.of("tasks/1"))
	expectSlice(t, "children of main", d.Children, []wire.Relative{{ID: 2, Name: "worker 2", State: "waiting"}, {ID: 3, Name: "worker 3", State: "ready"}})
}

func TestATree(t *testing.T) {
	f := newFake(t,
		monitor.Task{ID: 1, Name: "main"}, monitor.Task{ID: 2, Name: "a", Parent: 1}, monitor.Task{ID: 3, Name: "b", Parent: 1},
		monitor.Task{ID: 4, Name: "aa", Parent: 2}, monitor.Task{ID: 5, Name: "ab", Parent: 2}, monitor.Task{ID: 6, Name: "aaa", Parent: 4},
		monitor.Task{ID: 7, Name: "orphan", Parent: 99},
	)
	s := serve(t)
	for _, test := range []struct {
		name, query, want string
		truncated         bool
	}{
		{"has all tasks, children below their parents", "", "main/0 a/1 aa/2 aaa/3 ab/2 b/1 orphan/0", false},
		{"of one task", "?root=2", "a/0 aa/1 aaa/2 ab/1", false},
		{"down to a level", "?depth=2", "main/0 a/1 b/1 orphan/0", false},
		{"with so many nodes", "?limit=3", "main/0 a/1 aa/2", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := answer[wire.Tree](t, s, f.of("tree"+test.query))
			var got []string
			for _, n := range a.Nodes {
				got = append(got, fmt.Sprintf("%s/%d", n.Name, n.Depth))
			}
			expect(t, "nodes", strings.Join(got, " "), test.want)
			expect(t, "truncated", a.Truncated, test.truncated)
			expect(t, "total", a.Total, 7)
		})
	}
	t.Run("tells how many children there are, though they do not follow", func(t *testing.T) {
		a := answer[wire.Tree](t, s, f.of("tree?depth=1"))
		expect(t, "children of main", a.Nodes[0].Children, 2)
	})
	t.Run("may be ten thousand levels deep", func(t *testing.T) {
		var deep []monitor.Task
		for id := uint64(1); id <= 10_000; id++ {
			deep = append(deep, monitor.Task{ID: id, Parent: id - 1})
		}
		f := newFake(t, deep...)
		a := answer[wire.Tree](t, s, f.of("tree?limit=1000"))
		expect(t, "depth of the last", a.Nodes[999].Depth, 999)
		expect(t, "truncated", a.Truncated, true)
		expect(t, "path of the last task", len(answer[wire.Detail](t, s, f.of("tasks/10000")).Path), 100)
	})
	t.Run("of parents in a circle, which no loop has, ends", func(t *testing.T) {
		f := newFake(t, monitor.Task{ID: 1, Parent: 2}, monitor.Task{ID: 2, Parent: 1})
		expect(t, "nodes", len(answer[wire.Tree](t, s, f.of("tree")).Nodes), 2)
		answer[wire.Detail](t, s, f.of("tasks/1"))
	})
}

func TestListsComeInPages(t *testing.T) {
	f := newFake(t, crowd(2)...)
	for i := range 700 {
		f.timers = append(f.timers, monitor.Timer{When: time.Unix(int64(i), 0).UTC(), What: "Sleep", Task: uint64(i)})
	}
	f.descriptors = []monitor.Descriptor{{FD: 5, What: "TCP connection"}}
	f.threads = []monitor.Thread{{Task: 2, Site: monitor.Site{Function: "main.work"}}}
	f.resources = []monitor.Resource{{ID: 3, Kind: "Queue", State: "12 of 100", Length: 12, Limit: 100, Waiting: 1}}
	f.failures = []monitor.Failure{{Task: "a", Error: "boom"}}
	s := serve(t)
	t.Run("timers", func(t *testing.T) {
		seen := 0
		for next := uint64(0); ; {
			a := answer[wire.Timers](t, s, f.of(fmt.Sprintf("timers?limit=500&after=%d", next)))
			expect(t, "total", a.Total, 700)
			for _, timer := range a.Timers {
				expect(t, "task", timer.Task, uint64(seen))
				seen++
			}
			if next = a.Next; next == 0 {
				break
			}
		}
		expect(t, "timers", seen, 700)
	})
	t.Run("descriptors", func(t *testing.T) {
		expectSlice(t, "list", answer[wire.Descriptors](t, s, f.of("descriptors")).Descriptors, f.descriptors)
	})
	t.Run("threads", func(t *testing.T) {
		expectSlice(t, "list", answer[wire.Threads](t, s, f.of("threads")).Threads, f.threads)
	})
	t.Run("resources", func(t *testing.T) {
		a := answer[wire.Resources](t, s, f.of("resources"))
		expect(t, "state", a.Resources[0].State, "12 of 100")
	})
	t.Run("failures", func(t *testing.T) {
		expectSlice(t, "list", answer[wire.Failures](t, s, f.of("failures")).Failures, f.failures)
	})
}

func TestAHundredClientsCostALoopWhatOneCosts(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	f := newFake(t, crowd(2000)...)
	s := serve(t)
	defer s.Close()
	began := time.Now()
	done := make(chan bool)
	for range 100 {
		go func() {
			for range 5 {
				resp, text := request(t, s, "/api/v1/"+f.of("tasks?limit=10&sort=name"))
				if resp.StatusCode != 200 {
					t.Error(resp.Status, text)
				}
			}
			done <- true
		}()
	}
	for range 100 {
		<-done
	}
	// One listing in a quarter of a second, and those that are under way at both ends.
	if most := int64(time.Since(began)/(250*time.Millisecond)) + 2; f.listed.Load() > most {
		t.Errorf("%d listings, want %d at most", f.listed.Load(), most)
	}
	f.finish(nil)
}

func TestALoopGivesAHundredthOfItsTimeToListings(t *testing.T) {
	f := newFake(t, crowd(2000)...) // eight slices
	f.pace = 5 * time.Millisecond
	s := serve(t)
	began := time.Now()
	for time.Since(began) < 1500*time.Millisecond {
		answer[wire.Tasks](t, s, f.of("tasks?limit=1"))
	}
	// One more is what the recording begins with that counts the steps of tasks, and another
	// where a machine is so slow that one listing was given up. Otherwise there would be one
	// each 290 ms.
	if most := int64(time.Since(began)/(100*8*f.pace)) + 3; f.listed.Load() > most {
		t.Errorf("%d listings of 40 ms each in %v, want %d at most", f.listed.Load(), time.Since(began), most)
	}
}

func TestCountsThatAreNotCompleteSaySo(t *testing.T) {
	for _, lost := range []uint64{0, 1000} {
		f := newFake(t, crowd(3)...)
		f.lost.Store(lost)
		s := serve(t)
		counted := func() wire.Task { return answer[wire.Tasks](t, s, f.of("tasks")).Tasks[1] }
		eventually(t, "somebody counts", func() bool { return counted().SinceWatchMS > 0 })
		expect(t, "a task's counts are partial", counted().Partial, lost > 0)
		expect(t, "the histogram is", answer[wire.Histograms](t, s, f.of("histograms")).Partial, lost > 0)
	}
}
