package fetch

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/vbauerster/mpb/v8"
)

func TestALabelHasTheWidthOfItsColumn(t *testing.T) {
	for label, want := range map[string]string{
		"short":             "short     ",
		"just-right":        "just-right",
		"rather-long-1.bin": "rathe….bin",
		"数字数字数字-1.bin":      "数字…1.bin",
		"":                  "          ",
	} {
		got := fit(label, 10)
		if got != want || runewidth.StringWidth(got) != 10 {
			t.Errorf("fit(%q) = %q of %d columns, want %q", label, got, runewidth.StringWidth(got), want)
		}
	}
}

// glass is a terminal that keeps all that is written to it.
type glass struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (g *glass) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.text.Write(p)
}

func (g *glass) has(want string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.Contains(g.text.String(), want)
}

// shows waits until the library has drawn what is wanted; if it never does, the test
// runs into its time limit.
func (g *glass) shows(t *testing.T, want string) {
	t.Helper()
	for !g.has(want) {
		if t.Context().Err() != nil {
			t.Fatalf("it never showed %q", want)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestATerminalShowsABarForEachDownloadAtWork(t *testing.T) {
	g := &glass{}
	s := newTerminal(mpb.WithOutput(g), mpb.WithAutoRefresh(), mpb.WithRefreshRate(time.Millisecond), mpb.WithWidth(100))
	a, b := &Download{}, &Download{}
	frames := []frame{
		{size: 2, bars: []bar{{id: a, label: "a.bin", note: "connecting", total: -1}}},
		{size: 2, bars: []bar{
			{id: a, label: "a.bin", note: "1.0 KB of 2.0 KB", got: 1000, total: 2000, resumed: 500},
			{id: b, label: "b.bin", note: "1.5 KB", got: 1500, total: -1},
		}},
		{size: 2, ended: 1, lines: []line{{"done    a.bin", false}}, bars: []bar{{id: b, label: "b.bin", note: "waiting to retry", got: 0, total: 10}}},
		{size: 2, ended: 2, lines: []line{{"failed  b.bin", true}}},
	}
	for i, want := range [][]string{
		{"\ra.bin", "connecting", "0 of 2"},
		{"1.0 KB of 2.0 KB", "[=", "\rb.bin", "1.5 KB"},
		{"\rdone    a.bin\n", "waiting to retry", "1 of 2"},
		nil,
	} {
		s.draw(frames[i])
		for _, w := range want {
			g.shows(t, w)
		}
	}
	s.close()
	// What is left at the end is lines: the bars are gone.
	g.mu.Lock()
	defer g.mu.Unlock()
	text := g.text.String()
	last := text[strings.LastIndex(text, "\x1b[J")+1:]
	if !strings.Contains(text, "\rfailed  b.bin\n") || strings.Contains(last, "b.bin") && !strings.Contains(last, "failed  b.bin") {
		t.Errorf("at the end it shows %q", last)
	}
}
