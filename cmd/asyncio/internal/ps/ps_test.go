package ps_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/fake"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/ps"
	"github.com/goasyncio/asyncio/console/client"
)

func TestPsPrintsATable(t *testing.T) {
	c := fake.Start(t)
	c.Program.Loops[0].Stats.Tasks = 3
	worker := fake.Task(2, 1, "worker", "Queue.Get", 90*time.Second)
	worker.Steps, worker.BusyNS, worker.SinceWatchMS = 12345, 1_500_000, 1000
	runs := fake.Task(3, 1, "\x1b[31mevil\u202e\n", "", 0)
	runs.State, runs.Since, runs.Ending = "running", time.Time{}, true
	busy := fake.Task(4, 1, "busy", "", time.Second)
	busy.Steps, busy.BusyNS, busy.SinceWatchMS, busy.Partial = 123, 1_500_000, 1000, true
	c.Tasks = []client.Task{fake.Task(1, 0, "main", "Group.Wait", 2*time.Hour), worker, runs, busy}
	out, errs, err := fake.Run(t.Context(), ps.New(), c.Address())
	if err != nil {
		t.Fatal(err)
	}
	want := `
ID  NAME                  STATE            WAITS FOR   SINCE  STEPS   TIME  PARENT
 1  main                  waiting          Group.Wait  2h00m      -      -       -
 2  worker                waiting          Queue.Get   1m30s  12.3k   1 ms       1
 3  \x1b[31mevil\u202e\n  running, ending  -               -      -      -       1
 4  busy                  waiting          -           1.0 s   ≥123  ≥1 ms       1
`
	if got := "\n" + out; got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
	if want := "chat, process 4711\nloop 1 \"loop\", asleep, 3 tasks, 0 ready, 0 timers\n"; errs != want {
		t.Errorf("on standard error %q, want %q", errs, want)
	}
}

func TestPsTellsABlockedLoopFirst(t *testing.T) {
	c := fake.Start(t)
	l := &c.Program.Loops[0]
	l.State, l.Stack, l.AgeMS = client.Blocked, "main.spin(0x1)\n\t/x/main.go:7 +0x1d\n"+strings.Repeat("f()\n", 50), 3000
	l.BlockedSince, l.BlockedBy = time.Now().Add(-3*time.Second), 5
	c.Tasks = []client.Task{fake.Task(1, 0, "main", "Sleep", time.Second)}
	out, errs, err := fake.Run(t.Context(), ps.New(), c.Address())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Loop 1 is blocked for at least 3.", "task 5 does not give way", "Its tasks and numbers are 3.0 s old. Where it is now:", "    main.spin\n        /x/main.go:7", "see 'asyncio stacks'"} {
		if !strings.Contains(errs, want) {
			t.Errorf("%q is not in\n%s", want, errs)
		}
	}
	if !strings.Contains(out, "main") || strings.Contains(out, "spin") {
		t.Errorf("the table is\n%s", out)
	}
}

func TestPsPrintsEveryTaskOfMany(t *testing.T) {
	c := fake.Start(t)
	for i := range uint64(2500) {
		c.Tasks = append(c.Tasks, fake.Task(i+1, 0, fmt.Sprintf("task-%d", i+1), "Sleep", time.Second))
	}
	for _, args := range [][]string{{}, {"--sort", "since"}} {
		t.Run(fmt.Sprint(args), func(t *testing.T) {
			out, _, err := fake.Run(t.Context(), ps.New(), append(args, c.Address())...)
			if n := strings.Count(out, "\n"); err != nil || n != 2501 {
				t.Errorf("%d lines, %v", n, err)
			}
		})
	}
	t.Run("or as many as one wants", func(t *testing.T) {
		out, errs, err := fake.Run(t.Context(), ps.New(), "--limit", "1200", c.Address())
		if n := strings.Count(out, "\n"); err != nil || n != 1201 || !strings.HasSuffix(errs, "and 1300 more tasks (--limit)\n") {
			t.Errorf("%d lines, %q, %v", n, errs, err)
		}
	})
}

func TestPsAsksForWhatTheFlagsSay(t *testing.T) {
	c := fake.Start(t)
	for want, args := range map[string][]string{
		"/api/v1/loops/1/tasks?limit=1000":                                       nil,
		"/api/v1/loops/1/tasks?limit=1000&state=ready":                           {"--state", "ready"},
		"/api/v1/loops/1/tasks?desc=1&limit=7&q=a+b&sort=busy":                   {"--filter", "a b", "--sort", "busy", "--desc", "--limit", "7"},
		"/api/v1/loops/1/tasks?desc=1&limit=1000&sort=id":                        {"--desc"},
		"/api/v1/loops/1/tasks?limit=1000&q=%22%26state%3Drunning&state=waiting": {"--filter", `"&state=running`, "--state", "waiting"},
	} {
		if _, _, err := fake.Run(t.Context(), ps.New(), append(args, c.Address())...); err != nil {
			t.Fatal(err)
		}
		if got := c.Asked[len(c.Asked)-1]; got != want {
			t.Errorf("%v asks for %s, want %s", args, got, want)
		}
	}
}

