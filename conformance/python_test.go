package conformance_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/conformance"
	"github.com/goasyncio/asyncio/internal/cpython"
)

// TestLanguageIsCPythons puts the sentences of TestLanguage to CPython: what
// they promise must be what it does.
func TestLanguageIsCPythons(t *testing.T) {
	python := requirePython(t)
	var names []string
	var input bytes.Buffer
	for name, s := range language {
		names = append(names, name)
		input.WriteString(program(s.objects, s.coro, s.main) + "\n")
	}
	answers := conformance.Cases(reference(t, python, &input, "run"))
	i := 0
	for c, err := range answers {
		if err != nil {
			t.Fatal(err)
		}
		if got, want := gist(c.Trace), strings.Join(language[names[i]].want, "\n"); got != want {
			t.Errorf("%s: CPython gives\n%s\nand the sentence promises\n%s", names[i], got, want)
		}
		i++
	}
	if i != len(names) {
		t.Errorf("CPython answered %d of %d", i, len(names))
	}
}

// TestTheCommittedTracesAreCPythons replays some committed cases on the CPython
// that is here: a newer version that decides otherwise must not go unseen.
func TestTheCommittedTracesAreCPythons(t *testing.T) {
	python := requirePython(t)
	data, err := os.ReadFile("testdata/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(data, []byte("\n"))[:50]
	answers := conformance.Cases(reference(t, python, bytes.NewBuffer(bytes.Join(lines, nil)), "run"))
	i := 0
	for c, err := range answers {
		var want conformance.Case
		if err := json.Unmarshal(lines[i], &want); err != nil {
			t.Fatal(err)
		}
		if i++; err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(want.Trace, c.Trace) {
			t.Errorf("case %s: %s gives another trace than the committed one", c.Name(), python)
		}
	}
	if i != len(lines) {
		t.Errorf("CPython answered %d of %d", i, len(lines))
	}
}

// generate makes fresh cases.
func generate(t *testing.T, python string, count, seed int) *bytes.Buffer {
	t.Helper()
	return reference(t, python, nil, "gen", strconv.Itoa(count), strconv.Itoa(seed))
}

// reference runs the reference implementation. On standard error it tells how
// many cases it dropped and why, which matters only where it fails.
func reference(t *testing.T, python string, input *bytes.Buffer, args ...string) *bytes.Buffer {
	t.Helper()
	var out, complaints bytes.Buffer
	cmd := exec.Command(python, append([]string{"reference.py"}, args...)...)
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if input != nil {
		cmd.Stdin = input
	}
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, complaints.Bytes())
	}
	return &out
}

func requirePython(t *testing.T) string {
	t.Helper()
	python := cpython.Find()
	if python == "" {
		t.Skip("no CPython 3.13 or later in PATH, $PYENV_ROOT or ~/.pyenv")
	}
	return python
}
