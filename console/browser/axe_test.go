package browser_test

import (
	"os"
	"strings"
	"testing"
)

// axeFile is the script of axe-core, as the tools of the page bring it.
const axeFile = "../internal/web/node_modules/axe-core/axe.min.js"

// axeScript is the library that finds what keeps people from using a page.
func axeScript(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(axeFile)
	if err != nil {
		t.Skipf("axe-core is not here (%v): run npm ci in console/internal/web", err)
	}
	return string(text)
}

// A violation is a rule of axe-core that a page does not keep.
type violation struct {
	ID    string
	Help  string
	Nodes []struct {
		HTML           string
		FailureSummary string
	}
}

// accessible fails the test for each rule of accessibility that the page does not keep
// as it is shown now: WCAG 2.2 at the levels A and AA, and what is held to be good
// practice.
func (tb *tab) accessible(axe, what string) {
	tb.t.Helper()
	if !eval[bool](tb, `"axe" in window`) {
		tb.do(script(axe))
	}
	type report struct {
		Violations []violation
		Passes     int
	}
	// In one frame: the console has no other.
	r := eval[report](tb, `axe.run(document, {iframes: false, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
		.then(r => ({violations: r.violations, passes: r.passes.length}))`)
	if r.Passes == 0 {
		tb.t.Errorf("%s: axe-core has looked at nothing", what)
	}
	for _, v := range r.Violations {
		var where []string
		for _, n := range v.Nodes[:min(len(v.Nodes), 5)] {
			where = append(where, n.HTML+"\n\t\t"+strings.ReplaceAll(n.FailureSummary, "\n", "\n\t\t"))
		}
		tb.t.Errorf("%s: %s (%s), %d times:\n\t%s", what, v.Help, v.ID, len(v.Nodes), strings.Join(where, "\n\t"))
	}
}
