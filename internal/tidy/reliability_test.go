package tidy

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	// caseList is where docs/RELIABILITY.md says which cases there are.
	caseList = regexp.MustCompile(`(?m)^The list: (.*?)\. `)
	caseSpan = regexp.MustCompile(`([A-Z])1–[A-Z]([0-9]+)`)
	// caseRow is a case: its ID, what it is about, and what covers it.
	caseRow = regexp.MustCompile(`(?m)^\| ([A-Z][0-9]+) \| (.+?) \| (.+) \|$`)
	// caseTest is the name of a test, with those of its subtests behind slashes.
	caseTest = regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w+(?:/[^`]+)?)`")
)

// Every case of reliability has a row, and the row names tests that are there, with
// their subtests, or says why there is none.
func TestEveryCaseOfReliabilityIsCovered(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "RELIABILITY.md"))
	if err != nil {
		t.Fatal(err)
	}
	cases := casesOf(t, string(page))
	tests, texts := testsByFolder(t)
	for _, m := range caseRow.FindAllStringSubmatch(string(page), -1) {
		id, covered := m[1], m[3]
		if !cases[id] {
			t.Errorf("%s has two rows, or is not in the list", id)
		}
		delete(cases, id)
		names := caseTest.FindAllStringSubmatch(covered, -1)
		if len(names) == 0 && !strings.HasPrefix(covered, "none: ") {
			t.Errorf("%s names no test and does not say why: %q", id, covered)
		}
		for _, n := range names {
			if err := lookUp(n[1], tests, texts); err != nil {
				t.Errorf("%s: %v", id, err)
			}
		}
	}
	for id := range cases {
		t.Errorf("%s has no row", id)
	}
}

// casesOf is the list of cases that the page keeps.
func casesOf(t *testing.T, page string) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	list := caseList.FindStringSubmatch(page)
	if list == nil {
		t.Fatal("docs/RELIABILITY.md has no list of cases")
	}
	for _, span := range caseSpan.FindAllStringSubmatch(list[1], -1) {
		last, _ := strconv.Atoi(span[2])
		for i := range last {
			all[span[1]+strconv.Itoa(i+1)] = true
		}
	}
	if len(all) < 100 {
		t.Fatalf("the list has only %d cases: this test looks in the wrong way", len(all))
	}
	return all
}

// testsByFolder are the folders in which there is a test of a name, and the strings
// in a folder's code, of which the names of subtests are some.
func testsByFolder(t *testing.T) (tests map[string][]string, texts map[string]map[string]bool) {
	t.Helper()
	tests, texts = map[string][]string{}, map[string]map[string]bool{}
	eachSource(t, func(s source) bool { return s.isTest() || s.dir() == "asynciotest" }, func(s source) {
		for _, d := range s.syntax.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				tests[f.Name.Name] = append(tests[f.Name.Name], s.dir())
			}
		}
		if texts[s.dir()] == nil {
			texts[s.dir()] = map[string]bool{}
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil {
					texts[s.dir()][text] = true
				}
			}
			return true
		})
	})
	return tests, texts
}

// lookUp is an error where there is no such test. A subtest's name must be a string in
// the folder of the test or in the suites, which make subtests for others.
func lookUp(name string, tests map[string][]string, texts map[string]map[string]bool) error {
	path := strings.Split(name, "/")
	folders := tests[path[0]]
	if len(folders) == 0 {
		return fmt.Errorf("there is no %s", path[0])
	}
	for _, sub := range path[1:] {
		found := texts["asynciotest"][sub]
		for _, dir := range folders {
			found = found || texts[dir][sub]
		}
		if !found {
			return fmt.Errorf("%s has no subtest %q", path[0], sub)
		}
	}
	return nil
}

// Every scenario of asyncio's streams has a test with its ID, or a row that says why
// there is nothing to test.
func TestEveryScenarioOfStreamsHasATestOrARow(t *testing.T) {
	const scenarios = 23
	page, err := os.ReadFile(filepath.Join(root, "docs", "from-python.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, dir := range []string{"aionet", "aioexec"} {
		for _, name := range testNames(t, dir) {
			if rest, ok := strings.CutPrefix(name, "Test"); ok {
				for _, part := range strings.Split(rest, "_") {
					named[part] = true
				}
			}
		}
	}
	for _, row := range regexp.MustCompile(`(?m)^\| (H[0-9]{2}(?:, H[0-9]{2})*) \|`).FindAllStringSubmatch(string(page), -1) {
		for _, id := range strings.Split(row[1], ", ") {
			named[id] = true
		}
	}
	for i := range scenarios {
		if id := fmt.Sprintf("H%02d", i+1); !named[id] {
			t.Errorf("%s has neither a test in aionet or aioexec nor a row in docs/from-python.md", id)
		}
	}
}
