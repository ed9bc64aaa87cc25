package tidy

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// longest is how many lines a function may have: what fits on a screen.
const longest = 70

func TestFunctionsFitOnAScreen(t *testing.T) {
	eachSource(t, notTest, func(s source) { // a test is as long as its list of subtests
		for _, d := range s.syntax.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			lines := files.Position(f.End()).Line - files.Position(f.Pos()).Line + 1
			if lines > longest {
				t.Errorf("%s: %s has %d lines: %d fit on a screen; take a part out that has a name", at(f), f.Name.Name, lines, longest)
			}
		}
	})
}

func TestExportedNamesAreDocumented(t *testing.T) {
	eachSource(t, func(s source) bool { return !s.isTest() && s.syntax.Name.Name != "main" }, func(s source) {
		for _, d := range s.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				checkFunc(t, d)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					checkSpec(t, d, spec)
				}
			}
		}
	})
}

// wellKnown are methods that say what they do by their names: every reader knows
// their contracts from the standard library.
const wellKnown = " Error String Unwrap "

func checkFunc(t *testing.T, d *ast.FuncDecl) {
	t.Helper()
	if d.Recv != nil && (!exportedReceiver(d.Recv.List[0].Type) || strings.Contains(wellKnown, " "+d.Name.Name+" ")) {
		return
	}
	if d.Name.IsExported() && d.Doc == nil {
		t.Errorf("%s: %s has no comment", at(d), d.Name.Name)
	}
}

// exportedReceiver tells whether the methods of a type can be seen.
func exportedReceiver(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.StarExpr:
		return exportedReceiver(e.X)
	case *ast.IndexExpr:
		return exportedReceiver(e.X)
	case *ast.IndexListExpr:
		return exportedReceiver(e.X)
	case *ast.Ident:
		return e.IsExported()
	}
	return false
}

// checkSpec wants a comment above the name, behind it, or above its whole group.
func checkSpec(t *testing.T, d *ast.GenDecl, spec ast.Spec) {
	t.Helper()
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if spec.Name.IsExported() && spec.Doc == nil && (d.Doc == nil || d.Lparen.IsValid()) {
			t.Errorf("%s: type %s has no comment", at(spec), spec.Name.Name)
		}
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			grouped := d.Doc != nil || d.Tok == token.CONST && enumerates(d)
			if name.IsExported() && spec.Doc == nil && spec.Comment == nil && !grouped {
				t.Errorf("%s: %s has no comment", at(spec), name.Name)
			}
		}
	}
}

// enumerates tells that the group is the list of a type's values, which the
// type's comment explains.
func enumerates(d *ast.GenDecl) bool {
	first, ok := d.Specs[0].(*ast.ValueSpec)
	return ok && first.Type != nil
}
