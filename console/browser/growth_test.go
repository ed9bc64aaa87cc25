package browser_test

import (
	"fmt"
	"testing"
)

// Tasks that nobody waits for any more, and a queue that only grows: the strip counts
// them, the table lists them, and the queue is warned of.
func TestALeak(t *testing.T) {
	p := play(t, "leak")
	tab := p.watch()
	tab.waitFor("it is connected", `document.querySelector(".strip") !== null`)
	before := tab.number("tasks")
	want := 0
	for range 5 {
		want = ask[int](p, "grow")
		tab.waitFor(fmt.Sprintf("the strip shows %d tasks", want), fmt.Sprintf(`document.querySelector(".strip").innerText.replace(/,/g, "").includes("%d")`, want))
	}
	if got := tab.number("tasks"); got != want || got != before+500 {
		t.Errorf("the page shows %d tasks, the runtime has %d, and before it was %d", got, want, before)
	}
	tab.show("tasks")
	tab.waitRows()
	tab.typeInto(`.tasktable input[type="search"]`, "forgotten")
	tab.waitText("500 of 502 tasks")
	tab.pictures("table")
	tab.show("warnings")
	for tab.text(".warnings") == "" || !eval[bool](tab, `document.body.innerText.includes("only grows")`) {
		ask[int](p, "grow") // it is warned of what grows, not of what has grown
		tab.pause()
	}
	tab.pictures("warning")
	tab.isSound(p.origin())
}
