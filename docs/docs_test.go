// Package docs has the test that keeps the programs in the documents honest.
package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/internal/cpython"
)

// lesson is a program in two languages and what both print.
type lesson struct{ title, python, golang, output string }

// lessons reads them from the document: a heading, then three blocks of code.
func lessons(t *testing.T) (all []lesson) {
	t.Helper()
	text, err := os.ReadFile("from-python.md")
	if err != nil {
		t.Fatal(err)
	}
	for section := range strings.SplitSeq(string(text), "\n## ") {
		title, rest, _ := strings.Cut(section, "\n")
		if strings.Contains(rest, "```go\n") {
			all = append(all, lesson{title, block(t, rest, "python"), block(t, rest, "go"), block(t, rest, "text")})
		}
	}
	return all
}

func block(t *testing.T, section, language string) string {
	t.Helper()
	_, rest, found := strings.Cut(section, "```"+language+"\n")
	code, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatalf("no block of %s in %.60q", language, section)
	}
	return code
}

func TestTheLessonsPrintTheSameInBothLanguages(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs and runs them in real time")
	}
	all := lessons(t)
	if len(all) != 3 {
		t.Errorf("found %d lessons, want 3", len(all))
	}
	python := cpython.Find()
	for _, l := range all {
		t.Run(l.title+" in Go", func(t *testing.T) { l.expect(t, "main.go", l.golang, "go", "run") })
		t.Run(l.title+" in Python", func(t *testing.T) {
			if python == "" {
				t.Skip("no CPython 3.13 or later in PATH, $PYENV_ROOT or ~/.pyenv")
			}
			l.expect(t, "main.py", l.python, python)
		})
	}
}

// expect runs the program and compares what it prints.
func (l lesson) expect(t *testing.T, name, code string, command ...string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(command[0], append(command[1:], file)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got := normal(string(out)); got != l.output {
		t.Errorf("prints\n%s\nand the document says\n%s", got, l.output)
	}
}

// normal writes lists as Go does, and ends of lines as Unix does.
func normal(output string) string {
	output = strings.ReplaceAll(output, "\r\n", "\n")
	return strings.ReplaceAll(output, ", ", " ")
}

// TestTheGoProgramsAreFormatted: what is copied from a document should pass a
// reviewer.
func TestTheGoProgramsAreFormatted(t *testing.T) {
	for _, l := range lessons(t) {
		cmd := exec.Command("gofmt")
		cmd.Stdin = strings.NewReader(l.golang)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", l.title, err)
		}
		if string(out) != l.golang {
			t.Errorf("%s: not as gofmt writes it", l.title)
		}
	}
}
