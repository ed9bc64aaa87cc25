package browser_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/goasyncio/asyncio/console/client"
)

// A hundred thousand tasks can be looked at: the page is there, scrolls, sorts, filters
// and searches, and the loop hardly feels it. The times are told; that everything comes
// at all, and is right, is what is tested.
func TestAHundredThousandTasks(t *testing.T) {
	p := play(t, "crowd")
	total := ask[int](p, "count")
	if total != 100_002 { // with main and the ticker
		t.Fatalf("the scene has %d tasks", total)
	}
	lag := func() map[string]float64 { return ask[map[string]float64](p, "lag") }
	lag() // of its beginning
	time.Sleep(time.Second)
	alone := lag()
	tab := newTab(t)
	eval[bool](tab, `new Promise(done => { const end = Date.now() + 1000; while (Date.now() < end); done(true) })`)
	beside := lag() // a browser that is busy with something else: what this costs is the machine's

	took := func(what string, do func()) {
		begin := time.Now()
		do()
		t.Logf("%-34s %5d ms", what, time.Since(begin).Milliseconds())
	}
	tab.theme("light", false)
	took("from the address to the numbers", func() {
		tab.open(p.page)
		tab.waitFor("the strip is right", fmt.Sprintf(`document.querySelector(".strip")?.innerText.replace(/,/g, "").includes("%d")`, total))
	})
	took("a question to the console", func() {
		if page, err := p.api().Tasks(within(t), 1, client.TasksQuery{Limit: 10}); err != nil || page.Total != total {
			t.Errorf("the interface for programs has %d tasks (%v)", page.Total, err)
		}
	})
	took("the table", func() {
		tab.show("tasks")
		tab.waitRows()
		tab.waitText("100,002 tasks")
	})
	took("scrolled to the end", func() {
		tab.do(script(`document.querySelector(".tasktable .rows").scrollTop = 1e9`))
		tab.waitFor("the last task is shown", `[...document.querySelectorAll(".tasktable .c-name a")].some(a => a.textContent === "session 099999")`)
	})
	took("sorted by name", func() {
		tab.do(script(`document.querySelector(".tasktable .rows").scrollTop = 0`))
		tab.click(".tasktable th.c-name button")
		tab.waitFor("main comes first", `document.querySelector(".tasktable .c-name a")?.textContent === "main" && document.querySelector("th.c-name").ariaSort === "ascending"`)
		tab.click(".tasktable th.c-name button")
		tab.waitFor("the ticker comes first", `document.querySelector(".tasktable .c-name a")?.textContent === "ticker"`)
	})
	took("searched", func() {
		tab.typeInto(`.tasktable input[type="search"]`, "session 0123")
		tab.waitText("90 of 100,002 tasks")
	})
	took("filtered by what they wait for", func() {
		tab.typeInto(`.tasktable input[type="search"]`, "Event")
		tab.waitText("90,001 of 100,002 tasks") // main too
	})
	tab.pictures("table")
	for _, view := range []string{"timeline", "tree", "loop", "graph"} {
		took("the view "+view, func() {
			tab.show(view)
			tab.waitFor("it is drawn", `document.querySelector("main").innerText.length > 20`)
		})
		tab.pictures(view)
	}
	took("to the end of the tree", func() {
		tab.show("tree")
		tab.waitFor("main can be opened", `document.querySelector("[role=treeitem]") !== null`)
		tab.click("[role=tree]")
		tab.waitFor("it is open", `(t => { if (t.querySelectorAll("[role=treeitem]").length < 5) t.querySelector("[role=treeitem]").click(); return t.querySelectorAll("[role=treeitem]").length > 5 })(document.querySelector("[role=tree]"))`)
		tab.press(kb.End)
		tab.waitFor("the last task is shown", `[...document.querySelectorAll("[role=treeitem] b")].some(b => b.textContent === "ticker")`)
	})
	t.Logf("milliseconds that a timer each millisecond is late: alone %v, beside a busy browser %v, watched %v", alone, beside, lag())
	if got := ask[int](p, "count"); got != total || tab.number("tasks") != total {
		t.Errorf("the page shows %d tasks, the runtime has %d", tab.number("tasks"), got)
	}
	tab.isSound(p.origin())
}
