package vet

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"
)

// kind is how a function comes to run.
type kind uint8

const (
	declared  kind = iota // by its name
	captured              // a closure that something holds: it runs where its surroundings do
	inline                // a closure that is called where it stands
	iterator              // a closure that a function returns for its caller to range over
	task                  // handed to the runtime: on the loop
	thread                // handed to ToThread
	goroutine             // behind go
)

// node is a function with a body.
type node struct {
	fn      *types.Func // nil for a closure
	body    *ast.BlockStmt
	sig     *types.Signature
	outer   *node // of a closure
	inner   []*node
	kind    kind
	calls   []call
	refs    []ref // who mentions it
	effects effects
	place   place
}

// call is one call in a node, inner closures excluded.
type call struct {
	expr   *ast.CallExpr
	callee *types.Func // nil where it cannot be known
}

// ref is a mention of a declared function.
type ref struct {
	from   *node // nil at package level
	kind   kind  // declared for a call, captured where it is held as a value
	inTest bool
}

// graph is the package's functions and who calls whom.
type graph struct {
	nodes      []*node
	byFunc     map[*types.Func]*node
	byVar      map[types.Object]*ast.FuncLit // closures that a variable holds from its beginning
	kinds      map[ast.Expr]kind             // of closures, and of mentions of functions
	lits       map[*ast.FuncLit]*node
	interfaces []implementation
	known      map[*types.Func]effects
	handovers  map[*types.Func]handover
}

// build makes the graph. Who mentions whom is found in a second pass over the
// bodies, when all declared functions are known.
func (c *checker) build() {
	c.graph = graph{
		byFunc: map[*types.Func]*node{},
		byVar:  map[types.Object]*ast.FuncLit{},
		kinds:  map[ast.Expr]kind{},
		lits:   map[*ast.FuncLit]*node{},
	}
	for _, f := range c.Files {
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil {
				fn := c.TypesInfo.Defs[d.Name].(*types.Func)
				n := &node{fn: fn, body: d.Body, sig: fn.Signature()}
				c.nodes = append(c.nodes, n)
				c.byFunc[fn] = n
			}
		}
		ast.Inspect(f, c.noteVariable)
	}
	c.findHandovers()
	for _, f := range c.Files {
		ast.Inspect(f, c.noteKinds)
	}
	for _, f := range c.Files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Body != nil {
					c.fill(c.byFunc[c.TypesInfo.Defs[d.Name].(*types.Func)], d.Body)
				}
			case *ast.GenDecl:
				c.fill(nil, d)
			}
		}
	}
	c.findImplementations()
}

// noteVariable remembers closures by the variables that hold them.
func (c *checker) noteVariable(n ast.Node) bool {
	note := func(name ast.Expr, value ast.Expr) {
		id, ok := name.(*ast.Ident)
		lit, isLit := ast.Unparen(value).(*ast.FuncLit)
		if ok && isLit && c.TypesInfo.Defs[id] != nil {
			c.byVar[c.TypesInfo.Defs[id]] = lit
		}
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		if len(n.Lhs) == len(n.Rhs) && n.Tok == token.DEFINE {
			for i := range n.Lhs {
				note(n.Lhs[i], n.Rhs[i])
			}
		}
	case *ast.ValueSpec:
		for i := range min(len(n.Names), len(n.Values)) {
			note(n.Names[i], n.Values[i])
		}
	}
	return true
}

// noteKinds says of functions that are called or handed over how they will run.
func (c *checker) noteKinds(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ReturnStmt:
		for _, result := range n.Results {
			if lit, ok := result.(*ast.FuncLit); ok && isIterator(c.TypesInfo.TypeOf(lit)) {
				c.kinds[lit] = iterator
			}
		}
	case *ast.GoStmt:
		c.noteKind(n.Call.Fun, goroutine)
	case *ast.CallExpr:
		c.noteKind(n.Fun, inline)
		if c.TypesInfo.Types[n.Fun].IsType() {
			return true // a conversion: whoever gets its result decides
		}
		f := c.callee(n)
		for i, arg := range n.Args {
			c.noteKind(arg, c.kindOfArgument(f, i))
		}
	}
	return true
}

