package tidy

import (
	"bytes"
	"errors"
	"go/ast"
	"go/importer"
	"go/types"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

// exceptions are the files of the core that may do what its other files must not,
// each with what and why. One that is not needed any more is an error too.
var exceptions = map[string]map[string]string{
	"watchdog.go": {
		"time.NewTimer":     "the watchdog stands outside the loop and measures real time",
		"select":            "it waits for its timer or its end",
		"sync.WaitGroup.Go": "it is a goroutine of its own, by design (rule T3)",
	},
	"signals.go": {
		"select":            "signals come on Go channels",
		"sync.WaitGroup.Go": "and are taken from them outside the loop",
	},
	"signalwait.go": {
		"select":            "signals come on Go channels",
		"sync.WaitGroup.Go": "and are taken from them outside the loop",
	},
	"thread.go":  {"go": "ToThread is a goroutine by definition (rule T2)"},
	"receive.go": {"go": "somebody must wait for the Go channel", "select": "for it, or for being called back"},
	"handle.go":  {"select": "Submit waits on another goroutine, not on the loop"},
	"outside.go": {"go": "a context that has ended calls back at once, on whatever goroutine asks"},
	"random.go": {
		"math/rand/v2.Rand":   "programs want random numbers that a simulation decides; the loop asks for none",
		"math/rand/v2.New":    "as above",
		"math/rand/v2.NewPCG": "its seed is the driver's",
	},
	"limiter.go": {"range over a map": "for a report, which sorts what it has found"},
	"rwlock.go":  {"range over a map": "for a report, which sorts what it has found"},
}

// banned are functions and types that the core must not use, by package (rule S6).
var banned = map[string][]string{
	"time":         {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"},
	"math/rand":    {"*"},
	"math/rand/v2": {"*"},
	"runtime":      {"SetFinalizer", "AddCleanup", "LockOSThread"},
	"sync":         {"Pool", "Cond"},
}

// The order in which a loop does things depends on nothing but its inputs (rule
// S6): no clock but the driver's, no randomness, no iteration over a map, no
// goroutine and no select in the root package.
func TestTheCoreHasNothingThatCouldChangeItsOrder(t *testing.T) {
	used := map[string]bool{}
	pkg := loadCore(t)
	for _, f := range pkg.files {
		name := strings.TrimPrefix(files.Position(f.Pos()).Filename, root+string(os.PathSeparator))
		ast.Inspect(f, func(n ast.Node) bool {
			what := forbidden(pkg.info, n)
			if what == "" {
				return true
			}
			if exceptions[name][what] == "" {
				t.Errorf("%s: %s in the core: take what you need from the driver, or name the exception and its reason in this test", at(n), what)
			}
			used[name+": "+what] = true
			return true
		})
	}
	for name, whats := range exceptions {
		for what := range whats {
			if !used[name+": "+what] {
				t.Errorf("the exception for %s in %s is not needed any more: take it off the list", what, name)
			}
		}
	}
}

// forbidden is what the node does that the core must not do, or "".
func forbidden(info *types.Info, n ast.Node) string {
	switch n := n.(type) {
	case *ast.GoStmt:
		return "go"
	case *ast.SelectStmt:
		return "select"
	case *ast.RangeStmt:
		if _, ok := info.TypeOf(n.X).Underlying().(*types.Map); ok {
			return "range over a map"
		}
	case *ast.SelectorExpr:
		return forbiddenName(info.Uses[n.Sel])
	}
	return ""
}

func forbiddenName(o types.Object) string {
	if o == nil || o.Pkg() == nil {
		return ""
	}
	if f, ok := o.(*types.Func); ok && f.FullName() == "(*sync.WaitGroup).Go" {
		return "sync.WaitGroup.Go"
	}
	if o.Parent() != o.Pkg().Scope() {
		return "" // a method or a field
	}
	names := banned[o.Pkg().Path()]
	if slices.Contains(names, "*") || slices.Contains(names, o.Name()) {
		return o.Pkg().Path() + "." + o.Name()
	}
	return ""
}

// core is the root package with its types.
type core struct {
	files []*ast.File
	info  *types.Info
}

func loadCore(t *testing.T) core {
	t.Helper()
	pkg := core{info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}}
	eachSource(t, func(s source) bool { return s.dir() == "." && !s.isTest() }, func(s source) {
		pkg.files = append(pkg.files, s.syntax)
	})
	cfg := types.Config{Importer: importer.ForCompiler(files, "gc", exportData(t))}
	if _, err := cfg.Check(module, files, pkg.files, pkg.info); err != nil {
		t.Fatal(err)
	}
	return pkg
}

// exportData finds what the compiler knows of a package.
func exportData(t *testing.T) func(path string) (io.ReadCloser, error) {
	t.Helper()
	list := sync.OnceValues(func() (map[string]string, error) {
		cmd := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}", ".")
		cmd.Dir = root
		out, err := cmd.Output()
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			t.Logf("go list: %s", failed.Stderr)
		}
		where := map[string]string{}
		for line := range bytes.Lines(out) {
			p, file, _ := strings.Cut(strings.TrimSpace(string(line)), "\t")
			where[p] = file
		}
		return where, err
	})
	return func(path string) (io.ReadCloser, error) {
		where, err := list()
		if err != nil {
			return nil, err
		}
		return os.Open(where[path])
	}
}

// selectors are the uses of a package's names, by the package's name.
func selectors(in ast.Node, pkg string) (found []*ast.SelectorExpr) {
	ast.Inspect(in, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == pkg {
				found = append(found, sel)
			}
		}
		return true
	})
	return found
}
