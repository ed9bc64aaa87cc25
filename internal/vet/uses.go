package vet

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strings"
)

// checkUses reports what the tables know: functions, methods and variables that lead
// out of the world.
func (c *checker) checkUses(n *node) {
	c.eachNode(n, func(x ast.Node) {
		switch x := x.(type) {
		case *ast.Ident:
			c.checkUse(n, x)
		case *ast.CompositeLit:
			c.checkClient(x)
		}
	})
}

// eachNode calls visit with everything in a body but for its closures, which are
// nodes of their own.
func (c *checker) eachNode(n *node, visit func(ast.Node)) {
	ast.Inspect(n.body, func(x ast.Node) bool {
		if _, ok := x.(*ast.FuncLit); ok {
			return false
		}
		if x != nil {
			visit(x)
		}
		return true
	})
}

func (c *checker) checkUse(n *node, id *ast.Ident) {
	obj := c.TypesInfo.Uses[id]
	if obj == nil || obj.Pkg() == nil {
		return
	}
	name := obj.Name()
	if f, ok := obj.(*types.Func); ok {
		name = qualified(f)
	} else if v, ok := obj.(*types.Var); !ok || v.IsField() {
		return
	}
	u, ok := lookUp(obj.Pkg().Path(), name)
	if !ok || n.place == onThread && !onThreadsToo[u.rule] {
		return
	}
	where := "in code that runs on the loop"
	if n.place == onThread {
		where = "in a thread of the loop"
	}
	c.report(u.rule, id, "%s.%s %s %s: %s", obj.Pkg().Path(), name, where, u.what, u.instead)
}

// checkClient reports an http.Client on the operating system's sockets.
func (c *checker) checkClient(lit *ast.CompositeLit) {
	if !isNamed(c.TypesInfo.TypeOf(lit), "net/http", "Client") {
		return
	}
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return
		}
		if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "Transport" {
			return
		}
	}
	c.report(ruleNetwork, lit, "an http.Client without a Transport opens sockets of the operating system, and blocks the loop: give it one of package aiohttp")
}

// checkFormats reports %p in constant formats.
func (c *checker) checkFormats(n *node) {
	for _, called := range n.calls {
		if called.callee == nil || !strings.HasSuffix(called.callee.Name(), "f") {
			continue
		}
		switch pathOf(called.callee) {
		case "fmt", "log", "testing":
		default:
			continue
		}
		for _, arg := range called.expr.Args {
			if v := c.TypesInfo.Types[arg].Value; v != nil && v.Kind() == constant.String && hasPointerVerb(constant.StringVal(v)) {
				c.report(rulePointer, called.expr, "%%p prints an address, which differs from run to run: print a name or a number that the program has given")
				break
			}
		}
	}
}

// hasPointerVerb tells whether a format has the verb %p.
func hasPointerVerb(format string) bool {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		i++
		for i < len(format) && strings.IndexByte("+-# 0123456789.*[]", format[i]) >= 0 {
			i++
		}
		if i < len(format) && format[i] == 'p' {
			return true
		}
	}
	return false
}

// mayWait tells whether a call may suspend the task: it is known to, or it takes a
// context to where nobody can see, within the programs that know the runtime.
func (c *checker) mayWait(called call) bool {
	if f := called.callee; f != nil && c.effectOf(f)&waits != 0 {
		return true
	}
	return c.isOpaque(called) && c.passesContext(called.expr)
}

// isOpaque tells whether a call goes to code that may wait and cannot be seen: a
// function value, or a method of an interface of a package that knows the runtime.
func (c *checker) isOpaque(called call) bool {
	if called.callee == nil {
		tv := c.TypesInfo.Types[called.expr.Fun]
		_, isLit := ast.Unparen(called.expr.Fun).(*ast.FuncLit)
		return !tv.IsType() && !tv.IsBuiltin() && !isLit
	}
	recv := called.callee.Signature().Recv()
	if recv == nil || !types.IsInterface(recv.Type()) || called.callee.Pkg() == nil {
		return false
	}
	return called.callee.Pkg() == c.Pkg || c.ImportPackageFact(called.callee.Pkg(), new(onRuntime))
}

func (c *checker) passesContext(e *ast.CallExpr) bool {
	sig, ok := c.TypesInfo.TypeOf(e.Fun).(*types.Signature)
	if !ok {
		sig, ok = c.TypesInfo.TypeOf(e.Fun).Underlying().(*types.Signature)
	}
	return ok && takesContext(sig)
}
