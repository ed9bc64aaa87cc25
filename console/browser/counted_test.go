package browser_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/console/client"
)

// connected waits until the page of a program that does nothing shows it.
func (tb *tab) connected() {
	tb.t.Helper()
	tb.waitFor("it shows a loop that sleeps", `document.querySelector(".badge.asleep") !== null && document.querySelector(".strip") !== null`)
}

// rows are the lines of the table of tasks: name, state, what it waits for.
func (tb *tab) rows() [][3]string {
	tb.t.Helper()
	return eval[[][3]string](tb, `[...document.querySelectorAll(".tasktable tbody tr[aria-rowindex]")].map(r => [".c-name a", ".c-state", ".c-what"].map(c => r.querySelector(c).textContent.trim()))`)
}

// waitRows waits until the table of tasks has its lines.
func (tb *tab) waitRows() {
	tb.t.Helper()
	tb.waitFor("the table is there", `document.querySelectorAll(".tasktable tbody tr[aria-rowindex]").length > 0`)
}

// What each view shows of a program at rest is what the program counts itself, task by
// task: names, states, what they wait for, and whose they are.
func TestEveryViewShowsWhatTheRuntimeCounts(t *testing.T) {
	p := play(t, "mixed")
	tab := p.watch()
	tab.connected()
	all := ask[[]counted](p, "tasks")
	byID := map[uint64]counted{}
	waiting := 0
	for _, c := range all {
		byID[c.ID] = c
		if c.State == "waiting" {
			waiting++
		}
	}
	if len(all) < 9 || waiting != len(all) {
		t.Fatalf("the scene has %d tasks, of which %d wait", len(all), waiting)
	}
	t.Run("the numbers", func(t *testing.T) {
		for name, want := range map[string]int{"tasks": len(all), "ready": 0, "timers": 3, "errors unseen": 0} {
			if got := tab.number(name); got != want {
				t.Errorf("%s: %d, want %d", name, got, want)
			}
		}
	})
	t.Run("the table", func(t *testing.T) {
		tab.show("tasks")
		tab.waitRows()
		var want [][3]string
		for _, c := range all {
			want = append(want, [3]string{c.Name, c.State, c.WaitsFor})
		}
		if got := tab.rows(); !slices.Equal(got, want) {
			t.Errorf("it shows %q\nthe runtime has %q", got, want)
		}
	})
	t.Run("the tree", func(t *testing.T) {
		tab.show("tree")
		tab.waitFor("it has all tasks", fmt.Sprintf(`document.querySelectorAll("[role=treeitem]").length === %d`, len(all)))
		var want []string
		for _, c := range all { // which are one level below main, in the order of their making
			depth := 1
			for up := c.Parent; up != 0; up = byID[up].Parent {
				depth++
			}
			want = append(want, fmt.Sprint(depth, " ", c.Name))
		}
		got := eval[[]string](tab, `[...document.querySelectorAll("[role=treeitem]")].map(e => e.ariaLevel + " " + e.querySelector("b").textContent)`)
		if !slices.Equal(got, want) {
			t.Errorf("it shows %q\nthe runtime has %q", got, want)
		}
	})
	t.Run("who waits for whom", func(t *testing.T) {
		tab.show("graph")
		tab.waitText("The same as a list")
		if got := eval[[]string](tab, `[...document.querySelectorAll(".waitlist li")].map(e => [...e.querySelectorAll("a")].map(a => a.textContent).join(" > "))`); !slices.Equal(got, []string{"writer > main"}) {
			t.Errorf("it shows %q", got)
		}
	})
	t.Run("what is in use", func(t *testing.T) {
		tab.show("inuse")
		const timers = `[...document.querySelectorAll('section[aria-label="Timers"] tbody tr')]`
		tab.waitFor("the timers are listed", timers+`.length === 3`)
		if got := eval[[]string](tab, `[...document.querySelectorAll('section[aria-label^="Locks"] tbody tr')].map(r => r.cells[0].textContent + " " + r.cells[2].textContent + " " + r.cells[3].textContent.trim()).filter(r => r.startsWith("Lock "))`); !slices.Equal(got, []string{"Lock 1 main"}) {
			t.Errorf("its locks are %q; main holds one, for which one task waits", got)
		}
	})
	t.Run("the loop", func(t *testing.T) {
		tab.show("loop")
		tab.waitFor("all of them wait", fmt.Sprintf(`document.querySelector(".zone.waits h3").textContent.includes("%d")`, waiting))
		if n := eval[int](tab, `parseInt(document.querySelector(".zone.poller h3").textContent.replace(/\D/g, ""))`); n != 3 {
			t.Errorf("it shows %d timers, want 3", n)
		}
	})
	t.Run("the timeline, as screen readers have it", func(t *testing.T) {
		tab.show("timeline")
		tab.waitFor("its table has all tasks", fmt.Sprintf(`document.querySelectorAll(".timeline ~ *, .timeline tbody tr").length >= %d`, len(all)))
		want := map[string]string{}
		for _, c := range all {
			want[c.Name] = c.State
		}
		if got := eval[map[string]string](tab, `Object.fromEntries([...document.querySelectorAll(".timeline tbody tr")].map(r => [r.querySelector("th").textContent, r.querySelector("td").textContent]))`); !maps.Equal(got, want) {
			t.Errorf("it shows %q\nthe runtime has %q", got, want)
		}
	})
	t.Run("the interface for programs", func(t *testing.T) {
		page, err := p.api().Tasks(within(t), 1, client.TasksQuery{})
		if err != nil {
			t.Fatal(err)
		}
		var got []counted
		for _, task := range page.Tasks {
			got = append(got, counted{task.ID, task.Name, task.State, task.Parent, task.WaitsFor})
		}
		if page.Total != len(all) || !slices.Equal(got, all) {
			t.Errorf("it has %d: %+v\nthe runtime has %+v", page.Total, got, all)
		}
	})
	tab.isSound(p.origin())
}

// A click on a task tells what it waits for, since when, where in the program, and whose
// it is; the address leads there again.
func TestOneTask(t *testing.T) {
	p := play(t, "mixed")
	see := func(tb *tab) {
		tb.waitFor("the task is told", `/waiting for Lock held by task "main"/.test(document.querySelector(".detail")?.innerText.replace(/\s+/g, " ") ?? "")`)
		tb.waitFor("its stack leads into the scene", `document.querySelector(".detail .stack").textContent.includes("browser_test.mixed")`)
		tb.waitFor("its parent is told", `document.querySelector(".detail .path").textContent.includes("main")`)
	}
	tab := p.watch()
	tab.connected()
	tab.show("tasks")
	tab.waitRows()
	i := slices.IndexFunc(tab.rows(), func(r [3]string) bool { return r[0] == "writer" })
	tab.click(fmt.Sprintf(`.tasktable tbody tr[aria-rowindex="%d"] a`, i+2))
	see(tab)
	tab.pictures("detail")
	again := newTab(t)
	again.open(p.page)
	again.connected()
	again.open(eval[string](tab, `location.href`))
	see(again)
	if !strings.Contains(eval[string](again, `location.hash`), "task=") {
		t.Error("the address does not name the task")
	}
	tab.isSound(p.origin())
}
