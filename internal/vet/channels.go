package vet

import (
	"go/ast"
	"go/token"
	"go/types"
)

// checkChannels reports what waits for other goroutines, and goroutines.
func (c *checker) checkChannels(n *node) {
	inSelect := map[ast.Node]bool{} // operations that are the cases of a select
	c.eachNode(n, func(x ast.Node) {
		switch x := x.(type) {
		case *ast.GoStmt:
			c.report(ruleGoroutine, x, "go statement in code that runs on the loop: nothing decides when that goroutine runs; use asyncio.Go or a TaskGroup, or asyncio.ToThread for what blocks")
		case *ast.CallExpr:
			if f := c.callee(x); f != nil && startsGoroutine(f) {
				c.report(ruleGoroutine, x, "%s.%s starts a goroutine in code that runs on the loop: nothing decides when it runs; use asyncio.Go or a TaskGroup, or asyncio.ToThread for what blocks", f.Pkg().Name(), qualified(f))
			}
		case *ast.SelectStmt:
			c.checkSelect(x, inSelect)
		case *ast.SendStmt:
			if !inSelect[x] {
				c.report(ruleBlocks, x, "sending on a channel holds the whole loop until a goroutine receives: use a Queue or a Channel of package asyncio, or a LoopHandle where a goroutine is at the other end")
			}
		case *ast.UnaryExpr:
			if x.Op == token.ARROW && !inSelect[x] {
				c.report(ruleBlocks, x, "receiving from a channel holds the whole loop until a goroutine sends: use asyncio.Receive, or an Event, Future or Queue between tasks")
			}
		case *ast.RangeStmt:
			if _, ok := c.TypesInfo.TypeOf(x.X).Underlying().(*types.Chan); ok {
				c.report(ruleBlocks, x, "ranging over a channel holds the whole loop until a goroutine sends: use asyncio.Receive, or a Queue between tasks")
			}
		}
	})
}

// checkSelect reports a select by what it does: choose at random, or block.
func (c *checker) checkSelect(s *ast.SelectStmt, inSelect map[ast.Node]bool) {
	cases, waits := 0, true
	for _, clause := range s.Body.List {
		switch comm := clause.(*ast.CommClause).Comm.(type) {
		case nil:
			waits = false
			continue
		case *ast.SendStmt:
			inSelect[comm] = true
		case *ast.ExprStmt:
			inSelect[ast.Unparen(comm.X)] = true
		case *ast.AssignStmt:
			inSelect[ast.Unparen(comm.Rhs[0])] = true
		}
		cases++
	}
	switch {
	case cases > 1:
		c.report(ruleSelect, s, "select among %d cases picks one at random where several are ready: on the loop use asyncio.Wait or asyncio.Race over tasks, or ask for one at a time, with a default, in a fixed order", cases)
	case waits:
		c.report(ruleBlocks, s, "select without a default holds the whole loop until a goroutine is ready: use asyncio.Receive, or an Event, Future or Queue between tasks")
	}
}

// checkLocks reports mutexes of package sync that are held across a wait: whoever
// wants one meanwhile holds the loop, and the holder never comes to release it.
func (c *checker) checkLocks(n *node) {
	deferred := map[*ast.CallExpr]bool{}
	c.eachNode(n, func(x ast.Node) {
		if d, ok := x.(*ast.DeferStmt); ok {
			deferred[d.Call] = true
		}
	})
	for _, locked := range n.calls {
		if !isMutex(locked.callee, "Lock", "RLock") || deferred[locked.expr] {
			continue
		}
		mutex, end := receiver(locked.expr), n.body.End()
		for _, u := range n.calls {
			if isMutex(u.callee, "Unlock", "RUnlock") && !deferred[u.expr] && receiver(u.expr) == mutex && u.expr.Pos() > locked.expr.Pos() {
				end = min(end, u.expr.Pos())
			}
		}
		for _, w := range n.calls {
			if w.expr.Pos() > locked.expr.Pos() && w.expr.Pos() < end && c.mayWait(w) {
				c.report(ruleBlocks, locked.expr, "%s is still locked at the wait in line %d: whoever locks it meanwhile holds the whole loop, for ever; use asyncio.Lock, or unlock before the wait", mutex, c.Fset.Position(w.expr.Pos()).Line)
				break
			}
		}
	}
}

func isMutex(f *types.Func, names ...string) bool {
	if pathOfNil(f) != "sync" {
		return false
	}
	for _, name := range names {
		if f.Name() == name {
			return true
		}
	}
	return false
}

func pathOfNil(f *types.Func) string {
	if f == nil {
		return ""
	}
	return pathOf(f)
}

// receiver is the text of what a method is called on.
func receiver(e *ast.CallExpr) string {
	if s, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr); ok {
		return types.ExprString(s.X)
	}
	return ""
}
