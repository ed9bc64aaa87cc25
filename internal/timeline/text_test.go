package timeline

import (
	"regexp"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/internal/recording"
	"github.com/mattn/go-runewidth"
)

func draw(t *testing.T, p Picture, o TextOptions) string {
	t.Helper()
	var b strings.Builder
	if err := Text(&b, p, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// rows are the bars of the lanes called name, without the name.
func rows(picture, name string) (bars []string) {
	for line := range strings.Lines(picture) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			bars = append(bars, strings.TrimSpace(rest))
		}
	}
	return bars
}

const wanted = `Two factorials

blocking                                                             total 5.0 s
Task A  ▓▓▓▓▓▓ blocks the loop ▓▓▓▓▓▓
Task B  ░░░ ready, but cannot run ░░░▓▓▓▓▓▓▓▓▓▓▓▓▓ blocks the loop ▓▓▓▓▓▓▓▓▓▓▓▓▓
        ┴─────────────┴──────────────┴─────────────┴──────────────┴────────────┴
        0 s           1 s            2 s           3 s            4 s        5 s

waiting                                                              total 3.0 s
Task A  █─── sleep ───█─── sleep ────█
Task B  █─── sleep ───█─── sleep ────█─── sleep ───█
        ┴─────────────┴──────────────┴─────────────┴──────────────┴────────────┴
        0 s           1 s            2 s           3 s            4 s        5 s

██ runs   ▓▓ blocks the loop: nobody else can run   ░░ ready, but cannot run
── waits: the loop is free
`

func TestTheLessonIn80Columns(t *testing.T) {
	if got := draw(t, both(), TextOptions{}); got != wanted {
		t.Errorf("the picture is\n%s\nwant\n%s", got, wanted)
	}
}

func TestWhoRunsNext(t *testing.T) {
	picture := draw(t, both(), TextOptions{Width: 100})
	a, b := rows(picture, "Task A "), rows(picture, "Task B ")
	if len(a) != 2 || len(b) != 2 {
		t.Fatalf("%d and %d rows, want two each", len(a), len(b))
	}
	t.Run("B is held up exactly as long as A blocks", func(t *testing.T) {
		heldFor := strings.IndexRune(b[0], '▓')
		if blockedFor := runewidth.StringWidth(a[0]); runewidth.StringWidth(b[0][:heldFor]) != blockedFor {
			t.Errorf("A blocks for %d columns:\n%s\n%s", blockedFor, a[0], b[0])
		}
	})
	t.Run("both wait at the same time", func(t *testing.T) {
		if !strings.HasPrefix(b[1], a[1]) {
			t.Errorf("B does not begin as A does:\n%s\n%s", a[1], b[1])
		}
	})
	t.Run("a run is never lost", func(t *testing.T) {
		if n := strings.Count(a[1], "█"); n != 3 {
			t.Errorf("A ran three times, %d are drawn: %s", n, a[1])
		}
		if n := strings.Count(b[1], "█"); n != 4 {
			t.Errorf("B ran four times, %d are drawn: %s", n, b[1])
		}
		alone := rows(draw(t, Of("", waiting()), TextOptions{}), "Task B ") // its last run is at the very end
		if n := strings.Count(alone[0], "█"); n != 4 {
			t.Errorf("B ran four times, %d are drawn: %s", n, alone[0])
		}
	})
}

func TestThePictureFitsTheWidth(t *testing.T) {
	long := recording.Recording{Length: 5 * s, Lanes: []recording.Lane{
		lane("a task with a name that is far too long", wait(0, 5*s, "a lock with a long name")),
		lane("日本語の名前のタスク", run(0, 5*s)),
		lane("", ready(0, 5*s)),
	}}
	p := both()
	p.Title = strings.Repeat("long title ", 30)
	p.Panels = append(p.Panels, Panel{Title: p.Title, Note: p.Title, Recording: long})
	for width := minWidth; width < 200; width++ {
		for line := range strings.Lines(draw(t, p, TextOptions{Width: width})) {
			if got := runewidth.StringWidth(strings.TrimSuffix(line, "\n")); got > width {
				t.Fatalf("at %d a line has %d columns: %s", width, got, line)
			}
		}
	}
}

func TestATerminalThatIsTooNarrowGetsTheNarrowestPicture(t *testing.T) {
	if draw(t, both(), TextOptions{Width: 3}) != draw(t, both(), TextOptions{Width: minWidth}) {
		t.Error("the picture depends on a width that it cannot have")
	}
}

func TestColourChangesNothingElse(t *testing.T) {
	colored := draw(t, both(), TextOptions{Color: true})
	if !strings.Contains(colored, "\x1b[31m▓") {
		t.Error("what blocks the loop is not red")
	}
	if got := regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(colored, ""); got != wanted {
		t.Errorf("without its colours the picture is\n%s", got)
	}
}

func TestANameCannotControlTheTerminal(t *testing.T) {
	nasty := recording.Recording{Length: s, Lanes: []recording.Lane{
		lane("\x1b[2Jgone\n", wait(0, s, "\x1b]0;title\a")),
	}}
	picture := draw(t, Of("\x1b[31mred", nasty), TextOptions{})
	if strings.ContainsAny(picture, "\x1b\a") {
		t.Errorf("control characters came through: %q", picture)
	}
	if !strings.Contains(picture, "?[2Jgone?") {
		t.Errorf("the name is not shown: %s", picture)
	}
}

func TestWhatIsLeftOutIsSaid(t *testing.T) {
	r := many(maxLanes + 7)
	r.Dropped = 3
	picture := draw(t, Of("crowd", r), TextOptions{})
	for _, want := range []string{"and 7 more tasks", "3 events were not recorded"} {
		if !strings.Contains(picture, want) {
			t.Errorf("the picture does not say %q", want)
		}
	}
	if n := strings.Count(picture, "\nTask "); n != maxLanes {
		t.Errorf("%d lanes, want %d", n, maxLanes)
	}
}
