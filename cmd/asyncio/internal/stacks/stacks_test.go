package stacks_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/fake"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/stacks"
	"github.com/goasyncio/asyncio/console/client"
)

const text = `loop 1 "loop" of chat: 5 tasks, as of 0.010 s ago

BLOCKED for at least 1.500 s. What runs on the loop:

goroutine 9 [select]:
main.compute(0x1)
	/x/main.go:3 +0x1

task 1 "a" running
goroutine 9 [running]:
main.compute(0x1)
	/x/main.go:3 +0x1

task 2 "sleeper one" waiting for sleep 1.5 s
goroutine 10 [coroutine]:
main.sleep(0x1)
	/x/main.go:9 +0x10
task 3 "sleeper \"two\"\x1b" waiting for sleep 20 s
goroutine 11 [coroutine]:
main.sleep(0x2)
	/x/main.go:9 +0x20

task 4 "same place, other wait" waiting for Lock
main.sleep(0x2)
	/x/main.go:9 +0x20

task 5
main.new()
	/x/main.go:1
`

func TestStacksPutsEqualStacksTogether(t *testing.T) {
	c := fake.Start(t)
	c.Stacks = text
	out, _, err := fake.Run(t.Context(), stacks.New(), c.Address())
	if err != nil {
		t.Fatal(err)
	}
	want := `loop 1 "loop" of chat: 5 tasks, as of 0.010 s ago

BLOCKED for at least 1.500 s. What runs on the loop: (select)
    main.compute
        /x/main.go:3

1 task, running: a (1)
    main.compute
        /x/main.go:3

2 tasks, waiting for sleep # s: sleeper one (2), sleeper "two"\x1b (3)
    main.sleep
        /x/main.go:9

1 task, waiting for Lock: same place, other wait (4)
    main.sleep
        /x/main.go:9

1 task: task 5
    main.new
        /x/main.go:1
`
	if out != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
}

func TestStacksSaysThatNotAllAreTold(t *testing.T) {
	c := fake.Start(t)
	for _, head := range []string{"loop \"loop\"\n\n", "loop \"loop\"\n\nBLOCKED for at least 1 s\n\nmain.f()\n\n"} {
		c.Stacks = head + "task 1 \"a\" ready\nmain.f()\n\nand further tasks\n"
		out, _, err := fake.Run(t.Context(), stacks.New(), c.Address())
		if err != nil || !strings.Contains(out, "\nOnly 1 of them follow: a console tells of no more at a time.\n") || !strings.HasSuffix(out, "a (1)\n    main.f\n") {
			t.Errorf("%v\n%s", err, out)
		}
	}
}

func TestStacksOfSeveralLoopsStandApart(t *testing.T) {
	c := fake.Start(t)
	c.Program.Loops = append(c.Program.Loops, client.Loop{Number: 2, State: client.Running})
	c.Stacks = "loop N\n\ntask 1 \"a\" ready\nmain.f()\n"
	want := "loop N\n\n1 task, ready: a (1)\n    main.f\n"
	if out, _, err := fake.Run(t.Context(), stacks.New(), c.Address()); err != nil || out != want+"\n"+want {
		t.Errorf("%q, %v", out, err)
	}
}

func TestStacksNamesAFewOfMany(t *testing.T) {
	c := fake.Start(t)
	for i := range 1000 {
		c.Stacks += fmt.Sprintf("\ntask %d \"t%d\" waiting for Lock\nmain.f(%#x)\n", i+1, i+1, i)
	}
	out, _, err := fake.Run(t.Context(), stacks.New(), c.Address())
	if err != nil || !strings.Contains(out, "1000 tasks, waiting for Lock: t1 (1), t2 (2)") || !strings.Contains(out, "t8 (8) and 992 more\n    main.f\n") {
		t.Errorf("%v\n%.300s", err, out)
	}
}

func TestStacksRawIsWhatTheConsoleSaysMadeVisible(t *testing.T) {
	c := fake.Start(t)
	c.Stacks = "task 1 \"a\" ready\nmain.f(0x1)\n\t/x/\x1b[2Jmain.go:1 +0x1\n"
	out, _, err := fake.Run(t.Context(), stacks.New(), c.Address(), "--raw")
	if want := "task 1 \"a\" ready\nmain.f(0x1)\n    /x/\\x1b[2Jmain.go:1 +0x1\n"; err != nil || out != want {
		t.Errorf("%q, %v, want %q", out, err, want)
	}
}

func TestStacksOfOneTask(t *testing.T) {
	c := fake.Start(t)
	c.Details[5] = client.Detail{
		Task:  fake.Task(5, 1, "a\x1bb", "Queue.Get", 0),
		Stack: []client.Frame{{Function: "github.com/goasyncio/asyncio.(*taskCore).park", File: "/a", Line: 1}, {Function: "main.f\x1b", File: "/x/main.go", Line: 3}},
	}
	out, _, err := fake.Run(t.Context(), stacks.New(), c.Address(), "--task", "5")
	if want := "a\\x1bb (5): waiting for Queue.Get\n    main.f\\x1b\n        /x/main.go:3\n"; err != nil || out != want {
		t.Errorf("%q, %v, want %q", out, err, want)
	}
	t.Run("that is not there", func(t *testing.T) {
		if _, _, err := fake.Run(t.Context(), stacks.New(), c.Address(), "--task", "6"); err == nil || err.Error() != "chat, process 4711 has no task 6 now" {
			t.Errorf("%v", err)
		}
	})
	t.Run("from a loop that is blocked", func(t *testing.T) {
		c.Details[7] = client.Detail{Task: fake.Task(7, 0, "", "", 0), Traceback: "goroutine 3 [running]:\nmain.g(0x1)\n\t/x:1 +0x5\n"}
		out, _, err := fake.Run(t.Context(), stacks.New(), c.Address(), "--task", "7")
		if want := "task 7: waiting\n    main.g\n        /x:1\n"; err != nil || out != want {
			t.Errorf("%q, %v, want %q", out, err, want)
		}
	})
}

func FuzzStacks(f *testing.F) {
	f.Add(text)
	f.Add("task 99999999999999999999 \"\\")
	c := fake.Start(f)
	f.Fuzz(func(t *testing.T, text string) {
		c.Lock()
		c.Stacks = text
		c.Unlock()
		out, _, err := fake.Run(t.Context(), stacks.New(), c.Address())
		if err != nil || strings.ContainsAny(out, "\x1b\a\u202e") {
			t.Errorf("%q, %v", out, err)
		}
	})
}
