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
	return written(codeOf(t.body.source()))
}

// codeOf is where the code of a function begins, or 0 where fn is none.
func codeOf(fn any) uintptr {
	v := reflect.ValueOf(fn)
	if v.Kind() != reflect.Func || v.IsNil() {
		return 0
	}
	return v.Pointer()
}

// written is where the function is written whose code begins there.
func written(code uintptr) (file string, line int, function string) {
	f := runtime.FuncForPC(code)
	if code == 0 || f == nil {
		return "", 0, ""
	}
	file, line = f.FileLine(code)
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
