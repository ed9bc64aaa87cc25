// Package vet finds, in programs that run on package asyncio, what makes one run
// differ from the next, so that the programs can be simulated: the order of a map,
// the real clock, global randomness, goroutines, files and sockets that belong to no
// world. docs/VET.md lists the rules.
//
// It looks only at code that runs on a loop. Which that is follows from the calls:
// a fact is exported for each function that waits, schedules or needs a loop, and
// who calls one of those is on the loop, with its closures and with the functions
// that nobody else calls. Where it cannot tell, it is silent: what it says is to be
// worth reading.
package vet

import (
	"cmp"
	"go/ast"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Analyzer reports what makes programs on the loop differ from run to run.
var Analyzer = &analysis.Analyzer{
	Name:      "asyncio",
	Doc:       "report what makes a program on the asyncio loop differ from run to run\n\n" + summary(),
	URL:       "https://github.com/goasyncio/asyncio/blob/main/docs/VET.md",
	Run:       run,
	FactTypes: []analysis.Fact{new(effect), new(onRuntime), new(leaks)},
}

// settings are the analyzer's flags.
var settings struct {
	tests   bool
	without ruleList
}

func init() {
	Analyzer.Flags.BoolVar(&settings.tests, "tests", false, "report also what is in _test.go files")
	Analyzer.Flags.Var(&settings.without, "without", "leave out these `rules`, with commas between them")
}

// runtime is the path of package asyncio.
const runtime = "github.com/goasyncio/asyncio"

// isRuntime tells whether a package is part of what users import: functions given to
// it run on a loop.
func isRuntime(path string) bool {
	if path == runtime {
		return true
	}
	rest, inside := strings.CutPrefix(path, runtime+"/")
	first, _, _ := strings.Cut(rest, "/")
	return inside && first != "examples" && first != "cmd" && first != "bench" && first != "conformance" && first != "internal"
}

// isBelow tells whether a package is the runtime or part of it: there the system, its
// goroutines and its clock are what it is made of, and nothing is reported.
func isBelow(path string) bool {
	rest, inside := strings.CutPrefix(path, runtime+"/internal/")
	return isRuntime(path) || inside && !strings.HasPrefix(rest, "vet/testdata/")
}

// checker is the work on one package.
type checker struct {
	*analysis.Pass
	graph
	ok    directives
	leaky map[*node]leaks
	found []analysis.Diagnostic
}

func run(pass *analysis.Pass) (any, error) {
	c := &checker{Pass: pass}
	if c.isStandard() {
		return nil, nil
	}
	c.build()
	concerned := c.concerned()
	if concerned {
		pass.ExportPackageFact(new(onRuntime))
		c.infer()
		if isBelow(pass.Pkg.Path()) {
			return nil, nil
		}
		c.locate()
	}
	c.ok = c.collectDirectives()
	c.findLeaks()
	if concerned {
		c.reportAll()
	}
	return nil, nil
}

// reportAll looks at each function and reports what is found, in the order of the
// lines.
func (c *checker) reportAll() {
	for _, n := range c.nodes {
		if n.place != nowhere && c.wanted(n.body) {
			c.check(n)
		}
	}
	c.reportLeaks()
	c.reportDirectives()
	slices.SortStableFunc(c.found, func(a, b analysis.Diagnostic) int { return cmp.Compare(a.Pos, b.Pos) })
	for _, d := range c.found {
		c.Pass.Report(d)
	}
}

// concerned tells whether the package knows the runtime, itself or through others.
func (c *checker) concerned() bool {
	if c.Pkg.Path() == runtime {
		return true
	}
	for _, p := range c.Pkg.Imports() {
		if c.ImportPackageFact(p, new(onRuntime)) {
			return true
		}
	}
	return false
}

// wanted tells whether findings at n are to be reported.
func (c *checker) wanted(n ast.Node) bool { return settings.tests || !c.inTest(n) }

func (c *checker) inTest(n ast.Node) bool {
	return strings.HasSuffix(c.Fset.Position(n.Pos()).Filename, "_test.go")
}

// check looks at one function.
func (c *checker) check(n *node) {
	c.checkUses(n)
	c.checkFormats(n)
	c.checkMaps(n)
	if n.place == onLoop {
		c.checkChannels(n)
		c.checkLocks(n)
	}
}
