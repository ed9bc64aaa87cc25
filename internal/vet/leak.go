package vet

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// leaks is a fact about a function that does not run on a loop for all that is known,
// but may be called there: by what the real clock or randomness comes into it, itself
// or through what it calls. Packages that know nothing of the runtime have it too.
type leaks struct{ Clock, Random string }

// AFact implements [analysis.Fact].
func (*leaks) AFact() {}

// String is what the tests of facts compare.
func (l *leaks) String() string {
	var parts []string
	if l.Clock != "" {
		parts = append(parts, "clock: "+l.Clock)
	}
	if l.Random != "" {
		parts = append(parts, "random: "+l.Random)
	}
	return strings.Join(parts, "; ")
}

// isStandard tells whether the package is of the standard library, whose functions
// are known by the table and not by their bodies.
func (c *checker) isStandard() bool {
	first, _, _ := strings.Cut(c.Pkg.Path(), "/")
	return c.modulePath() == "" && !strings.Contains(first, ".")
}

// modulePath is the path of the package's module, or "" where it has none.
func (c *checker) modulePath() string {
	if c.Module == nil {
		return ""
	}
	return c.Module.Path
}

// findLeaks finds the leaks of the package's functions and exports those of functions
// in which nothing is reported.
func (c *checker) findLeaks() {
	c.leaky = map[*node]leaks{}
	for _, n := range c.nodes {
		c.leaky[n] = c.ownLeaks(n)
	}
	for changed := true; changed; {
		changed = false
		for _, n := range c.nodes {
			before := c.leaky[n]
			after := before
			for _, called := range n.calls {
				after.add(c.leaksOf(called.callee))
			}
			for _, inner := range n.inner {
				if inner.kind == inline || inner.kind == iterator {
					after.add(c.leaky[inner])
				}
			}
			c.leaky[n] = after
			changed = changed || after != before
		}
	}
	for f, n := range c.byFunc {
		if l := c.leaksOf(f); l != (leaks{}) && n.place == nowhere {
			c.ExportObjectFact(f, &l)
		}
	}
}

// add takes what is not known yet: the first of its kind is enough to tell.
func (l *leaks) add(other leaks) {
	if l.Clock == "" {
		l.Clock = other.Clock
	}
	if l.Random == "" {
		l.Random = other.Random
	}
}

// leaksOf is what is known about a function so far. One that runs on a loop has none
// for its callers: what is wrong there has been said there.
func (c *checker) leaksOf(f *types.Func) (l leaks) {
	switch {
	case f == nil:
	case f.Pkg() == c.Pkg:
		if n := c.byFunc[f]; n != nil && n.place == nowhere {
			return c.leaky[n]
		}
	case f.Pkg() != nil:
		c.ImportObjectFact(f, &l)
		if !c.isOfModule(f.Pkg().Path()) {
			l.Clock = ""
		}
	}
	return l
}

// isOfModule tells whether a package belongs to the module that is looked at. What
// others do with the clock is nearly always said to people only: log lines, traces.
func (c *checker) isOfModule(path string) bool {
	m := c.modulePath()
	return m != "" && (path == m || strings.HasPrefix(path, m+"/"))
}

// ownLeaks are those of a function's own body: calls, and the system's randomness as a
// value. That a clock is mentioned is no leak: a default that others replace is meant
// well.
func (c *checker) ownLeaks(n *node) (l leaks) {
	note := func(f types.Object, at ast.Node) {
		name := f.Name()
		if fn, ok := f.(*types.Func); ok {
			name = qualified(fn)
		}
		u, ok := lookUp(f.Pkg().Path(), name)
		if !ok || u.rule != ruleRandom && u.what != clockNow.what || c.ok.silence(c.Fset.Position(at.Pos())) {
			return
		}
		p := c.Fset.Position(at.Pos())
		where := fmt.Sprintf("%s.%s in %s:%d", f.Pkg().Path(), name, path.Join(c.Pkg.Path(), filepath.Base(p.Filename)), p.Line)
		if u.rule == ruleRandom {
			l.add(leaks{Random: where})
		} else {
			l.add(leaks{Clock: where})
		}
	}
	for _, called := range n.calls {
		if f := called.callee; f != nil && f.Pkg() != nil {
			note(f, called.expr)
		}
	}
	c.eachNode(n, func(x ast.Node) {
		if id, ok := x.(*ast.Ident); ok {
			if v, ok := c.TypesInfo.Uses[id].(*types.Var); ok && !v.IsField() && v.Pkg() != nil && v.Pkg().Path() == "crypto/rand" {
				note(v, id)
			}
		}
	})
	return l
}

// leak is one source of time or randomness and the calls that lead to it.
type leak struct{ rule, from string }

// reportLeaks reports calls of functions that bring the clock or randomness with them:
// the first that leads to a source stands for all in the package, and so does a
// directive at any of them.
func (c *checker) reportLeaks() {
	calls := map[leak][]*ast.CallExpr{}
	for _, n := range c.nodes {
		if n.place == nowhere || !c.wanted(n.body) {
			continue
		}
		for _, called := range n.calls {
			l := c.leaksOf(called.callee)
			for _, one := range []leak{{ruleClock, l.Clock}, {ruleRandom, l.Random}} {
				if one.from != "" {
					calls[one] = append(calls[one], called.expr)
				}
			}
		}
	}
	for one, at := range calls {
		c.reportLeak(one, at)
	}
}

func (c *checker) reportLeak(l leak, calls []*ast.CallExpr) {
	silenced := false
	for _, e := range calls {
		silenced = c.ok.silence(c.Fset.Position(e.Pos())) || silenced
	}
	if silenced {
		return
	}
	first := slices.MinFunc(calls, func(a, b *ast.CallExpr) int { return cmp.Compare(a.Pos(), b.Pos()) })
	name, others := types.ExprString(first.Fun), ""
	if len(calls) > 1 {
		others = fmt.Sprintf(" (%d calls in this package lead there)", len(calls))
	}
	if l.rule == ruleClock {
		c.emit(l.rule, first, "%s reads the real clock, by %s%s: give it the time from asyncio.Now(ctx)", name, l.from, others)
	} else {
		c.emit(l.rule, first, "%s draws random numbers that no seed decides, by %s%s: give it a source made from a seed, or say why the numbers do not matter", name, l.from, others)
	}
}
