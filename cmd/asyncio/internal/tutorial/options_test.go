package tutorial

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAMistakeIsOneClearLine(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"-n=-1", "-1 has no factorial: give numbers from 0 on"},
		{"-n=x", `"x" is not a whole number: give a list such as 3,4,10`},
		{"-n=1.5", `"1.5" is not a whole number`},
		{"-n=0x3", `"0x3" is not a whole number`},
		{"-n=3,,4", "a number is missing: give a list such as 3,4,10"},
		{"--numbers=", "a number is missing"},
		{"-n=10001", "10001 is too large: give numbers up to 10000"},
		{"-n=99999999999999999999", "99999999999999999999 is too large"},
		{"-n=-99999999999999999999", "-99999999999999999999 has no factorial"},
		{"-n=" + strings.Repeat("1,", 100) + "1", "101 numbers are too many: give at most 100"},
		{"--step=0", "--step 0s: give a pause from 1ms to 1h0m0s"},
		{"--step=-1s", "--step -1s: give a pause"},
		{"--step=2h", "--step 2h0m0s: give a pause"},
		{"--step=soon", "invalid duration"},
		{"surplus", `unknown command "surplus"`},
		{"--svg=/no/such/folder/a.svg", "/no/such/folder/a.svg: no such file or directory"},
	} {
		err := command(t.Context(), io.Discard, "--virtual", test.args)
		if err == nil {
			t.Errorf("%s is accepted", test.args)
			continue
		}
		if text := err.Error(); !strings.Contains(text, test.want) || strings.Contains(text, "\n") {
			t.Errorf("%s: %s; want %s", test.args, text, test.want)
		}
	}
}

func TestTwoFilesCannotHaveOneName(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out")
	err := command(t.Context(), io.Discard, "--virtual", "--svg", name, "--json", name)
	if err == nil || !strings.Contains(err.Error(), "cannot both be saved as "+name) {
		t.Errorf("error is %v", err)
	}
}

func TestAFileThatCannotBeMadeLeavesNoOther(t *testing.T) {
	dir := t.TempDir()
	err := command(t.Context(), io.Discard, "--virtual", "--svg", filepath.Join(dir, "a"), "--json", "/no/such/folder/b")
	if err == nil {
		t.Error("no error")
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%v is left", left)
	}
}

func TestAListIsPrintedAsItIsRead(t *testing.T) {
	var numbers []int
	list := numberList{&numbers}
	if err := list.Set(" 3, 4,10"); err != nil {
		t.Fatal(err)
	}
	if got := list.String(); got != "3,4,10" {
		t.Errorf("it is printed as %s", got)
	}
	if got := (numberList{}).String(); got != "" {
		t.Errorf("a list that is not set is printed as %s", got)
	}
}

func TestTasksAreNamedByLetters(t *testing.T) {
	for i, want := range map[int]string{
		0: "Task A", 1: "Task B", 25: "Task Z", 26: "Task AA", 51: "Task AZ", 52: "Task BA", 701: "Task ZZ", 702: "Task AAA",
	} {
		if got := taskName(i); got != want {
			t.Errorf("task %d is %s, want %s", i, got, want)
		}
	}
}

func TestAPipeGetsNoColours(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	s := newScreen(w)
	if s.options.Color || s.options.Width != 0 || s.strong("x") != "x" {
		t.Errorf("a pipe is drawn on as %+v", s.options)
	}
}
