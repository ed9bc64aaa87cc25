package vet

import (
	"go/ast"
	"go/types"
)

// place is where a function runs, as far as that is certain.
type place uint8

const (
	nowhere  place = iota // not on a loop, or nobody can tell
	onThread              // in a ToThread
	onLoop
)

// locate finds out where the functions run. It begins with those that must be on a
// loop and follows closures and calls until nothing is new.
func (c *checker) locate() {
	for _, n := range c.nodes {
		n.place = c.origin(n)
	}
	for _, n := range c.nodes {
		if n.kind == captured && n.effects&^starts != 0 && !takesContext(n.sig) {
			c.placeOwners(n)
		}
	}
	for changed := true; changed; {
		changed = false
		for _, n := range c.nodes {
			if p := c.follow(n); p > n.place {
				n.place, changed = p, true
			}
		}
	}
}

// origin is what a function's own calls and uses say.
func (c *checker) origin(n *node) place {
	switch {
	case n.kind == goroutine, n.effects&starts != 0:
		return nowhere
	case n.kind == thread:
		return onThread
	case n.kind == task, n.effects != 0:
		return onLoop
	}
	for _, r := range n.refs {
		if r.kind == task {
			return onLoop
		}
	}
	return nowhere
}

// follow is what the surroundings of a closure say, or the callers of a function
// that has no others.
func (c *checker) follow(n *node) place {
	if n.effects&starts != 0 {
		return nowhere
	}
	if n.fn == nil {
		if n.outer != nil && (n.kind == captured || n.kind == inline || n.kind == iterator) {
			return n.outer.place
		}
		return nowhere
	}
	if n.fn.Exported() && (c.Pkg.Name() != "main" || n.sig.Recv() != nil) || n.fn.Name() == "main" || n.fn.Name() == "init" {
		return nowhere
	}
	p := nowhere
	for _, r := range n.refs {
		from := nowhere
		switch {
		case r.inTest && !c.inTest(n.body):
			continue // a test calls what it likes
		case r.kind == thread:
			from = onThread
		case r.kind == task:
			from = onLoop
		case r.kind == declared && r.from != nil:
			from = r.from.place
		}
		if from == nowhere {
			return nowhere
		}
		p = max(p, from)
	}
	return p
}

// placeOwners puts the functions on the loop whose contexts a closure waits with.
func (c *checker) placeOwners(n *node) {
	ast.Inspect(n.body, func(x ast.Node) bool {
		id, ok := x.(*ast.Ident)
		if !ok {
			return true
		}
		v, ok := c.TypesInfo.Uses[id].(*types.Var)
		if !ok || !isContext(v.Type()) {
			return true
		}
		for o := n.outer; o != nil; o = o.outer {
			if o.kind != goroutine && o.kind != thread && hasParam(o.sig, v) {
				o.place = onLoop
			}
		}
		return true
	})
}

func hasParam(sig *types.Signature, v *types.Var) bool {
	for p := range sig.Params().Variables() {
		if p == v {
			return true
		}
	}
	return false
}

func takesContext(sig *types.Signature) bool {
	for p := range sig.Params().Variables() {
		if isContext(p.Type()) {
			return true
		}
	}
	return false
}

func isContext(t types.Type) bool { return isNamed(t, "context", "Context") }

// isNamed tells whether t is the type of that name.
func isNamed(t types.Type, path, name string) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == name && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == path
}
