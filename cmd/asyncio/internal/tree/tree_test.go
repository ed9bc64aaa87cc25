package tree_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/fake"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/tree"
	"github.com/goasyncio/asyncio/console/client"
)

// run draws the tree of some tasks.
func run(t *testing.T, tasks []client.Task, args ...string) (out, errs string) {
	t.Helper()
	c := fake.Start(t)
	c.Tasks = tasks
	out, errs, err := fake.Run(t.Context(), tree.New(), append(args, c.Address())...)
	if err != nil {
		t.Fatal(err)
	}
	return out, errs
}

// family is tasks with different depths, and one whose parent has ended.
func family() []client.Task {
	return []client.Task{
		fake.Task(1, 0, "main", "a group", time.Minute),
		fake.Task(2, 1, "first", "Lock", time.Second),
		fake.Task(3, 2, "grandchild", "sleep", time.Second),
		fake.Task(4, 1, "second\x1b", "sleep", time.Second),
		fake.Task(9, 7, "orphan", "", time.Second),
	}
}

func TestTheTreeOfParents(t *testing.T) {
	out, _ := run(t, family())
	want := `
main (1) waiting for a group, 1m00s
├─ first (2) waiting for Lock, 1.0 s
│  └─ grandchild (3) waiting for sleep, 1.0 s
└─ second\x1b (4) waiting for sleep, 1.0 s
orphan (9) waiting, 1.0 s
`
	if got := "\n" + out; got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
	t.Run("not too deep", func(t *testing.T) {
		out, _ := run(t, family(), "--depth", "2")
		if !strings.Contains(out, "first (2) waiting for Lock, 1.0 s; and 1 directly below it\n") || strings.Contains(out, "grandchild") {
			t.Errorf("\n%s", out)
		}
	})
	t.Run("as JSON", func(t *testing.T) {
		out, _ := run(t, family(), "--json")
		type node struct {
			Name     string
			Children []node
		}
		var got struct{ Loops []struct{ Trees []node } }
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatal(err)
		}
		if trees := got.Loops[0].Trees; len(trees) != 2 || trees[0].Children[0].Children[0].Name != "grandchild" || trees[0].Children[1].Name != "second\x1b" {
			t.Errorf("got %+v", got)
		}
	})
}

func TestTasksThatAreAlikeAreCounted(t *testing.T) {
	tasks := []client.Task{fake.Task(1, 0, "main", "", 0)}
	for i := range uint64(100) {
		tasks = append(tasks, fake.Task(i+2, 1, fmt.Sprintf("worker-%d", i), "sleep", time.Second))
	}
	tasks = append(tasks, fake.Task(200, 1, "other", "sleep", time.Second))
	out, _ := run(t, tasks)
	want := `
main (1) waiting, 0 s
├─ worker-0 (2) waiting for sleep, 1.0 s
├─ worker-1 (3) waiting for sleep, 1.0 s
├─ worker-2 (4) waiting for sleep, 1.0 s
├─ … and 97 like these
└─ other (200) waiting for sleep, 1.0 s
`
	if got := "\n" + out; got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
	t.Run("at the end too", func(t *testing.T) {
		if out, _ := run(t, tasks[:101]); !strings.HasSuffix(out, "├─ worker-2 (4) waiting for sleep, 1.0 s\n└─ … and 97 like these\n") {
			t.Errorf("\n%s", out)
		}
	})
	t.Run("unless each is wanted", func(t *testing.T) {
		if out, _ := run(t, tasks, "--all"); strings.Count(out, "\n") != 102 {
			t.Errorf("\n%s", out)
		}
	})
}

// awaits is a task that waits for others.
func awaits(id uint64, on ...uint64) client.Task {
	t := fake.Task(id, 0, fmt.Sprintf("t%d", id), "tasks", time.Second)
	t.Tasks = on
	return t
}

func TestTheTreeOfWaits(t *testing.T) {
	out, _ := run(t, []client.Task{awaits(1, 2, 3), awaits(2, 4), awaits(3, 4), awaits(4, 5), awaits(5)}, "--awaits")
	want := `
t1 (1) waiting for tasks, 1.0 s
├─ t2 (2) waiting for tasks, 1.0 s
│  └─ t4 (4) waiting for tasks, 1.0 s
│     └─ t5 (5) waiting for tasks, 1.0 s
└─ t3 (3) waiting for tasks, 1.0 s
   └─ t4 (4) waiting for tasks, 1.0 s; see above
`
	if got := "\n" + out; got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
	t.Run("marks rings, which have no root", func(t *testing.T) {
		out, _ := run(t, []client.Task{awaits(1, 2), awaits(2, 3), awaits(3, 1), awaits(4, 2)}, "--awaits")
		want := `
t4 (4) waiting for tasks, 1.0 s
└─ t2 (2) waiting for tasks, 1.0 s
   └─ t3 (3) waiting for tasks, 1.0 s
      └─ t1 (1) waiting for tasks, 1.0 s
         └─ t2 (2) waiting for tasks, 1.0 s ⟲ a ring: it waits for itself
`
		if got := "\n" + out; got != want {
			t.Errorf("got%s\nwant%s", got, want)
		}
		if out, _ := run(t, []client.Task{awaits(1, 1)}, "--awaits"); !strings.HasPrefix(out, "t1 (1)") || strings.Count(out, "⟲") != 1 {
			t.Errorf("a task that waits for itself:\n%s", out)
		}
	})
	t.Run("every task is in it, at any depth", func(t *testing.T) {
		out, _ := run(t, []client.Task{awaits(1, 2), awaits(2, 3), awaits(3), awaits(8, 9), awaits(9, 8)}, "--awaits", "--depth", "1")
		want := "t1 (1) waiting for tasks, 1.0 s; and 1 directly below it\nt8 (8) waiting for tasks, 1.0 s; and 1 directly below it\n"
		if out != want {
			t.Errorf("got\n%s\nwant\n%s", out, want)
		}
	})
}

func TestATreeIsAsDeepAsTheProgramMakesIt(t *testing.T) {
	var tasks []client.Task
	for i := range uint64(5000) {
		tasks = append(tasks, fake.Task(i+1, i, "t", "", 0))
	}
	out, _ := run(t, tasks)
	if n := strings.Count(out, "\n"); n != 5000 {
		t.Errorf("%d lines", n)
	}
	if !strings.HasSuffix(out, "   [4999] └─ t (5000) waiting, 0 s\n") {
		t.Errorf("it ends in %q", out[len(out)-200:])
	}
}

func TestTheRingsAreNamed(t *testing.T) {
	c := fake.Start(t)
	c.Tasks = family()
	c.Graph.Cycles = [][]uint64{{2, 4}}
	_, errs, err := fake.Run(t.Context(), tree.New(), c.Address())
	if want := `A ring of tasks that wait for each other: first (2) → second\x1b (4) → first (2)`; err != nil || !strings.Contains(errs, want) {
		t.Errorf("%v, %s", err, errs)
	}
}
