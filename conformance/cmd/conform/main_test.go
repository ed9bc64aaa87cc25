package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	right = `{"id":1,"main":[["log","a"]],"trace":[[0,"main","start"],[0,"main","a"],[0,"main","end"]]}` + "\n"
	wrong = `{"id":2,"main":[["log","a"]],"trace":[[0,"main","start"],[0,"main","b"],[0,"main","end"]]}` + "\n"
)

// conform runs the command on this input as its file.
func conform(t *testing.T, input string, args ...string) (status int, out, complaint string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cases.jsonl")
	if err := os.WriteFile(file, []byte(input), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	status = run(append(args, "-cases", file), nil, &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

func TestAllEqual(t *testing.T) {
	status, out, complaint := conform(t, right+right)
	if status != 0 || out != "2 equal, 0 different\n" || complaint != "" {
		t.Errorf("status %d, output %q, complaint %q", status, out, complaint)
	}
}

func TestVerboseNamesEachCase(t *testing.T) {
	_, out, _ := conform(t, right, "-v")
	if want := "case 1 is equal, 3 rows\n1 equal, 0 different\n"; out != want {
		t.Errorf("output %q, want %q", out, want)
	}
}

func TestADifferenceIsShownAndCounted(t *testing.T) {
	status, out, _ := conform(t, right+wrong+right)
	if status != 1 {
		t.Errorf("status %d, want 1", status)
	}
	for _, want := range []string{
		"case 2 (line 2) differs at row 2:\n",
		"        0  main   start\n", // the row before
		"  -     0  main   b\n",
		"  +     0  main   a\n",
		"2 equal, 1 different\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("output lacks %q:\n%s", want, out)
		}
	}
}

func TestATraceThatEndsTooEarlyIsShown(t *testing.T) {
	_, out, _ := conform(t, strings.Replace(right, `,[0,"main","end"]`, "", 1))
	if !strings.Contains(out, "  - (ends here)\n  +     0  main   end\n") {
		t.Errorf("output:\n%s", out)
	}
}

func TestBadInputHasStatus2(t *testing.T) {
	for name, c := range map[string]struct{ input, want string }{
		"a bad line tells its number":  {right + "{", "cases.jsonl: line 2: not a case"},
		"a bad statement too":          {right + strings.Replace(right, "log", "dance", 1), `line 2: case 1: unknown operation "dance"`},
		"an empty file proves nothing": {"", "no cases in it"},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, complaint := conform(t, c.input)
			if status != 2 || !strings.Contains(complaint, c.want) {
				t.Errorf("status %d, complaint %q, want one with %q", status, complaint, c.want)
			}
		})
	}
}

func TestUsage(t *testing.T) {
	for name, c := range map[string]struct {
		args   []string
		status int
		want   string
	}{
		"no file":      {nil, 2, "conform -cases FILE"},
		"stray words":  {[]string{"-cases", "x", "y"}, 2, "conform -cases FILE"},
		"unknown flag": {[]string{"-fast"}, 2, "-fast"},
		"missing file": {[]string{"-cases", filepath.Join(t.TempDir(), "none")}, 2, "none"},
		"help":         {[]string{"-h"}, 0, "-cases"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if status := run(c.args, nil, &stdout, &stderr); status != c.status || !strings.Contains(stderr.String(), c.want) {
				t.Errorf("status %d, complaint %q, want %d and %q", status, stderr.String(), c.status, c.want)
			}
		})
	}
}

func TestStandardInput(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if status := run([]string{"-cases", "-"}, strings.NewReader(right), &stdout, &stderr); status != 0 {
		t.Errorf("status %d: %s%s", status, stdout.String(), stderr.String())
	}
}
