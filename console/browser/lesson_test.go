package browser_test

import (
	"context"
	"fmt"
	"path/filepath"
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
func pauses(t *testing.T, title string) *console.Rehearsal {
	t.Helper()
	r := &console.Rehearsal{Title: title}
	_, err := r.Record(func() error {
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
	return r
}

// lesson is a tab with two recordings side by side.
func lesson(t *testing.T) (tb *tab, origin string) {
	t.Helper()
	s, err := console.Serve("127.0.0.1:0", console.NoDiscovery(), console.Recordings(map[string]*console.Rehearsal{
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

// gated is a run whose task first blocks the loop and then waits, until the test opens the
// gates.
type gated struct {
	*console.Rehearsal
	blocks, waits chan struct{}
	ended         chan error
}

func newGated(title string) *gated {
	_, file, _, _ := runtime.Caller(0)
	return &gated{
		Rehearsal: &console.Rehearsal{Title: title, Sources: map[string]string{filepath.Base(file): strings.Join(gatedSource, "\n")}},
		blocks:    make(chan struct{}), waits: make(chan struct{}), ended: make(chan error, 1),
	}
}

// gatedSource is what the page is to show: its second line is the one that blocks.
var gatedSource = []string{"func pause() {", "	block()", "	wait()", "}"}

func (g *gated) run() {
	_, file, _, _ := runtime.Caller(0)
	_, err := g.Record(func() error {
		return asyncio.Run(context.Background(), func(ctx context.Context) error {
			_, err := asyncio.Go(ctx, func(ctx context.Context) error {
				g.Note(asyncio.Now(ctx), asyncio.CurrentTask(ctx).ID(), "Task A: blocks", "main.pause", file, 2)
				<-g.blocks
				g.Note(asyncio.Now(ctx), asyncio.CurrentTask(ctx).ID(), "Task A: waits", "main.pause", file, 3)
				_, _, err := asyncio.Receive(ctx, g.waits)
				return err
			}, asyncio.TaskName("Task A")).Await(ctx)
			return err
		}, asyncio.SlowStep(-1))
	})
	g.ended <- err
}

// The lesson is seen as it happens, one run after the other, and can be replayed then.
func TestTheLessonIsSeenWhileItHappens(t *testing.T) {
	one, other := newGated("the first way"), newGated("the other way")
	s, err := console.Serve("127.0.0.1:0", console.NoDiscovery(), console.Recordings(map[string]*console.Rehearsal{"one": one.Rehearsal, "other": other.Rehearsal}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	tab := newTab(t)
	tab.theme("light", false)
	tab.open(s.Compare("one", "other"))
	tab.waitFor("both wait for their turn", `document.body.innerText.split("waits for its turn").length === 3`)
	run := func(i int, selector string) string {
		return fmt.Sprintf(`(document.querySelectorAll(".run")[%d].querySelector(%s)?.innerText ?? "")`, i, quote(selector))
	}
	for i, g := range []*gated{one, other} {
		go g.run()
		tab.waitFor("the task that blocks the loop is seen to do so", run(i, ".zone.runs.blocks")+`.includes("Task A")`)
		tab.waitFor("at its line", run(i, ".code [aria-current=step]")+`.includes("block()")`)
		tab.waitFor("with what it prints", run(i, ".prints")+`.includes("blocks")`)
		tab.waitFor("and its time goes on", `(t => { const before = window.before ??= t; return t > before })(parseFloat(`+run(i, ".total")+`))`)
		if i == 0 && !eval[bool](tab, `document.body.innerText.includes("waits for its turn")`) {
			t.Error("the second run does not wait for its turn")
		}
		tab.pictures(fmt.Sprint("live-", i+1))
		close(g.blocks)
		tab.waitFor("then it waits", run(i, ".zone.waits")+`.includes("Task A")`)
		close(g.waits)
		if err := <-g.ended; err != nil {
			t.Fatal(err)
		}
		tab.waitFor("and is done", run(i, ".total")+`.includes("done")`)
		tab.do(script(`delete window.before`))
	}
	tab.waitFor("there is a player, at the end", `document.querySelector(".player [aria-label^='One step forward']")?.disabled`)
	tab.press(kb.Home)
	if got := tab.scene(); strings.Contains(got, "The run is over.") {
		t.Errorf("at the beginning the page shows %s", got)
	}
	tab.isSound("http://" + s.Addr())
}

// A program that is ended in the middle of its lesson is told.
func TestTheLessonIsCutOff(t *testing.T) {
	g := newGated("the only way")
	s, err := console.Serve("127.0.0.1:0", console.NoDiscovery(), console.Recordings(map[string]*console.Rehearsal{"one": g.Rehearsal, "other": new(console.Rehearsal)}))
	if err != nil {
		t.Fatal(err)
	}
	tab := newTab(t)
	tab.open(s.Compare("one", "other"))
	go g.run()
	tab.waitText("Task A")
	s.Close()
	tab.waitText("The program has ended before the run was over.")
	close(g.blocks)
	close(g.waits)
	if err := <-g.ended; err != nil {
		t.Fatal(err)
	}
}