// isIterator tells whether t is func(yield func(…) bool).
func isIterator(t types.Type) bool {
	sig, ok := t.(*types.Signature)
	if !ok || sig.Params().Len() != 1 || sig.Results().Len() != 0 {
		return false
	}
	yield, ok := sig.Params().At(0).Type().(*types.Signature)
	return ok && yield.Results().Len() == 1 && types.Identical(yield.Results().At(0).Type(), types.Typ[types.Bool])
}

// noteKind says how the function that e stands for will run. What was said first
// holds: go before the call behind it. A closure in a variable is what the strictest
// of its uses makes it.
func (c *checker) noteKind(e ast.Expr, k kind) {
	e = bare(e)
	if conv, ok := e.(*ast.CallExpr); ok && c.TypesInfo.Types[conv.Fun].IsType() && len(conv.Args) == 1 {
		c.noteKind(conv.Args[0], k)
		return
	}
	if _, ok := c.kinds[e]; ok {
		return
	}
	c.kinds[e] = k
	if id, ok := e.(*ast.Ident); ok && k != captured {
		if lit := c.byVar[c.TypesInfo.Uses[id]]; lit != nil && c.kinds[lit] != task {
			c.kinds[lit] = k
		}
	}
}

// bare is e without parentheses and type arguments.
func bare(e ast.Expr) ast.Expr {
	for {
		switch x := e.(type) {
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		default:
			return e
		}
	}
}

// callee is the function that a call calls, without type arguments, or nil.
func (c *checker) callee(e *ast.CallExpr) *types.Func {
	f, ok := typeutil.Callee(c.TypesInfo, e).(*types.Func)
	if !ok {
		return nil
	}
	return f.Origin()
}

// fill enters what a body contains: calls, closures, mentions of functions.
func (c *checker) fill(n *node, body ast.Node) {
	var method ast.Expr // the selector whose name comes next
	ast.Inspect(body, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.FuncLit:
			c.fill(c.enclose(n, x), x.Body)
			return false
		case *ast.GoStmt:
			c.fillGo(n, x)
			return false
		case *ast.CallExpr:
			if n != nil {
				n.calls = append(n.calls, call{x, c.callee(x)})
			}
		case *ast.SelectorExpr:
			method = x
		case *ast.Ident:
			e := ast.Expr(x)
			if s, ok := method.(*ast.SelectorExpr); ok && s.Sel == x {
				e = s
			}
			c.mention(n, x, e)
		}
		return true
	})
}

// fillGo enters a go statement: its arguments are evaluated here, the call is not.
func (c *checker) fillGo(n *node, g *ast.GoStmt) {
	for _, arg := range g.Call.Args {
		c.fill(n, arg)
	}
	c.fill(n, g.Call.Fun)
}

// enclose makes the node of a closure.
func (c *checker) enclose(outer *node, lit *ast.FuncLit) *node {
	k, ok := c.kinds[lit]
	if !ok {
		k = captured
	}
	n := &node{body: lit.Body, outer: outer, kind: k}
	n.sig, _ = c.TypesInfo.TypeOf(lit).(*types.Signature)
	c.nodes = append(c.nodes, n)
	c.lits[lit] = n
	if outer != nil {
		outer.inner = append(outer.inner, n)
	}
	return n
}

// mention enters that id, which is the expression e or its last name, stands for a
// function of the package.
func (c *checker) mention(n *node, id *ast.Ident, e ast.Expr) {
	f, ok := c.TypesInfo.Uses[id].(*types.Func)
	if !ok {
		return
	}
	target := c.byFunc[f.Origin()]
	if target == nil {
		return
	}
	k, ok := c.kinds[e]
	switch {
	case !ok:
		k = captured
	case k == inline:
		k = declared
	}
	target.refs = append(target.refs, ref{n, k, c.inTest(id)})
}
