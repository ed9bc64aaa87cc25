package vet

import (
	"go/types"
	"strings"
)

// effect is a fact about a function: what it does to the loop, itself or through
// what it calls.
type effect struct {
	Bits     effects
	Handover handover // of the functions it is given
}

// AFact implements [analysis.Fact].
func (*effect) AFact() {}

// String is what the tests of facts compare.
func (e *effect) String() string {
	s := e.Bits.String()
	if e.Handover.Threads != 0 {
		s += ", takes to a thread"
	}
	return strings.TrimPrefix(s, ", ")
}

type effects uint8

const (
	waits     effects = 1 << iota // it may suspend the task
	schedules                     // it decides who runs next: wakes, creates, sends, cancels, sets a timer
	needsLoop                     // it works on a loop only
	starts                        // it runs a loop, and so is outside of one, whatever it prepares there
)

// String names what is set.
func (e effects) String() string {
	s := ""
	for i, name := range []string{"waits", "schedules", "needs a loop", "starts a loop"} {
		if e&(1<<i) != 0 {
			if s != "" {
				s += ", "
			}
			s += name
		}
	}
	return s
}

// onRuntime is a fact about a package: it knows package asyncio, so that its
// functions that take a context may wait.
type onRuntime struct{}

// AFact implements [analysis.Fact].
func (*onRuntime) AFact() {}

// String is what the tests of facts compare.
func (*onRuntime) String() string { return "onRuntime" }

// seeds are what the effects begin with: where package asyncio suspends a task, puts
// one into the ready queue, or refuses whoever is on no loop.
var seeds = map[string]effects{
	"taskCore.park":    waits | needsLoop,
	"taskCore.giveWay": waits | needsLoop,
	"WaitQueue.Park":   waits | needsLoop,
	"checkpoint":       waits | needsLoop,
	"readyQueue.push":  schedules,
	"timerHeap.start":  schedules,
	"mustLoop":         needsLoop,
	"admit":            needsLoop,
	"Loop.checkOnLoop": needsLoop,
}

// doors are functions of package asyncio through which others come to a loop: they
// run on none, whatever is behind them.
var doors = map[string]effects{
	"Run":                           starts,
	"RunValue":                      starts,
	"Loop.Run":                      starts,
	"Loop.Close":                    0,
	"Submit":                        0,
	"LoopHandle.CallSoonThreadsafe": 0,
	"LoopHandle.Close":              0,
	"RunningLoop":                   0,
	"scope.Done":                    0,
	"scope.Err":                     0,
	"scope.AfterFunc":               0,
	"scope.Value":                   0,
}

// door tells whether a function is one.
func door(f *types.Func) (e effects, ok bool) {
	switch pathOf(f) {
	case runtime:
		e, ok = doors[qualified(f)]
	case runtime + "/sim":
		// Check, Run, Fuzz and what is like them: they make worlds.
		first := f.Signature().Params()
		ok = f.Signature().Recv() == nil && first.Len() > 0 && isTesting(first.At(0).Type())
		e = starts
	}
	return e, ok
}

// isTesting tells whether t is what a test gets from package testing.
func isTesting(t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	return isNamed(t, "testing", "TB") || isNamed(t, "testing", "T") || isNamed(t, "testing", "F")
}

// qualified is a function's name with that of its receiver: "Lock.Acquire".
func qualified(f *types.Func) string {
	recv := f.Signature().Recv()
	if recv == nil {
		return f.Name()
	}
	return typeName(recv.Type()) + "." + f.Name()
}

// typeName is the name of a named type or of what a pointer to one points to.
func typeName(t types.Type) string {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// pathOf is the path of the package that a function is from; "" for methods such as
// error's.
func pathOf(f *types.Func) string {
	if f.Pkg() == nil {
		return ""
	}
	return f.Pkg().Path()
}

// effectOf is what is known about a function so far.
func (c *checker) effectOf(f *types.Func) effects {
	if f == nil {
		return 0
	}
	if e, ok := door(f); ok {
		return e
	}
	if f.Pkg() == c.Pkg {
		return c.known[f]
	}
	var e effect
	if pathOf(f) != "" && c.ImportObjectFact(f, &e) {
		return e.Bits
	}
	return 0
}

// infer finds the effects of the package's functions and exports them.
func (c *checker) infer() {
	c.known = map[*types.Func]effects{}
	for changed := true; changed; {
		changed = false
		for _, n := range c.nodes {
			changed = c.learn(n) || changed
		}
		for _, i := range c.interfaces {
			changed = c.learnInterface(i) || changed
		}
	}
	for f, h := range c.handovers {
		c.exportEffect(f, effect{c.known[f], h})
	}
	for _, i := range c.interfaces {
		c.exportEffect(i.method, effect{Bits: c.known[i.method]})
	}
}

func (c *checker) exportEffect(f *types.Func, e effect) {
	if e != (effect{}) {
		c.ExportObjectFact(f, &e)
	}
}

// learn adds up what a function calls and tells whether that was news.
func (c *checker) learn(n *node) bool {
	e := n.effects
	for _, called := range n.calls {
		e |= c.effectOf(called.callee)
	}
	for _, inner := range n.inner {
		if inner.kind == inline || inner.kind == iterator {
			e |= inner.effects
		}
	}
	if n.fn != nil {
		if c.Pkg.Path() == runtime {
			e |= seeds[qualified(n.fn)]
		}
		if through, ok := door(n.fn); ok {
			e = through
		}
	}
	if e&starts != 0 {
		e = starts
	}
	if n.fn != nil {
		c.known[n.fn] = e
	}
	news := e != n.effects
	n.effects = e
	return news
}

// implementation is a method of an interface of the package, and one that it may
// turn out to be.
type implementation struct{ method, by *types.Func }

func (c *checker) learnInterface(i implementation) bool {
	before := c.known[i.method]
	c.known[i.method] |= c.effectOf(i.by)
	return c.known[i.method] != before
}

// findImplementations pairs the methods of the package's interfaces with those of
// its types.
func (c *checker) findImplementations() {
	var ifaces []*types.Interface
	var concrete []*types.Named
	scope := c.Pkg.Scope()
	for _, name := range scope.Names() {
		obj, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || obj.IsAlias() {
			continue
		}
		named, ok := obj.Type().(*types.Named)
		if !ok || named.TypeParams().Len() > 0 {
			continue
		}
		if i, ok := named.Underlying().(*types.Interface); ok {
			ifaces = append(ifaces, i)
		} else {
			concrete = append(concrete, named)
		}
	}
	for _, i := range ifaces {
		for _, t := range concrete {
			c.pair(i, t)
		}
	}
}

func (c *checker) pair(i *types.Interface, t *types.Named) {
	if i.NumMethods() == 0 || !types.Implements(types.NewPointer(t), i) {
		return
	}
	for m := range i.ExplicitMethods() {
		obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(t), true, c.Pkg, m.Name())
		if by, ok := obj.(*types.Func); ok {
			c.interfaces = append(c.interfaces, implementation{m, by.Origin()})
		}
	}
}
