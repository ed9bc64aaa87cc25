package vet

import (
	"go/ast"
	"go/types"
)

// handover is which of a function's parameters, by number, it has run elsewhere: many
// a program has a ToThread of its own.
type handover struct{ Threads, Goroutines uint64 }

// findHandovers looks for parameters that are given to a thread or a goroutine, until
// nothing is new: one helper may stand on another.
func (c *checker) findHandovers() {
	c.handovers = map[*types.Func]handover{}
	for changed := true; changed; {
		changed = false
		for _, n := range c.nodes {
			h := handover{c.handed(n, thread), c.handed(n, goroutine)}
			changed = changed || h != c.handovers[n.fn]
			c.handovers[n.fn] = h
		}
	}
}

// handed is the set of the parameters of n that come to run in that way.
func (c *checker) handed(n *node, k kind) (set uint64) {
	i := 0
	for p := range n.sig.Params().Variables() {
		if _, ok := p.Type().Underlying().(*types.Signature); ok && i < 64 && c.isHanded(n.body, p, k) {
			set |= 1 << i
		}
		i++
	}
	return set
}

// isHanded tells whether a body gives p away itself, or uses it in a closure that it
// gives away.
func (c *checker) isHanded(body ast.Node, p *types.Var, k kind) (yes bool) {
	given := func(e ast.Expr) bool {
		if lit, ok := bare(e).(*ast.FuncLit); ok {
			return c.mentions(lit.Body, p)
		}
		return c.TypesInfo.Uses[identOf(bare(e))] == p
	}
	ast.Inspect(body, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.GoStmt:
			yes = yes || k == goroutine && given(x.Call.Fun)
		case *ast.CallExpr:
			f := c.callee(x)
			for i, arg := range x.Args {
				yes = yes || c.kindOfArgument(f, i) == k && given(arg)
			}
		}
		return !yes
	})
	return yes
}

// kindOfArgument is how a function runs that is handed to f as the argument of that
// number.
func (c *checker) kindOfArgument(f *types.Func, i int) kind {
	if f == nil {
		return captured
	}
	h := c.handovers[f]
	var e effect
	if f.Pkg() != nil && f.Pkg() != c.Pkg && c.ImportObjectFact(f, &e) {
		h = e.Handover
	}
	bit := uint64(1) << min(i, 63)
	switch path := pathOf(f); {
	case path == runtime && f.Name() == "ToThread", h.Threads&bit != 0:
		return thread
	case isRuntime(path): // sim has goroutines, with a loop on each
		return task
	case path == "time" && f.Name() == "AfterFunc", startsGoroutine(f), h.Goroutines&bit != 0:
		return goroutine
	}
	return captured
}

// startsGoroutine tells whether a function is one of the well-known Go methods.
func startsGoroutine(f *types.Func) bool {
	path := pathOf(f)
	return f.Name() == "Go" && (path == "sync" || path == "golang.org/x/sync/errgroup")
}
