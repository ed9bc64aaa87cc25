package browser_test

import (
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// theCommand is "asyncio" with arguments, built and started as users do.
func theCommand(t *testing.T, args ...string) *program {
	t.Helper()
	theBrowser(t)
	name := filepath.Join(t.TempDir(), "asyncio")
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", name, "github.com/goasyncio/asyncio/cmd/asyncio")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return start(t, exec.Command(name, args...))
}

// prints waits until the program has printed a line that matches, and returns the first
// group.
func (p *program) prints(pattern *regexp.Regexp) string {
	p.t.Helper()
	for end := time.After(patience); ; {
		select {
		case line := <-p.answers:
			if m := pattern.FindStringSubmatch(line); m != nil {
				return m[1]
			}
		case <-p.gone:
			p.t.Fatalf("the program has ended (%v) and has not printed %s", p.err, pattern)
		case <-end:
			p.t.Fatalf("the program has not printed %s", pattern)
		}
	}
}

// moment is what the lesson shows at a position, in both runs.
const moment = `[...document.querySelectorAll(".run .total, .run > .sentence, .run .zone, .run .prints, .code [aria-current=step]")].map(e => e.innerText.replace(/\s+/g, " ")).join(" | ")`

// highlighted are the lines of code that run, in both runs.
const highlighted = `[...document.querySelectorAll(".code [aria-current=step] code")].map(e => e.textContent.trim())`

// The lesson of the tutorial, both runs side by side: it can be played, and stepped
// forwards and backwards; one sees the lines that run, and why it takes 5 s and 3 s.
func TestTheTutorial(t *testing.T) {
	p := theCommand(t, "tutorial", "--watch", "--virtual", "--no-open")
	p.page = p.prints(regexp.MustCompile(`until Ctrl-C: (http://\S+)`))
	tab := newTab(t)
	tab.theme("light", false)
	tab.open(p.page)
	tab.waitFor("both runs are there", `document.querySelectorAll(".run").length === 2`)
	t.Run("the question has both totals", func(t *testing.T) {
		if text := tab.text(".difference h2"); !strings.Contains(text, "5.0 s") || !strings.Contains(text, "3.0 s") {
			t.Errorf("it says %q", text)
		}
		tab.pictures("beginning")
	})
	last := eval[int](tab, `+document.querySelector("[aria-label=Position]").max`)
	var forward []string
	seen := map[string]bool{}
	t.Run("step by step forwards", func(t *testing.T) {
		tab.press(kb.Home)
		for range 1000 {
			forward = append(forward, eval[string](tab, moment))
			for _, line := range eval[[]string](tab, highlighted) {
				seen[line] = true
			}
			if eval[bool](tab, `document.querySelector("[aria-label=Position]").value === document.querySelector("[aria-label=Position]").max`) {
				break
			}
			tab.press(kb.ArrowRight)
			tab.settle()
			if len(forward) == last/2 {
				tab.pictures("middle")
			}
		}
		if len(forward) < 10 || len(slices.Compact(slices.Clone(forward))) != len(forward) {
			t.Errorf("%d steps, of which some show the same", len(forward))
		}
		tab.pictures("end")
	})
	t.Run("the totals are 5 s and 3 s", func(t *testing.T) {
		if got := eval[[]string](tab, `[...document.querySelectorAll(".run .total")].map(e => e.innerText.replace(/\s+/g, " ").trim())`); !slices.Equal(got, []string{"done: 5.0 s", "done: 3.0 s"}) {
			t.Errorf("it shows %q", got)
		}
	})
	t.Run("the lines that pause were highlighted", func(t *testing.T) {
		for _, want := range []string{"time.Sleep(l.pause)", "asyncio.Sleep(ctx, l.pause)"} {
			if !slices.ContainsFunc(slices.Collect(maps.Keys(seen)), func(line string) bool { return strings.Contains(line, want) }) {
				t.Errorf("never %q, only %q", want, slices.Sorted(maps.Keys(seen)))
			}
		}
	})
	t.Run("and backwards, to the same moments", func(t *testing.T) {
		for i := len(forward) - 1; i >= 0; i-- {
			if got := eval[string](tab, moment); got != forward[i] {
				t.Fatalf("step %d shows\n%s\non the way there it was\n%s", i, got, forward[i])
			}
			tab.press(kb.ArrowLeft)
			tab.settle()
		}
	})
	t.Run("played from the beginning to the end", func(t *testing.T) {
		tab.press(kb.Home)
		tab.do(script(`(s => { s.value = [...s.options].at(-1).value; s.dispatchEvent(new Event("change", {bubbles: true})) })(document.querySelector(".speed select"))`))
		tab.click(".play")
		tab.waitFor("it comes to the end", `[...document.querySelectorAll(".run .total")].every(e => e.innerText.includes("done"))`)
	})
	tab.isSound(p.origin())
}

// In real time the runs take what they take; the page shows what was measured.
func TestTheTutorialInRealTime(t *testing.T) {
	p := theCommand(t, "tutorial", "--watch", "--no-open", "--step", "200ms")
	p.page = p.prints(regexp.MustCompile(`until Ctrl-C: (http://\S+)`))
	tab := newTab(t)
	tab.theme("light", false)
	tab.open(p.page)
	tab.waitFor("both runs are there", `document.querySelectorAll(".run").length === 2`)
	tab.press(kb.End)
	tab.waitFor("it is at the end", `[...document.querySelectorAll(".run .total")].every(e => e.innerText.includes("done"))`)
	took := eval[[]float64](tab, `[...document.querySelectorAll(".run .total b")].map(e => parseFloat(e.innerText) * (e.innerText.includes("ms") ? 0.001 : 1))`)
	if len(took) != 2 || took[0] < 1 || took[1] < 0.6 || took[1] >= took[0] {
		t.Errorf("the runs took %v s; their pauses are 1 s and 0.6 s", took)
	}
	tab.picture("end")
	tab.isSound(p.origin())
}
