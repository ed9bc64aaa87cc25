package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// collects says that an assignment in the body of r appends to a slice from outside
// that nobody sorts afterwards.
func (c *checker) collects(n *node, r *ast.RangeStmt, a *ast.AssignStmt) string {
	if a.Tok == token.ADD_ASSIGN && isText(c.TypesInfo.TypeOf(a.Lhs[0])) && c.isOutside(r, a.Lhs[0]) && !c.perKey(r, a.Lhs[0]) {
		return "what is in " + types.ExprString(a.Lhs[0])
	}
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

// isText tells whether the order of additions matters: for texts, and for floating
// point, which rounds.
func isText(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsString|types.IsFloat|types.IsComplex) != 0
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

// sortedAfter tells whether v is given, after at, to something that sorts, itself or
// as a part of what it is assigned to.
func (c *checker) sortedAfter(n *node, v types.Object, at ast.Node) bool {
	names := []types.Object{v}
	c.eachNode(n, func(x ast.Node) {
		if a, ok := x.(*ast.AssignStmt); ok && a.Pos() > at.End() && len(a.Lhs) == len(a.Rhs) {
			for i := range a.Rhs {
				if c.rootOf(ast.Unparen(a.Rhs[i])) == v {
					names = append(names, c.rootOf(a.Lhs[i]))
				}
			}
		}
	})
	for _, called := range n.calls {
		if called.expr.Pos() <= at.End() || !c.sorts(called) {
			continue
		}
		if slices.ContainsFunc(names, func(v types.Object) bool { return c.mentions(called.expr, v) }) {
			return true
		}
	}
	return false
}

// sorts tells whether a call puts things into an order: it says so by its name.
func (c *checker) sorts(called call) bool {
	if path := pathOfNil(called.callee); path == "sort" || path == "container/heap" {
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

// checkCollected reports keys and values of maps that become a slice which nobody
// sorts.
func (c *checker) checkCollected(n *node, call *ast.CallExpr, parents []ast.Node) {
	source := c.unorderedCall(call)
	f := c.callee(call)
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

// checkMapIter looks at a loop over a reflect.MapIter as at a range.
func (c *checker) checkMapIter(n *node, loop *ast.ForStmt) {
	next, ok := loop.Cond.(*ast.CallExpr)
	if !ok || pathOfNil(c.callee(next)) != "reflect" || qualifiedNil(c.callee(next)) != "MapIter.Next" {
		return
	}
	r := &ast.RangeStmt{For: loop.For, Body: loop.Body}
	c.checkRange(n, r, "the iterator "+receiver(next))
}

// checkSyncMap looks at the Range of a sync.Map as at a range.
func (c *checker) checkSyncMap(n *node, call *ast.CallExpr) {
	if f := c.callee(call); pathOfNil(f) != "sync" || qualified(f) != "Map.Range" {
		return
	}
	lit, ok := ast.Unparen(call.Args[0]).(*ast.FuncLit)
	if !ok {
		return
	}
	// Without the names of key and value: its body ends by returning whether to go on.
	r := &ast.RangeStmt{For: call.Pos(), Body: lit.Body}
	c.checkRange(n, r, types.ExprString(call.Fun))
}
