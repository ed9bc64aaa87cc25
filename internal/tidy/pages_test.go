package tidy

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ruleLine is where docs/DESIGN.md states a rule.
var ruleLine = regexp.MustCompile(`(?m)^- ([SCLTN][0-9]+)\. `)

// Every rule has a test that carries its number.
func TestEveryRuleHasATest(t *testing.T) {
	design, err := os.ReadFile(filepath.Join(root, "docs", "DESIGN.md"))
	if err != nil {
		t.Fatal(err)
	}
	rules := ruleLine.FindAllStringSubmatch(string(design), -1)
	if len(rules) < 20 {
		t.Fatalf("docs/DESIGN.md has only %d rules: this test looks in the wrong way", len(rules))
	}
	names := slices.Concat(testNames(t, "."), testNames(t, "aionet"), testNames(t, "sim"))
	inConformance := testNames(t, "conformance")
	for _, r := range rules {
		id := r[1]
		if !names.has("TestRule"+id) && !inConformance.has("Test"+id+"_") {
			t.Errorf("rule %s has no test: write a func TestRule%s… in the root package, in aionet or in sim", id, id)
		}
	}
}

type nameList []string

func (l nameList) has(prefix string) bool {
	for _, name := range l {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func testNames(t *testing.T, dir string) (names nameList) {
	t.Helper()
	eachSource(t, func(s source) bool { return s.isTest() && s.dir() == dir }, func(s source) {
		for _, d := range s.syntax.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				names = append(names, f.Name.Name)
			}
		}
	})
	return names
}

// code is what a page quotes: brackets in it are no links.
var code = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")

// link is a link or a picture of Markdown or of HTML that is not to another site.
var link = regexp.MustCompile(`(?:\]\(|src="|srcset="|href=")([^)"#\s]+)`)

func TestThePagesLinkToWhatIsThere(t *testing.T) {
	links := 0
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllSubmatch(code.ReplaceAll(text, nil), -1) {
			target := string(m[1])
			if strings.Contains(target, "://") {
				continue
			}
			links++
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), target)); err != nil {
				t.Errorf("%s links to %s, which is not there", page, target)
			}
		}
	}
	if links == 0 {
		t.Error("no page has a link: this test looks in the wrong way")
	}
}

// goRun is a command on a package of this module that a page speaks of.
var goRun = regexp.MustCompile(`go (?:run|test|build|vet) (?:-[a-z=]+ )*(\./[a-z/]+[a-z])`)

// A command that a page prints must at least name something that is there.
func TestTheCommandsOfThePagesNamePackagesThatAreThere(t *testing.T) {
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range goRun.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
				t.Errorf("%s says %q, and there is no %s", page, m[0], m[1])
			}
		}
	}
}

func pages(t *testing.T) (all []string) {
	t.Helper()
	for _, pattern := range []string{"*.md", "docs/*.md", "conformance/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

// named is a test that a page names as the guard of something.
var named = regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w+)`")

func TestTheTestsThatThePagesNameExist(t *testing.T) {
	exist := map[string]bool{}
	eachSource(t, source.isTest, func(s source) {
		for _, d := range s.syntax.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				exist[f.Name.Name] = true
			}
		}
	})
	mentions := 0
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			mentions++
			if !exist[m[1]] {
				t.Errorf("%s names %s, which is not there", page, m[1])
			}
		}
	}
	if mentions == 0 {
		t.Error("no page names a test: this test looks in the wrong way")
	}
}

// file is a Go file of the root package, or a folder of internal, that a page names.
var file = regexp.MustCompile("`([a-z_]+\\.go|internal/[a-z]+)`")

func TestTheFilesThatThePagesNameExist(t *testing.T) {
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range file.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
				t.Errorf("%s names %s, which is not there", page, m[1])
			}
		}
	}
}
