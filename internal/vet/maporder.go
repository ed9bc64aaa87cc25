package vet

import (
	"go/ast"
	"go/types"
	"strings"
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
		case *ast.CallExpr:
			c.checkCollected(n, x, parents)
		}
		return true
	})
}

// unordered names what an expression yields in no order, or is "".
func (c *checker) unordered(e ast.Expr) string {
	if _, ok := c.TypesInfo.TypeOf(e).Underlying().(*types.Map); ok {
		return "the map " + types.ExprString(e)
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

// isCancel tells whether a function value is one that ends a context.
func isCancel(t types.Type) bool {
	return isNamed(t, "context", "CancelFunc") || isNamed(t, "context", "CancelCauseFunc") || isNamed(t, runtime, "CancelFunc")
}

// collects says that an assignment in the body of r appends to a slice from outside
// that nobody sorts afterwards.
func (c *checker) collects(n *node, r *ast.RangeStmt, a *ast.AssignStmt) string {
	for i, value := range a.Rhs {
		call, ok := ast.Unparen(value).(*ast.CallExpr)
		if !ok || len(a.Lhs) != len(a.Rhs) {
			continue
		}
		if b, ok := c.TypesInfo.Uses[identOf(call.Fun)].(*types.Builtin); !ok || b.Name() != "append" {
			continue
		}
		v := c.rootOf(a.Lhs[i])
		if v == nil || v.Pos() >= r.Pos() && v.Pos() < r.End() || c.perKey(r, a.Lhs[i]) || c.sortedAfter(n, v, r) {
			continue
		}
		return "the order of " + types.ExprString(a.Lhs[i]) + ", which is not sorted afterwards"
	}
	return ""
}

// perKey tells whether what is assigned belongs to the key of the range: m2[k] =
// append(m2[k], v) has no order.
func (c *checker) perKey(r *ast.RangeStmt, e ast.Expr) (yes bool) {
	ast.Inspect(e, func(x ast.Node) bool {
		if index, ok := x.(*ast.IndexExpr); ok {
			yes = yes || c.mentions(index.Index, c.rootOf(r.Key))
		}
		return true
	})
	return yes
}

// identOf is e as a name, or nil.
func identOf(e ast.Expr) *ast.Ident {
	id, _ := ast.Unparen(e).(*ast.Ident)
	return id
}

// rootOf is the variable at the beginning of x.f[i].g, or nil.
func (c *checker) rootOf(e ast.Expr) types.Object {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return c.TypesInfo.ObjectOf(x)
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// sortedAfter tells whether v is given, after at, to something that sorts.
func (c *checker) sortedAfter(n *node, v types.Object, at ast.Node) bool {
	for _, called := range n.calls {
		if called.expr.Pos() > at.End() && c.sorts(called) && c.mentions(called.expr, v) {
			return true
		}
	}
	return false
}

// sorts tells whether a call puts things into an order: it says so by its name.
func (c *checker) sorts(called call) bool {
	if pathOfNil(called.callee) == "sort" {
		return true
	}
	name := ""
	switch f := bare(called.expr.Fun).(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	return strings.Contains(strings.ToLower(name), "sort")
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
		if last.Tok.String() != "break" {
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
		if b, ok := x.(*ast.BranchStmt); ok && b.Tok.String() == "continue" {
			yes = true
		}
		return !yes
	})
	return yes
}

// checkCollected reports keys and values of maps that become a slice which nobody
// sorts.
func (c *checker) checkCollected(n *node, call *ast.CallExpr, parents []ast.Node) {
	source := c.unorderedCall(call)
	f := c.callee(call)
	if pathOfNil(f) == "reflect" && qualifiedNil(f) == "Value.MapRange" {
		c.report(ruleMapOrder, call, "the order of %s differs from run to run: take MapKeys and sort them", types.ExprString(call))
		return
	}
	if source == "" || len(parents) < 2 {
		return
	}
	at := len(parents) - 2
	if pathOfNil(f) == "maps" { // the sequence must become a slice first
		outer, ok := parents[at].(*ast.CallExpr)
		if !ok || pathOfNil(c.callee(outer)) != "slices" || qualified(c.callee(outer)) != "Collect" || at == 0 {
			return
		}
		at--
	}
	switch p := parents[at].(type) {
	case *ast.CallExpr:
		if c.sorts(newCall(c, p)) || isLength(c, p) {
			return
		}
	case *ast.AssignStmt:
		if len(p.Lhs) == 1 && c.sortedAfter(n, c.rootOf(p.Lhs[0]), call) {
			return
		}
	case *ast.RangeStmt:
		return // checkRange sees to it
	}
	c.report(ruleMapOrder, call, "the order of %s differs from run to run, and nobody sorts it: use slices.Sorted instead of slices.Collect, or sort afterwards", source)
}

func newCall(c *checker, e *ast.CallExpr) call { return call{e, c.callee(e)} }

// isLength tells whether a call is len(…).
func isLength(c *checker, e *ast.CallExpr) bool {
	b, ok := c.TypesInfo.Uses[identOf(e.Fun)].(*types.Builtin)
	return ok && b.Name() == "len"
}
