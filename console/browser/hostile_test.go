package browser_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Names and errors of a program are text that others may have written. None of it is
// run, none gets out of its place, and one sees what is in it.
func TestHostileNames(t *testing.T) {
	p := play(t, "hostile")
	total := ask[int](p, "count")
	tab := p.watch()
	tab.waitFor("it is connected", `document.querySelector(".strip") !== null`)
	harmless := func(what string) {
		t.Helper()
		if how := eval[string](tab, `String(window.hacked ?? "")`); how != "" {
			t.Fatalf("%s: the page has run a name: %s", what, how)
		}
		if found := eval[[]string](tab, `[...document.querySelectorAll("body script, body iframe, body object, body embed, img:not([src^='assets/']), svg[onload], [onerror], [onclick], a[href^='javascript'], b b")].map(e => e.outerHTML.slice(0, 200))`); len(found) > 0 {
			t.Errorf("%s: a name has become %q", what, found)
		}
		if raw := eval[bool](tab, `/[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069\u200b\ufeff]/.test(document.body.innerText)`); raw {
			t.Errorf("%s: characters that nobody sees are in the text", what)
		}
		if n := eval[int](tab, `document.body.textContent.length`); n > 300_000 {
			t.Errorf("%s: the page has %d characters of text", what, n)
		}
	}
	for _, view := range tab.views() {
		tab.show(view)
		tab.waitFor("it is drawn", `document.querySelector("main").innerText.length > 20`)
		tab.pictures(view)
		harmless(view)
	}
	t.Run("the table has a row as high as any for each", func(t *testing.T) {
		tab.show("tasks")
		tab.waitRows()
		heights := eval[[]float64](tab, `[...new Set([...document.querySelectorAll(".tasktable tbody tr[aria-rowindex]")].map(r => Math.round(r.getBoundingClientRect().height)))]`)
		if len(heights) != 1 {
			t.Errorf("the rows are %v pixels high", heights)
		}
		if got := len(tab.rows()); got != total || total != len(hostileNames)+1 {
			t.Errorf("there are %d rows, the runtime has %d tasks", got, total)
		}
	})
	t.Run("one sees what is in them", func(t *testing.T) {
		names := eval[[]string](tab, `[...document.querySelectorAll(".tasktable .c-name a")].map(a => a.textContent)`)
		for _, want := range []string{`<script>window.hacked = "script"</script>`, "photo‹U+202E›gpj.exe", "‹ESC›[31mred‹ESC›[0m", "line‹LF›break‹CR›‹TAB›tab‹NUL›nul", "__proto__", "�"} {
			if !slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, want) }) {
				t.Errorf("none of the names shows %q: %.2000q", want, names)
			}
		}
	})
	t.Run("each can be looked at by itself", func(t *testing.T) {
		for i := range total {
			tab.do(script(fmt.Sprintf(`document.querySelectorAll(".tasktable .c-name a")[%d].click()`, i)))
			tab.waitFor("the task is told", `document.querySelector(".detail dl") !== null`)
			harmless(fmt.Sprint("task in row ", i))
		}
		tab.pictures("detail")
	})
	t.Run("the errors that nobody has looked at", func(t *testing.T) {
		tab.show("warnings")
		tab.waitText("An error that nobody has looked at")
		harmless("warnings")
		if got, want := tab.number("errors unseen"), len(hostileNames); got != want {
			t.Errorf("the page shows %d, the program has made %d", got, want)
		}
	})
	tab.isSound(p.origin())
}
