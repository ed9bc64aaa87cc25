package tidy

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func readPage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// required is a module that go.mod asks for, and not because another one does.
var required = regexp.MustCompile(`(?m)^\s+(\S+) v\S+$`)

// Each module that this one asks for has its reason in docs/DEPENDENCIES.md.
func TestEveryDependencyHasItsReason(t *testing.T) {
	page := readPage(t, "docs/DEPENDENCIES.md")
	modules := required.FindAllStringSubmatch(readPage(t, "go.mod"), -1)
	if len(modules) == 0 {
		t.Fatal("go.mod asks for no module: this test looks in the wrong way")
	}
	for _, m := range modules {
		if !strings.Contains(page, "`"+m[1]+"`") {
			t.Errorf("docs/DEPENDENCIES.md does not say why %s is needed", m[1])
		}
	}
}

// The pages name every package, so that a reader finds his way: those of users in
// docs/DESIGN.md, all of them in docs/ARCHITECTURE.md.
func TestThePagesNameEveryPackage(t *testing.T) {
	design, architecture := readPage(t, "docs/DESIGN.md"), readPage(t, "docs/ARCHITECTURE.md")
	seen := map[string]bool{}
	eachSource(t, notTest, func(s source) {
		dir := s.dir()
		if seen[dir] || dir == "." || strings.HasPrefix(dir, "cmd/") || strings.HasPrefix(dir, "examples/") {
			return
		}
		seen[dir] = true
		name := dir
		if strings.HasPrefix(dir, "internal/") {
			name = "internal/" + strings.Split(dir, "/")[1]
		}
		if strings.HasPrefix(dir, "sim/internal/") {
			name = strings.TrimPrefix(dir, "sim/internal/")
		}
		if !strings.Contains(design, name) {
			t.Errorf("docs/DESIGN.md does not name package %s", dir)
		}
		if !strings.Contains(architecture, name) {
			t.Errorf("docs/ARCHITECTURE.md does not name package %s", dir)
		}
	})
}

// filePattern is a file, or several with a star, in docs/ARCHITECTURE.md.
var filePattern = regexp.MustCompile("`([a-z/_*0-9]+\\.go)`")

// A file of the packages of the network that docs/ARCHITECTURE.md names, or a pattern
// of such, is there. A name without a folder is of the row's folder.
func TestTheFilesOfTheNetworkThatTheArchitectureNamesExist(t *testing.T) {
	looked := 0
	for _, row := range regexp.MustCompile("(?m)^\\| `.*$").FindAllString(readPage(t, "docs/ARCHITECTURE.md"), -1) {
		folder := ""
		for _, m := range filePattern.FindAllStringSubmatch(row, -1) {
			if dir := path.Dir(m[1]); dir != "." {
				folder = dir
			}
			if !strings.HasPrefix(folder, "aio") {
				continue
			}
			looked++
			p := path.Join(folder, path.Base(m[1]))
			if found, err := filepath.Glob(filepath.Join(root, p)); err != nil || len(found) == 0 {
				t.Errorf("docs/ARCHITECTURE.md names %s, which is not there", p)
			}
		}
	}
	if looked == 0 {
		t.Error("docs/ARCHITECTURE.md names no file of the network: this test looks in the wrong way")
	}
}
