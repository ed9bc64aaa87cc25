package browser_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/console"
)

// pauses records two tasks in virtual time, which pause once for a second and twice.
func pauses(t *testing.T, title string) []byte {
	t.Helper()
	r := &console.Rehearsal{Title: title}
	text, err := r.Record(func() error {
		asynciotest.Run(t, func(ctx context.Context) {
			err := asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
				for i, name := range []string{"Task A", "Task B"} {
					g.Go(func(ctx context.Context) error {
						for range i + 1 {
							_, file, line, _ := runtime.Caller(0)
							r.Note(asyncio.Now(ctx), asyncio.CurrentTask(ctx).ID(), name+": pauses", "main.pause", file, line)
							if err := asyncio.Sleep(ctx, time.Second); err != nil {
								return err
							}
						}
						return nil
					}, asyncio.TaskName(name))
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// lesson is a tab with two recordings side by side.
func lesson(t *testing.T) (tb *tab, origin string) {
	t.Helper()
	s, err := console.Serve("127.0.0.1:0", console.NoDiscovery(), console.Recordings(map[string][]byte{
		"one": pauses(t, "the first way"), "other": pauses(t, "the other way"),
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	tb = newTab(t)
	tb.open(s.Compare("one", "other"))
	tb.waitFor("both runs are there", `document.querySelectorAll(".run").length === 2`)
	return tb, "http://" + s.Addr()
}

// scene is what the picture shows: both sentences, and who stands where.
func (tb *tab) scene() string {
	tb.settle()
	return eval[string](tb, `[...document.querySelectorAll(".run")].map(r => r.querySelector(".sentence").innerText + " | " + [...r.querySelectorAll(".zone")].map(z => z.getAttribute("aria-label") + ": " + [...z.querySelectorAll(".tcard")].map(c => c.innerText.replace(/\s+/g, " ")).join(", ")).join("; ")).join("\n")`)
}

func TestTheLessonIsSteppedByKeysForwardsAndBackwards(t *testing.T) {
	tab, origin := lesson(t)
	there := []string{tab.scene()}
	for !eval[bool](tab, `document.querySelector(".player [aria-label^='One step forward']").disabled`) {
		tab.press(kb.ArrowRight)
		there = append(there, tab.scene())
		if len(there) > 200 {
			t.Fatal("the lesson has no end")
		}
	}
	if last := there[len(there)-1]; !strings.Contains(last, "The run is over.") || !strings.Contains(last, "Ended: Task A, Task B, main") {
		t.Errorf("at the end the page shows %s", last)
	}
	for i := len(there) - 2; i >= 0; i-- {
		tab.press(kb.ArrowLeft)
		if got := tab.scene(); got != there[i] {
			t.Fatalf("%d steps before the end, backwards:\n%s\nforwards:\n%s", len(there)-1-i, got, there[i])
		}
	}
	tab.press(kb.End)
	if got := tab.scene(); got != there[len(there)-1] {
		t.Errorf("End shows %s", got)
	}
	if totals := tab.text(".runs-side"); strings.Count(totals, "done: 2.0 s") != 2 {
		t.Errorf("both runs take 2.0 s, and the page says %s", totals)
	}
	tab.press(kb.Home)
	if got := tab.scene(); got != there[0] {
		t.Errorf("Home shows %s", got)
	}
	tab.isSound(origin)
}

func TestTheLessonPlaysByItselfToItsEnd(t *testing.T) {
	tab, origin := lesson(t)
	tab.press("+", "+", "+", "+", "+", "+", " ")
	tab.waitText("done: 2.0 s")
	tab.waitFor("the player has stopped", `document.querySelector(".player .play").innerText.includes("Play")`)
	tab.isSound(origin)
}

func TestTheLessonIsAccessible(t *testing.T) {
	axe := axeScript(t)
	tab, origin := lesson(t)
	for range 9 {
		tab.press(kb.ArrowRight)
	}
	for _, f := range []format{phone, screen} {
		tab.size(f)
		for _, theme := range []string{"dark", "light"} {
			tab.theme(theme, false)
			tab.accessible(axe, "the lesson, "+f.name+" "+theme)
			tab.picture("lesson-" + f.name + "-" + theme)
		}
		tab.noSidewaysScroll(f)
	}
	tab.isSound(origin)
}
