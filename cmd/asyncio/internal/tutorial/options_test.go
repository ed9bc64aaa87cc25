package tutorial

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/internal/timeline"
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

func TestWhatATerminalShows(t *testing.T) {
	for _, test := range []struct {
		name          string
		width         int
		noColor, term string
		want          timeline.TextOptions
	}{
		{"colours and its width", 80, "", "xterm", timeline.TextOptions{Width: 80, Color: true}},
		{"no line that is too long to follow", 300, "", "xterm", timeline.TextOptions{Width: 120, Color: true}},
		{"no colours where NO_COLOR is set", 80, "1", "xterm", timeline.TextOptions{Width: 80}},
		{"no colours where it is dumb", 80, "", "dumb", timeline.TextOptions{Width: 80}},
		{"the usual width where its own is unknown", 0, "", "xterm", timeline.TextOptions{Color: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			env := map[string]string{"NO_COLOR": test.noColor, "TERM": test.term}
			if got := terminal(test.width, func(name string) string { return env[name] }); got != test.want {
				t.Errorf("it shows %+v", got)
			}
		})
	}
}

func FuzzNumberList(f *testing.F) {
	for _, seed := range []string{"3,4", "", ",", "-1", " 7 ,8", "+3", "007", "99999999999999999999", "3;4", "٣"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var numbers, again []int
		list := numberList{&numbers}
		if err := list.Set(text); err != nil {
			if numbers != nil {
				t.Errorf("%q is refused, yet %v is set", text, numbers)
			}
			return
		}
		for _, n := range numbers {
			if n < 0 || n > maxNumber {
				t.Errorf("%q gives %d", text, n)
			}
		}
		if err := (numberList{&again}).Set(list.String()); err != nil || !slices.Equal(numbers, again) {
			t.Errorf("%q is %v and then %v: %v", text, numbers, again, err)
		}
	})
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
