package tidy

import (
	"go/ast"
	"strings"
	"testing"
)

// Every function that a package for users exports is called in an example, where
// pkg.go.dev shows it.
func TestEveryExportedFunctionIsInAnExample(t *testing.T) {
	for dir, name := range map[string]string{".": "asyncio", "aionet": "aionet", "aiohttp": "aiohttp", "aioexec": "aioexec", "aiofs": "aiofs", "sim": "sim", "console/prometheus": "prometheus", "console/otel": "otel"} {
		shown := map[string]bool{}
		eachSource(t, func(s source) bool { return s.isTest() && s.dir() == dir }, func(s source) {
			for _, d := range s.syntax.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok || !strings.HasPrefix(f.Name.Name, "Example") && !strings.HasPrefix(s.name, "example_") {
					continue
				}
				for _, sel := range selectors(f, name) {
					shown[sel.Sel.Name] = true
				}
			}
		})
		eachSource(t, func(s source) bool { return !s.isTest() && s.dir() == dir }, func(s source) {
			for _, d := range s.syntax.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.IsExported() && !shown[f.Name.Name] {
					t.Errorf("%s: %s is in no example", at(f), f.Name.Name)
				}
			}
		})
	}
}