func TestPsAsJSON(t *testing.T) {
	c := fake.Start(t)
	name := "a\x1b[31m\u202e\"b"
	c.Tasks = []client.Task{fake.Task(7, 1, name, "Sleep", time.Second)}
	c.Program.Loops = append(c.Program.Loops, client.Loop{Number: 2, Name: "second", State: client.Running})
	out, errs, err := fake.Run(t.Context(), ps.New(), "--json", c.Address())
	if err != nil || errs != "" {
		t.Fatal(errs, err)
	}
	var got struct {
		Program string
		PID     int
		Loops   []struct {
			Number uint32
			Tasks  []struct {
				ID   uint64
				Name string
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Program != "chat" || got.PID != 4711 || len(got.Loops) != 2 || got.Loops[1].Number != 2 || got.Loops[0].Tasks[0].Name != name {
		t.Errorf("got %+v", got)
	}
	if strings.ContainsAny(out, "\x1b\u202e") {
		t.Errorf("what a terminal would obey is in\n%q", out)
	}
	t.Run("of one loop", func(t *testing.T) {
		out, _, err := fake.Run(t.Context(), ps.New(), "--json", "--loop", "2", c.Address())
		if err != nil || strings.Count(out, `"number"`) != 1 || !strings.Contains(out, `"second"`) {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

func TestPsWithoutATaskIsAnEmptyList(t *testing.T) {
	c := fake.Start(t)
	if out, _, err := fake.Run(t.Context(), ps.New(), "--json", c.Address()); err != nil || !strings.Contains(out, `"tasks":[]`) {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestPsPassesOverALoopThatEndsWhileItIsAsked(t *testing.T) {
	c := fake.Start(t)
	c.Gone = 1
	_, _, err := fake.Run(t.Context(), ps.New(), c.Address())
	if err == nil || !strings.Contains(err.Error(), "loop 1 has ended") {
		t.Errorf("the only one: %v", err)
	}
	c.Program.Loops = append(c.Program.Loops, client.Loop{Number: 2, Name: "second", State: client.Running})
	c.Tasks = []client.Task{fake.Task(1, 0, "main", "sleep", time.Second)}
	out, errs, err := fake.Run(t.Context(), ps.New(), c.Address())
	if err != nil || !strings.Contains(out, "main") || strings.Contains(errs, "loop 1") {
		t.Errorf("one of two: %v\n%s%s", err, errs, out)
	}
}

func TestPsSaysThatItsListIsNotWhole(t *testing.T) {
	c := fake.Start(t)
	c.Truncated = true
	_, errs, err := fake.Run(t.Context(), ps.New(), c.Address())
	if err != nil || !strings.HasSuffix(errs, "\nIt has more tasks than a console looks at: some are missing.\n") {
		t.Errorf("%v, %q", err, errs)
	}
}

func TestPsHasNoNumbersOfALoopThatWasBlockedBeforeAnybodyAsked(t *testing.T) {
	c := fake.Start(t)
	c.Program.Loops[0] = client.Loop{Number: 1, Name: "loop", State: client.Blocked, BlockedSince: time.Now()}
	_, errs, err := fake.Run(t.Context(), ps.New(), c.Address())
	if err != nil || !strings.HasSuffix(errs, "\nloop 1 \"loop\", blocked\n") {
		t.Errorf("%v, %q", err, errs)
	}
}

func TestPsOfSeveralLoopsIsOneTable(t *testing.T) {
	c := fake.Start(t)
	c.Program.Loops = append(c.Program.Loops, client.Loop{Number: 12, Name: "second", State: client.Running})
	c.Tasks = []client.Task{fake.Task(1, 0, "main", "sleep", time.Second)}
	out, errs, err := fake.Run(t.Context(), ps.New(), c.Address())
	want := `
LOOP  ID  NAME  STATE    WAITS FOR  SINCE  STEPS  TIME  PARENT
   1   1  main  waiting  sleep      1.0 s      -     -       -
  12   1  main  waiting  sleep      1.0 s      -     -       -
`
	if err != nil || "\n"+out != want || !strings.Contains(errs, `loop 12 "second", running`) {
		t.Errorf("%v\n%s%s", err, errs, out)
	}
}

func TestPsRefusesWhatMakesNoList(t *testing.T) {
	for _, args := range [][]string{
		{"--state", "sleeping"}, {"--sort", "age"}, {"--limit", "-1"}, {"a", "b"}, {"127.0.0.1:1", "--pid", "1"}, {"no address:"},
	} {
		if _, _, err := fake.Run(t.Context(), ps.New(), args...); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}
