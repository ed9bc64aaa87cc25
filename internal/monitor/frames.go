package monitor

import (
	"runtime"
	"strings"
)

// module is the path of this module, and what lies between a task's function and the
// goroutine that it runs on.
const (
	module     = "github.com/goasyncio/asyncio"
	coroutines = module + "/internal/coro."
)

// Frames is the stack of a task, without what lies below its function.
func Frames(pcs []uintptr) (stack []Frame) {
	if len(pcs) == 0 {
		return nil
	}
	frames := runtime.CallersFrames(pcs)
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		if strings.HasPrefix(f.Function, coroutines) {
			break
		}
		stack = append(stack, Frame{Function: f.Function, File: f.File, Line: f.Line})
	}
	if n := len(stack); n > 1 && isRun(stack[n-1].Function) {
		stack = stack[:n-1]
	}
	return stack
}

// isRun tells whether that is the method by which a task calls its function.
func isRun(function string) bool {
	name, ours := strings.CutPrefix(function, module+".(*")
	return ours && (strings.HasPrefix(name, "taskBody[") || strings.HasPrefix(name, "plainTask)")) && strings.HasSuffix(name, ").Run")
}
