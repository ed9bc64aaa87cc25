package plain_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/plain"
)

func TestCleanShowsWhatATerminalWouldObey(t *testing.T) {
	for _, test := range []struct{ name, in, out string }{
		{"a plain name stays", "Task-1", "Task-1"},
		{"so does one in another script", "заказ 注文 ملف", "заказ 注文 ملف"},
		{"colours", "\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		{"a title for the window", "\x1b]0;owned\a", `\x1b]0;owned\x07`},
		{"the control characters of eight bits", "\u009b31m", `\u009b31m`},
		{"line breaks", "a\nb\r\tc", `a\nb\x0d\tc`},
		{"deletion", "abc\x7f\b", `abc\x7f\x08`},
		{"text from right to left", "abc\u202egpj.exe", `abc\u202egpj.exe`},
		{"isolates", "\u2066a\u2069", `\u2066a\u2069`},
		{"what has no width", "a\u200bb\ufeffc", `a\u200bb\ufeffc`},
		{"letters that look like none", "a\u3164b\u115f", `a\u3164b\u115f`},
		{"tags", "a\U000e0041", `a\U000e0041`},
		{"bytes that are no UTF-8", "a\xff\xfeb", `a\xff\xfeb`},
		{"the sign for such bytes is a sign", "a\ufffdb", "a\ufffdb"},
		{"two marks", "e\u0301\u0323", "e\u0301\u0323"},
		{"a tower of marks is cut off", "e" + strings.Repeat("\u0301", 50) + "f", "e" + strings.Repeat("\u0301", 4) + "f"},
		{"nothing", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := plain.Clean(test.in); got != test.out {
				t.Errorf("%q becomes %q, want %q", test.in, got, test.out)
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	f.Add("\x1b[2J\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := plain.Clean(s)
		if !utf8.ValidString(got) {
			t.Fatalf("%q becomes %q, which is no UTF-8", s, got)
		}
		for _, r := range got {
			if !unicode.IsPrint(r) {
				t.Fatalf("%q becomes %q, which has %U", s, got, r)
			}
		}
		if again := plain.Clean(got); again != got {
			t.Fatalf("%q becomes %q when it is cleaned again", got, again)
		}
	})
}

func TestLinesKeepsTheLinesOfAStack(t *testing.T) {
	got := plain.Lines("main.f()\n\t/x/main.go:3\r\n\x1b[2J\n\n")
	want := []string{"main.f()", "    /x/main.go:3", `\x1b[2J`}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%q, want %q", got, want)
	}
}

var columns = []plain.Column{
	{Title: "ID", Right: true},
	{Title: "NAME", Min: 6},
	{Title: "WAITS FOR", Min: 9},
	{Title: "PARENT", Right: true, Rank: 1},
	{Title: "STEPS", Right: true, Rank: 2},
}

var rows = [][]string{
	{"1", "Task-1", "Sleep", "0", "5"},
	{"12345", "a name of thirty-two characters.", "Queue.Get 注文", "1", "1234567"},
}

func table(t *testing.T, width int) string {
	t.Helper()
	var out bytes.Buffer
	if err := plain.Table(&out, columns, rows, width); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestATableThatIsNotReadByAPersonIsNotCut(t *testing.T) {
	want := `
   ID  NAME                              WAITS FOR       PARENT    STEPS
    1  Task-1                            Sleep                0        5
12345  a name of thirty-two characters.  Queue.Get 注文       1  1234567
`
	if got := "\n" + table(t, 0); got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
}

func TestATableFitsTheTerminal(t *testing.T) {
	t.Run("columns that are wide give way", func(t *testing.T) {
		got := table(t, 50)
		for _, part := range []string{"12345  a name of", "…", "Queue.Get", "1234567\n"} {
			if !strings.Contains(got, part) {
				t.Errorf("%q is not in\n%s", part, got)
			}
		}
	})
	t.Run("then others are left out, the highest rank first", func(t *testing.T) {
		if got := table(t, 32); strings.Contains(got, "STEPS") || !strings.Contains(got, "PARENT") {
			t.Errorf("got\n%s", got)
		}
		if got := table(t, 25); strings.Contains(got, "PARENT") || !strings.Contains(got, "WAITS FOR") {
			t.Errorf("got\n%s", got)
		}
	})
	t.Run("and no line is ever longer", func(t *testing.T) {
		for width := 1; width < 90; width++ {
			for line := range strings.Lines(table(t, width)) {
				if n := plain.Width(strings.TrimSuffix(line, "\n")); n > width {
					t.Fatalf("a line of %d columns on a terminal of %d: %q", n, width, line)
				}
			}
		}
	})
}

func TestWhatIsNoTerminalIsNotColoured(t *testing.T) {
	s := plain.NewScreen(new(bytes.Buffer))
	if got := s.Warn("w") + s.Faint("f") + s.Strong("s"); got != "wfs" || s.Width != 0 {
		t.Errorf("%q, width %d", got, s.Width)
	}
	s.Color = true
	if got := s.Warn("w"); got == "w" || !strings.Contains(got, "w") {
		t.Errorf("in colours: %q", got)
	}
}

func TestJSONIsTheSameValueAndHarmsNoTerminal(t *testing.T) {
	for _, s := range []string{"plain", "a\x1b[2J\n", "\u202eb\u200b", "a\U000e0041\U0001f600", "<&>", "заказ", "\x7f\u009b"} {
		var out bytes.Buffer
		if err := plain.JSON(&out, map[string]string{"name": s}); err != nil {
			t.Fatal(err)
		}
		var back map[string]string
		if err := json.Unmarshal(out.Bytes(), &back); err != nil || back["name"] != s {
			t.Errorf("%q comes back as %q, %v", s, back["name"], err)
		}
		if text := strings.TrimSuffix(out.String(), "\n"); plain.Clean(text) != text {
			t.Errorf("%q is written as %q", s, text)
		}
	}
}
