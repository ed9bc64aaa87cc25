package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEachBugFitsOnePlaceOfTheSource(t *testing.T) {
	for _, b := range bugs() {
		text, err := os.ReadFile(filepath.Join("../..", b.file))
		if err != nil {
			t.Error(err)
			continue
		}
		wrong, err := b.apply(string(text))
		switch {
		case err != nil:
			t.Error(err)
		case wrong == string(text):
			t.Errorf("%s changes nothing", b.name)
		case len(b.tests) == 0:
			t.Errorf("%s has no tests that should notice", b.name)
		}
	}
}

func TestNoTwoBugsHaveOneName(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range bugs() {
		if seen[b.name] {
			t.Errorf("two bugs are called %q", b.name)
		}
		seen[b.name] = true
	}
}

func TestABugThatFitsNoPlaceOrTwoIsRefused(t *testing.T) {
	for text, want := range map[string]string{"b": "0 times", "a a": "2 times"} {
		_, err := bug{name: "x", right: "a", wrong: "c"}.apply(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("in %q: %v", text, err)
		}
	}
}

func TestTheCulpritIsReadFromTheOutput(t *testing.T) {
	for out, want := range map[string]string{
		"ok\n--- FAIL: TestX (0.1s)\n    --- FAIL: TestX/y\n":                    "TestX",
		"panic: test timed out after 3m0s\n\trunning tests:\n\t\tTestY (2m0s)\n": "hangs in TestY",
		"fatal error: all goroutines are asleep - deadlock!\n":                   "fatal error: all goroutines are asleep - deadlock!",
		"panic: oops\n\ngoroutine 1":                                             "panic: oops",
		"FAIL\n":                                                                 "without a name",
	} {
		if got := culprit(out); got != want {
			t.Errorf("%q: %q, want %q", out, got, want)
		}
	}
}
