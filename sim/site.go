package sim

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
)

// place is where in the program of the user the caller stands.
func (t *trace) place() stay {
	var pcs [64]uintptr
	n := runtime.Callers(3, pcs[:])
	return stay{site: siteOf(pcs[:n]), stack: append([]uintptr(nil), pcs[:n]...)}
}

// siteOf is the innermost place on a stack that belongs to a program of a user, as
// file:line, or nothing.
func siteOf(pcs []uintptr) string {
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		if f.Function == module+"sim.(*World).live" {
			return "" // below is who has called Check
		}
		if f.Function != "" && !ofRuntime(f) {
			return fmt.Sprintf("%s:%d", baseOf(f.File), f.Line)
		}
		if !more {
			return ""
		}
	}
}

// baseOf is a path without its directories.
func baseOf(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// module is the path of this module, with a slash.
const module = "github.com/goasyncio/asyncio/"

// below are the packages of this module that are below the programs of users.
var below = []string{"aionet.", "aiohttp", "aioexec.", "aiofs", "sim.", "sim/internal/", "internal/"}

// ofRuntime tells whether a function is of the standard library or of this module's
// packages below the programs of users.
func ofRuntime(f runtime.Frame) bool {
	if strings.HasSuffix(f.File, "_test.go") {
		return false
	}
	if goroot != "" && strings.HasPrefix(f.File, goroot) || strings.HasPrefix(f.Function, "github.com/goasyncio/asyncio.") {
		return true
	}
	if rest, ok := strings.CutPrefix(f.Function, module); ok {
		for _, p := range below {
			if strings.HasPrefix(rest, p) {
				return true
			}
		}
		return false
	}
	first, _, _ := strings.Cut(f.Function, "/")
	return goroot == "" && !strings.HasPrefix(f.Function, "main.") && !strings.Contains(first, ".")
}

// goroot is where the sources of the standard library were when this program was built,
// or nothing where paths were trimmed.
var goroot = func() string {
	file, _ := runtime.FuncForPC(reflect.ValueOf(strings.Contains).Pointer()).FileLine(0)
	root, _ := strings.CutSuffix(file, "strings/strings.go")
	return root
}()

// stackOf is the part of a stack that belongs to a program of a user, a line for each
// function.
func stackOf(pcs []uintptr) string {
	var b strings.Builder
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		if f.Function == module+"sim.(*World).live" {
			more = false
		} else if f.Function != "" && !ofRuntime(f) {
			fmt.Fprintf(&b, "%s\n\t%s:%d\n", f.Function, f.File, f.Line)
		}
		if !more {
			return strings.TrimSuffix(b.String(), "\n")
		}
	}
}
