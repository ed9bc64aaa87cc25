package browser_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// views are the names of the page's views, as its tabs have them.
func (tb *tab) views() []string {
	tb.t.Helper()
	names := eval[[]string](tb, `[...document.querySelectorAll("nav.tabs a")].map(a => new URLSearchParams(new URL(a.href).hash.slice(1)).get("view"))`)
	if len(names) == 0 || slices.Contains(names, "") {
		tb.t.Fatalf("the page has the views %q", names)
	}
	return names
}

// show turns to a view by its tab.
func (tb *tab) show(view string) {
	tb.t.Helper()
	tb.click(`nav.tabs a[href*="view=` + view + `"]`)
	tb.waitFor("the view "+view+" is shown", `document.querySelector('nav.tabs a[aria-current="page"]').href.includes("view=`+view+`")`)
	tb.settle()
}

// everyView calls look with each view of the page, in each theme and size.
func (tb *tab) everyView(look func(what string)) {
	tb.t.Helper()
	for _, view := range tb.views() {
		tb.show(view)
		for _, f := range []format{phone, screen} {
			tb.size(f)
			for _, theme := range []string{"dark", "light"} {
				tb.theme(theme, false)
				look(view + "-" + f.name + "-" + theme)
			}
			tb.noSidewaysScroll(f)
		}
	}
}

// What axe-core can find it does not find: on each view, light and dark, on a screen and
// on a telephone, of a program that runs and of a recording, of one that is blocked, and
// at the door.
func TestAccessibility(t *testing.T) {
	axe := axeScript(t)
	t.Run("of a program that runs", func(t *testing.T) {
		p := play(t, "mixed")
		tab := p.watch()
		tab.connected()
		tab.everyView(func(what string) {
			tab.accessible(axe, what)
			tab.picture(what)
		})
		tab.isSound(p.origin())
	})
	t.Run("of a loop that is blocked", func(t *testing.T) {
		p := play(t, "blocked")
		tab := p.watch()
		tab.connected()
		ask[string](p, "block")
		tab.waitText("The loop is blocked")
		for _, theme := range []string{"dark", "light"} {
			tab.theme(theme, false)
			tab.accessible(axe, "blocked "+theme)
		}
	})
	t.Run("of the door", func(t *testing.T) {
		_, origin := aConsole(t)
		tab := newTab(t)
		tab.open(origin)
		tab.accessible(axe, "the door")
	})
	t.Run("of the help", func(t *testing.T) {
		p := play(t, "mixed")
		tab := p.watch()
		tab.connected()
		tab.press("?")
		tab.waitFor("the help is open", `document.querySelector("dialog[open]") !== null`)
		for _, theme := range []string{"dark", "light"} {
			tab.theme(theme, false)
			tab.accessible(axe, "help "+theme)
		}
		tab.pictures("help")
		tab.press(kb.Escape)
		tab.waitFor("Escape closes it", `document.querySelector("dialog[open]") === null`)
	})
}

// nameOf is what a control is called.
const nameOf = `(e => (e.getAttribute("aria-label") || e.labels?.[0]?.textContent || e.innerText || e.placeholder || e.title || e.id || e.tagName).replace(/\s+/g, " ").trim())`

// focused is the name of what has the focus, "" for nothing.
const focused = `document.activeElement === document.body ? "" : ` + nameOf + `(document.activeElement)`

// toTheTop lets the next Tab key lead to the first stop of the page.
func (tb *tab) toTheTop() {
	tb.t.Helper()
	tb.do(script(`document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute("tabindex")`))
}

// tabThrough presses the Tab key until the focus is where it began, and returns what had
// it. Each must be seen to have it.
func (tb *tab) tabThrough() (stops []string) {
	tb.t.Helper()
	tb.toTheTop()
	for range 200 {
		tb.press(kb.Tab)
		stop := eval[string](tb, focused)
		if stop == "" || len(stops) > 0 && stop == stops[0] {
			return stops
		}
		if !eval[bool](tb, `(e => { const s = getComputedStyle(e); return s.outlineStyle !== "none" || s.boxShadow !== "none" })(document.activeElement)`) {
			tb.t.Errorf("one cannot see that %q has the focus", stop)
		}
		stops = append(stops, stop)
	}
	tb.t.Fatalf("the Tab key does not come round: %q", stops)
	return nil
}

