package vet

import (
	"go/ast"
	"go/token"
	"go/types"
)

// checkMaps reports where the order of a map's entries decides about more than the
// map.
func (c *checker) checkMaps(n *node) {
	var parents []ast.Node
	ast.Inspect(n.body, func(x ast.Node) bool {
		if x == nil {
			parents = parents[:len(parents)-1]
			return true
		}
		if _, ok := x.(*ast.FuncLit); ok {
			return false
		}
		parents = append(parents, x)
		switch x := x.(type) {
		case *ast.RangeStmt:
			if source := c.unordered(x.X); source != "" {
				c.checkRange(n, x, source)
			}
		case *ast.ForStmt:
			c.checkMapIter(n, x)
		case *ast.CallExpr:
			c.checkCollected(n, x, parents)
			c.checkSyncMap(n, x)
		}
		return true
	})
}

// unordered names what an expression yields in no order, or is "".
func (c *checker) unordered(e ast.Expr) string {
	if _, ok := c.TypesInfo.TypeOf(e).Underlying().(*types.Map); ok {
		return "the map " + types.ExprString(e)
	}
	if sel, ok := ast.Unparen(e).(*ast.SelectorExpr); ok {
		if f, ok := c.TypesInfo.Uses[sel.Sel].(*types.Func); ok && pathOf(f) == "sync" && qualified(f) == "Map.Range" {
			return types.ExprString(e)
		}
	}
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return ""
	}
	if f := c.callee(call); pathOfNil(f) == "slices" && f.Name() == "Collect" {
		return c.unordered(call.Args[0])
	}
	return c.unorderedCall(call)
}

func (c *checker) unorderedCall(call *ast.CallExpr) string {
	f := c.callee(call)
	switch name := qualifiedNil(f); {
	case pathOfNil(f) == "maps" && (name == "Keys" || name == "Values" || name == "All"):
		return "maps." + name + "(" + types.ExprString(call.Args[0]) + ")"
	case pathOfNil(f) == "reflect" && name == "Value.MapKeys":
		return types.ExprString(call)
	}
	return ""
}

func qualifiedNil(f *types.Func) string {
	if f == nil {
		return ""
	}
	return qualified(f)
}

// checkRange reports the first thing in the body of a range that depends on the
// order.
func (c *checker) checkRange(n *node, r *ast.RangeStmt, source string) {
	if why := c.consequence(n, r); why != "" {
		c.report(ruleMapOrder, r, "the order of %s differs from run to run, and here it decides %s: range over sorted keys, such as slices.Sorted(maps.Keys(m))", source, why)
	}
}

// consequence says what the order of a range decides, or "".
func (c *checker) consequence(n *node, r *ast.RangeStmt) (why string) {
	ast.Inspect(r.Body, func(x ast.Node) bool {
		if why != "" {
			return false
		}
		switch x := x.(type) {
		case *ast.ReturnStmt:
			return false // it is done for one entry: mostly the one that was looked for
		case *ast.CallExpr:
			if n.place == onLoop {
				why = c.disturbs(x)
			}
			if why == "" {
				why = c.writes(r, x)
			}
		case *ast.AssignStmt:
			why = c.collects(n, r, x)
		}
		return why == ""
	})
	if why == "" && c.takesFirst(r) {
		why = "which entry is taken, since the body ends the loop in its first turn"
	}
	return why
}

// disturbs says what a call does that others on the loop can tell.
func (c *checker) disturbs(e *ast.CallExpr) string {
	called := call{e, c.callee(e)}
	name := types.ExprString(e.Fun)
	switch bits := c.effectOf(called.callee); {
	case c.mayWait(called):
		return "who waits first, in " + name
	case bits&schedules != 0:
		return "who runs first, by " + name
	case called.callee == nil && isCancel(c.TypesInfo.TypeOf(e.Fun)):
		return "who is cancelled first, by " + name
	}
	return ""
}

// writes says that a call writes to what is outside of r.
func (c *checker) writes(r *ast.RangeStmt, e *ast.CallExpr) string {
	f := c.callee(e)
	if f == nil {
		return ""
	}
	name := types.ExprString(e.Fun)
	switch f.Name() {
	case "Print", "Printf", "Println":
		if pathOf(f) == "fmt" {
			return "the order of what " + name + " writes"
		}
	case "Fprint", "Fprintf", "Fprintln":
		if pathOf(f) == "fmt" && c.isOutside(r, e.Args[0]) {
			return "the order of what " + name + " writes"
		}
	case "Write", "WriteString", "WriteByte", "WriteRune":
		if s, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr); ok && f.Signature().Recv() != nil && c.isOutside(r, s.X) {
			return "the order of what " + name + " writes"
		}
	}
	return ""
}

// isOutside tells whether an expression begins with a variable from outside of r.
func (c *checker) isOutside(r *ast.RangeStmt, e ast.Expr) bool {
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok {
		e = u.X
	}
	v, ok := c.rootOf(e).(*types.Var)
	return ok && !(v.Pos() >= r.Pos() && v.Pos() < r.End())
}

// isCancel tells whether a function value is one that ends a context.
func isCancel(t types.Type) bool {
	return isNamed(t, "context", "CancelFunc") || isNamed(t, "context", "CancelCauseFunc") || isNamed(t, runtime, "CancelFunc")
}

// mentions tells whether v occurs in e.
func (c *checker) mentions(e ast.Node, v types.Object) (yes bool) {
	if v == nil {
		return false
	}
	ast.Inspect(e, func(x ast.Node) bool {
		if id, ok := x.(*ast.Ident); ok && c.TypesInfo.ObjectOf(id) == v {
			yes = true
		}
		return !yes
	})
	return yes
}

// takesFirst tells whether the body of a range uses the entry and then leaves the
// loop, whatever the entry is.
func (c *checker) takesFirst(r *ast.RangeStmt) bool {
	if len(r.Body.List) == 0 {
		return false
	}
	switch last := r.Body.List[len(r.Body.List)-1].(type) {
	case *ast.ReturnStmt:
	case *ast.BranchStmt:
		if last.Tok != token.BREAK {
			return false
		}
	default:
		return false
	}
	used := false
	for _, e := range []ast.Expr{r.Key, r.Value} {
		if id, ok := e.(*ast.Ident); ok && id.Name != "_" {
			used = used || c.mentions(r.Body, c.TypesInfo.ObjectOf(id))
		}
	}
	return used && !hasContinue(r.Body)
}

// hasContinue tells whether a body may pass over an entry.
func hasContinue(body *ast.BlockStmt) (yes bool) {
	ast.Inspect(body, func(x ast.Node) bool {
		if b, ok := x.(*ast.BranchStmt); ok && b.Tok == token.CONTINUE {
			yes = true
		}
		return !yes
	})
	return yes
}
