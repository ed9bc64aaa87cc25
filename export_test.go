package asyncio

import "context"

// ScopeDepth is the number of scopes from ctx up, itself included.
func ScopeDepth(ctx context.Context) (n int) {
	s, _ := resolve(ctx)
	for ; s != nil; s = s.up {
		n++
	}
	return n
}

// Remnants is the number of scopes that stand in the tree for ended tasks.
func Remnants(ctx context.Context) int { return len(RunningLoop(ctx).remnants.list) }

// Bridges is the number of contexts of the standard library that the loop watches.
func Bridges(ctx context.Context) int { return RunningLoop(ctx).bridges.n }

// SetGeneration makes gen the generation of the loop's latest owner of a descriptor, so
// that a test need not open four thousand million of them.
func SetGeneration(ctx context.Context, gen uint32) { RunningLoop(ctx).owners.generation = gen }

// StackOf is how deep the stack of a suspended task is. It is for callbacks.
func StackOf(t AnyTask) int { return len(t.core().stack()) }

// Traced tells whether the loop writes to a trace of the Go runtime.
func Traced(ctx context.Context) bool { return RunningLoop(ctx).tracer != nil }

// Pace is how many steps a coarse recording lets pass until it looks at the clock again.
var Pace = pace

// SetTasks makes n the number of the latest task, so that a test need not make as many.
func SetTasks(ctx context.Context, n uint64) { RunningLoop(ctx).lastTask = n }