// Everything that the mouse reaches the Tab key reaches too: the controls of each view
// have their turn, and none keeps the focus.
func TestEverythingIsReachedByTheKeyboard(t *testing.T) {
	p := play(t, "mixed")
	tab := p.watch()
	tab.connected()
	for _, view := range tab.views() {
		tab.show(view)
		stops := tab.tabThrough()
		if len(stops) == 0 || !strings.HasPrefix(stops[0], "Skip to") {
			t.Errorf("%s: the first stop is no skip link: %q", view, stops)
		}
		for _, control := range eval[[]string](tab, `[...document.querySelectorAll("button, a[href], select, input, summary")]
			.filter(e => !e.disabled && e.tabIndex >= 0 && e.checkVisibility() && !e.closest("dialog") && !e.closest("[role=tree], [role=radiogroup], [role=application]"))
			.map(`+nameOf+`)`) {
			if !slices.Contains(stops, control) {
				t.Errorf("%s: the Tab key does not reach %q, only %q", view, control, stops)
			}
		}
	}
	t.Run("the skip link leads into the view", func(t *testing.T) {
		tab.toTheTop()
		tab.press(kb.Tab, kb.Enter)
		if id := eval[string](tab, `document.activeElement.id`); id != "main" {
			t.Errorf("the focus is on %q", id)
		}
	})
}

// Who asked for less motion gets none.
func TestReducedMotionIsHonoured(t *testing.T) {
	p := play(t, "mixed")
	tab := p.watch()
	tab.connected()
	tab.theme("light", false)
	for _, view := range tab.views() {
		tab.show(view)
		if moving := eval[[]string](tab, `document.getAnimations().filter(a => a.playState === "running" && (a.effect?.getComputedTiming().duration ?? 0) > 1).map(a => a.effect?.target?.className + " " + (a.animationName ?? a.transitionProperty ?? ""))`); len(moving) > 0 {
			t.Errorf("%s: it moves: %q", view, moving)
		}
	}
}

// Whoever has no mouse opens a task, plays a recording and walks through the timeline
// all the same.
func TestThePageIsWorkedByKeys(t *testing.T) {
	p := play(t, "mixed")
	tab := p.watch()
	tab.connected()
	focus := func(selector string) { // as the Tab key would, which another test presses
		tab.do(script(`document.querySelector(` + quote(selector) + `).focus()`))
	}
	t.Run("a task is opened from the table, and closed", func(t *testing.T) {
		tab.show("tasks")
		tab.waitRows()
		focus(`.tasktable tbody tr[aria-rowindex="3"] a`)
		tab.press(kb.Enter)
		tab.waitFor("consumer 0 is told", `document.querySelector(".detail h3")?.textContent === "consumer 0"`)
		focus(`.detail button`)
		tab.press(kb.Enter)
		tab.waitFor("it is closed", `document.querySelector(".detail") === null`)
	})
	t.Run("a task is opened from the tree", func(t *testing.T) {
		tab.show("tree")
		tab.waitFor("it has rows", `document.querySelectorAll("[role=treeitem]").length === 9`)
		focus(`[role=tree]`)
		tab.press(kb.ArrowDown, kb.ArrowDown)
		tab.waitFor("the second consumer is marked", `document.getElementById(document.querySelector("[role=tree]").getAttribute("aria-activedescendant")).textContent.includes("consumer 1")`)
		tab.press(kb.Home, kb.ArrowLeft)
		tab.waitFor("main is folded", `document.querySelectorAll("[role=treeitem]").length === 1`)
		tab.press(kb.ArrowRight)
		tab.waitFor("and unfolded", `document.querySelectorAll("[role=treeitem]").length === 9`)
		tab.press(kb.ArrowDown, kb.Enter)
		tab.waitFor("the first consumer is told", `document.querySelector(".detail h3")?.textContent === "consumer 0"`)
	})
	t.Run("the timeline tells about its bars", func(t *testing.T) {
		tab.show("timeline")
		tab.waitFor("it has rows", `document.querySelectorAll(".timeline tbody tr").length === 9`)
		focus(".tl-scroll")
		tab.press(kb.ArrowDown, kb.ArrowDown)
		tab.waitFor("it says where one is", `/consumer \d/.test(document.querySelector(".timeline [aria-live]").textContent)`)
		tab.waitFor("and the panel is there", `document.querySelector(".panel h3") !== null`)
		tab.press(kb.Escape)
		tab.waitFor("Escape closes it", `document.querySelector(".panel") === null`)
	})
	t.Run("the player stops, steps and goes on", func(t *testing.T) {
		tab.show("loop")
		position := `+document.querySelector("[aria-label=Position]").value`
		focus("#main")
		tab.press(kb.Home)
		tab.waitFor("it is at the beginning", position+` === +document.querySelector("[aria-label=Position]").min`)
		first := eval[int](tab, position)
		tab.press(kb.ArrowRight, kb.ArrowRight)
		tab.waitFor("two steps on", position+` > `+strconv.Itoa(first))
		tab.press(kb.ArrowLeft, kb.ArrowLeft)
		tab.waitFor("and back", position+` === `+strconv.Itoa(first))
		tab.press(" ")
		tab.waitFor("it plays", position+` > `+strconv.Itoa(first))
	})
	tab.isSound(p.origin())
}
