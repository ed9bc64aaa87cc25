package asyncio

import (
	"reflect"
	"runtime"
	"strings"
)

// rememberCreation keeps the stack of the call that creates the task.
func (t *taskCore) rememberCreation() {
	pcs := make([]uintptr, 16)
	t.moreOf().created = pcs[:runtime.Callers(3, pcs)]
}

// site is where the task was created, in debug mode, else where its function is.
func (t *taskCore) site() (file string, line int, function string) {
	if t.extra != nil && t.extra.created != nil {
		return caller(t.extra.created)
	}
	fn := reflect.ValueOf(t.body.source())
	if fn.Kind() != reflect.Func || fn.IsNil() {
		return "", 0, ""
	}
	f := runtime.FuncForPC(fn.Pointer())
	file, line = f.FileLine(f.Entry())
	return file, line, f.Name()
}

// caller is the innermost place of a stack that is outside this package.
func caller(stack []uintptr) (file string, line int, function string) {
	frames := runtime.CallersFrames(stack)
	f, more := frames.Next()
	for more && strings.HasPrefix(f.Function, ownPrefix) {
		f, more = frames.Next()
	}
	return f.File, f.Line, f.Function
}

var ownPrefix = reflect.TypeFor[Loop]().PkgPath() + "."
