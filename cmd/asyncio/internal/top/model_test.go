package top

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/fake"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/plain"
	"github.com/goasyncio/asyncio/console/client"
)

// shown is a model with a picture of n tasks on a screen of 80×24.
func shown(n int) *model {
	m := newModel(1, client.TasksQuery{Sort: "id"}, time.Second)
	m.resize(80, 24)
	m.apply(pictureOf(m, n))
	m.apply(pictureOf(m, n)) // of the page that fits
	return m
}

// pictureOf is what a program with n tasks answers to what m wants.
func pictureOf(m *model, n int) picture {
	loop := client.Loop{Number: 1, Name: "loop", State: client.Asleep, Stats: client.Stats{At: fake.Now, Tasks: n}}
	pic := picture{want: m.want, at: fake.Now, loop: loop, program: client.Program{Program: "chat", PID: 4711, Loops: []client.Loop{loop}}}
	pic.tasks.At, pic.tasks.Total, pic.tasks.Matching = fake.Now, n, n
	q := m.want.query
	for i := q.Offset; i < min(n, q.Offset+max(q.Limit, 1)); i++ {
		pic.tasks.Tasks = append(pic.tasks.Tasks, fake.Task(uint64(i+1), 0, fmt.Sprintf("t%d", i+1), "sleep", time.Second))
	}
	return pic
}

func text(m *model) string {
	var b strings.Builder
	for _, l := range m.draw() {
		b.WriteString(l.text + "\n")
	}
	return b.String()
}

func press(m *model, keys ...string) {
	for _, k := range keys {
		m.press(k)
	}
}

func TestEveryLineFitsWhateverTheSize(t *testing.T) {
	wide := fake.Task(1, 0, strings.Repeat("注文", 100), strings.Repeat("x", 500), time.Hour)
	for _, view := range []view{list, detail, warnings, help} {
		m := shown(100)
		m.pic.tasks.Tasks[0] = wide
		m.pic.detail = &client.Detail{Task: wide, Stack: make([]client.Frame, 50), Children: make([]client.Relative, 1000)}
		m.pic.want.task, m.want.task = 1, 1
		m.pic.warnings = []client.Warning{{Kind: "report", Text: strings.Repeat("long\n", 100), Stack: strings.Repeat("f()\n", 100)}}
		m.pic.loop.State, m.pic.loop.Stack = client.Blocked, strings.Repeat("main.f()\n\t/x.go:1\n", 100)
		m.gone, m.trouble, m.pic.note = "gone", "trouble", "note"
		m.view = view
		for width := 1; width < 130; width += 8 {
			for height := 1; height < 40; height += 3 {
				m.resize(width, height)
				lines := m.draw()
				if len(lines) != height {
					t.Fatalf("%d lines on a screen of %d", len(lines), height)
				}
				for _, l := range lines {
					if plain.Width(l.text) > width {
						t.Fatalf("at %d×%d a line has %d columns: %q", width, height, plain.Width(l.text), l.text)
					}
				}
			}
		}
	}
}

func TestNothingThatATerminalWouldObeyIsDrawn(t *testing.T) {
	evil := "e\x1b[2J\a\u202e\n\x9b"
	m := shown(3)
	task := fake.Task(1, 2, evil, evil, time.Second)
	task.State = evil
	m.pic.tasks.Tasks[0] = task
	m.pic.detail = &client.Detail{Task: task, Stack: []client.Frame{{Function: evil, File: evil}}, Traceback: evil,
		Path: []client.Relative{{ID: 2, Name: evil}}, Children: []client.Relative{{ID: 3, Name: evil, State: evil}}}
	m.pic.want.task, m.want.task = 1, 1
	m.pic.program.Program, m.pic.loop.Name, m.pic.loop.Error, m.pic.loop.Stack = evil, evil, evil, evil
	m.pic.warnings = []client.Warning{{Kind: evil, Task: 1, Name: evil, Text: evil, Stack: evil}}
	m.pic.note, m.trouble = evil, evil
	m.want.query.Match = evil
	for _, state := range []string{evil, client.Blocked, client.Ended} {
		m.pic.loop.State = state
		for _, m.view = range []view{list, detail, warnings} {
			for _, m.filtering = range []bool{true, false} {
				for _, l := range m.draw() {
					if plain.Clean(l.text) != l.text {
						t.Errorf("%q is drawn", l.text)
					}
				}
			}
		}
	}
}

func TestTheSelectionMovesThroughAllPages(t *testing.T) {
	m := shown(1000)
	at := func(want int) {
		t.Helper()
		m.apply(pictureOf(m, 1000))
		if got, ok := m.selected(); !ok || got.ID != uint64(want) {
			t.Errorf("task %d is selected, want %d", got.ID, want)
		}
		if !regexp.MustCompile(fmt.Sprintf(`(?m)^> +%d  t%d `, want, want)).MatchString(text(m)) {
			t.Errorf("the mark is not at %d:\n%s", want, text(m))
		}
	}
	at(1)
	press(m, "Down", "j", "Up")
	at(2)
	press(m, "End")
	at(1000)
	press(m, "Down")
	at(1000)
	rows := m.rows()
	press(m, "PgUp")
	at(1000 - rows + 1)
	press(m, "g")
	at(1)
	press(m, "PgDn", "PgDn")
	at(1 + 2*(rows-1))
	t.Run("and stays on its task when others end", func(t *testing.T) {
		id := m.task
		pic := pictureOf(m, 1000)
		pic.tasks.Tasks = pic.tasks.Tasks[1:]
		m.apply(pic)
		if got, _ := m.selected(); got.ID != id {
			t.Errorf("task %d is selected, want %d", got.ID, id)
		}
	})
	t.Run("and within the list when most end", func(t *testing.T) {
		m.apply(pictureOf(m, 5))
		m.apply(pictureOf(m, 5))
		if got, ok := m.selected(); !ok || got.ID != 5 {
			t.Errorf("task %d is selected, want the last", got.ID)
		}
	})
}

func TestTheOrderGoesThroughTheColumns(t *testing.T) {
	m := shown(3)
	for _, want := range []string{"NAME▲", "STATE▲", "SINCE▲", "STEPS▼", "TIME▼", "ID▲"} {
		press(m, "s")
		if !strings.Contains(text(m), want) {
			t.Errorf("%s is not in\n%s", want, text(m))
		}
	}
	press(m, "S", "r")
	if q := m.want.query; q.Sort != "busy" || q.Desc {
		t.Errorf("it asks for %+v", q)
	}
}

func TestTheFilterIsTyped(t *testing.T) {
	m := shown(3)
	press(m, "/", "a", "q", " ", "é", "Down", "Backspace", "x")
	if got := m.want.query.Match; got != "aq x" || m.quit {
		t.Errorf("the filter is %q", got)
	}
	if !strings.Contains(text(m), "Filter: aq x_") {
		t.Errorf("it is not shown:\n%s", text(m))
	}
	press(m, "Enter", "/", "y", "Esc")
	if got := m.want.query.Match; got != "aq x" {
		t.Errorf("given up it is %q, want that of before", got)
	}
	press(m, "/", "Ctrl-U", "Backspace")
	for range 300 {
		press(m, "ж")
	}
	if got := len(m.want.query.Match); got > maxFilter {
		t.Errorf("it may have %d bytes", got)
	}
	press(m, "Enter", "Esc")
	if got := m.want.query.Match; got != "" {
		t.Errorf("after Esc it is %q", got)
	}
	t.Run("and that nothing passes it is said", func(t *testing.T) {
		press(m, "/", "z", "Enter")
		m.apply(pictureOf(m, 0))
		if !strings.Contains(text(m), `no task has "z" in its name, wait or function`) {
			t.Errorf("\n%s", text(m))
		}
	})
}

func TestOneTaskIsLookedAt(t *testing.T) {
	m := shown(3)
	press(m, "Down", "Enter")
	if m.want.task != 2 {
		t.Fatalf("it asks for task %d", m.want.task)
	}
	if !strings.Contains(text(m), "…") {
		t.Errorf("before the answer:\n%s", text(m))
	}
	pic := pictureOf(m, 3)
	task := fake.Task(2, 1, "worker", "Lock", time.Minute)
	task.Steps, task.BusyNS, task.SinceWatchMS, task.Tasks = 5, 1500, 10, []uint64{7, 8}
	task.Until = fake.Now.Add(time.Hour)
	pic.detail = &client.Detail{Task: task, Stack: []client.Frame{{Function: "main.work", File: "/x/main.go", Line: 9}},
		Path: []client.Relative{{ID: 1, Name: "main"}}, Children: []client.Relative{{ID: 3, Name: "child", State: "ready"}}}
	m.apply(pic)
	for _, want := range []string{"Task 2  worker", "waiting, since 1m00s", "Lock", "7 8", "1h00m", "5, which took 1 µs on the loop", "main.work", "/x/main.go:9", "main (1)", "3  child  ready"} {
		if !strings.Contains(text(m), want) {
			t.Errorf("%q is not in\n%s", want, text(m))
		}
	}
	t.Run("with more children than are told", func(t *testing.T) {
		pic.detail.ChildrenOmitted = 500
		for _, want := range []string{"Has started 501 that", "… and 500 more"} {
			if !strings.Contains(text(m), want) {
				t.Errorf("%q is not in\n%s", want, text(m))
			}
		}
	})
	t.Run("and stays when it ends", func(t *testing.T) {
		m.apply(pictureOf(m, 3))
		if !strings.Contains(text(m), "main.work") {
			t.Errorf("\n%s", text(m))
		}
	})
	t.Run("up to its parent", func(t *testing.T) {
		press(m, "u")
		m.apply(pictureOf(m, 3))
		if m.want.task != 1 || !strings.Contains(text(m), "Task 1 has ended, or there was none.") {
			t.Errorf("task %d\n%s", m.want.task, text(m))
		}
	})
	press(m, "Esc")
	if m.view != list || m.want.task != 0 {
		t.Error("it does not come back to the list")
	}
}

func TestWhatIsWrongStandsAboveEverything(t *testing.T) {
	blocked := func(m *model) picture {
		pic := pictureOf(m, 3)
		pic.loop.State, pic.loop.Stack, pic.loop.BlockedSince = client.Blocked, "goroutine 1 [select]:\nmain.spin(0x1)\n\t/x:1 +0x1\n", fake.Now.Add(-3*time.Second)
		return pic
	}
	for _, test := range []struct {
		name string
		pic  func(*model) picture
		says []string
	}{
		{"a blocked loop, with its culprit", blocked, []string{"Loop 1 is blocked for at least 3.0 s", "(select)", "main.spin", "t1"}},
		{"a loop that has ended, with its error", func(m *model) picture {
			pic := pictureOf(m, 0)
			pic.loop = client.Loop{Number: 1, State: client.Ended, Error: "deadlock:\n  A waits for B"}
			return pic
		}, []string{"The loop has ended: deadlock: A waits for B", "t1", "tasks 3"}},
		{"warnings", func(m *model) picture {
			pic := pictureOf(m, 3)
			pic.warnings = []client.Warning{{Kind: "never-waits", Text: "t1 never waits"}, {Kind: "report"}}
			return pic
		}, []string{"2 warnings (w): t1 never waits"}},
		{"no answer for now", func(*model) picture { return picture{err: errSlow} }, []string{"No answer: the program has not answered within 5s", "t1"}},
		{"an answer that is none", func(m *model) picture {
			pic := pictureOf(m, 3)
			pic.note = "the loop does not answer"
			return pic
		}, []string{"the loop does not answer", "t1"}},
		{"the last loop's end, which the program has forgotten", func(*model) picture {
			return picture{loop: client.Loop{Number: 1, State: client.Ended}}
		}, []string{"The loop has ended. This is its last picture.", "t1", "tasks 3"}},
		{"the end of the program", func(*model) picture { return picture{err: fmt.Errorf("reading: %w", io.ErrUnexpectedEOF)} },
			[]string{"The program, or its console, has ended. The last picture: 03:04:05.", "t1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := shown(3)
			m.apply(test.pic(m))
			for _, want := range test.says {
				if !strings.Contains(text(m), want) {
					t.Errorf("%q is not in\n%s", want, text(m))
				}
			}
			m.apply(pictureOf(m, 3))
			if gone := strings.Contains(text(m), "The last picture"); gone != (test.name == "the end of the program") {
				t.Errorf("afterwards:\n%s", text(m))
			}
		})
	}
}

func TestALoopThatEndsBeforeItsFirstPictureHasNotThatOfAnother(t *testing.T) {
	m := shown(3)
	m.apply(picture{loop: client.Loop{Number: 2, State: client.Ended}})
	if !strings.Contains(text(m), "The loop has ended.") || strings.Contains(text(m), "t1") {
		t.Errorf("\n%s", text(m))
	}
}

func TestAProgramThatEndsBeforeItsFirstPictureHasNone(t *testing.T) {
	m := newModel(1, client.TasksQuery{}, time.Second)
	m.resize(80, 24)
	m.apply(picture{err: io.EOF})
	if !strings.Contains(text(m), "has ended. There was no picture of it.") {
		t.Errorf("\n%s", text(m))
	}
}

func TestTheNextLoopIsLookedAt(t *testing.T) {
	m := shown(3)
	m.pic.program.Loops = append(m.pic.program.Loops, client.Loop{Number: 2, State: client.Ended}, client.Loop{Number: 3, State: client.Running})
	if !strings.Contains(text(m), "(1 more: l)") {
		t.Errorf("\n%s", text(m))
	}
	for _, want := range []uint32{3, 1, 3} {
		if press(m, "l"); m.want.loop != want {
			t.Errorf("loop %d, want %d", m.want.loop, want)
		}
	}
}

func TestHowOftenItLooks(t *testing.T) {
	m := shown(1)
	press(m, "+")
	if m.want.every != 500*time.Millisecond {
		t.Errorf("every %v", m.want.every)
	}
	for range 20 {
		press(m, "+")
	}
	if m.want.every != fastest {
		t.Errorf("every %v", m.want.every)
	}
	for range 20 {
		press(m, "-")
	}
	if m.want.every != slowest {
		t.Errorf("every %v", m.want.every)
	}
	press(m, "p")
	if !m.want.paused || !strings.Contains(text(m), "PAUSED") {
		t.Error("it does not pause")
	}
	press(m, " ")
	if m.want.paused {
		t.Error("it does not go on")
	}
}

func TestQuitWorksEverywhere(t *testing.T) {
	for _, keys := range [][]string{{"q"}, {"Ctrl-C"}, {"/", "q", "Ctrl-C"}, {"Enter", "q"}, {"w", "q"}, {"?", "q"}} {
		m := shown(3)
		if press(m, keys...); !m.quit {
			t.Errorf("%v does not quit", keys)
		}
	}
}

func TestAnErrorOfTheConsoleIsNoEnd(t *testing.T) {
	m := shown(1)
	m.apply(picture{err: errors.New("something else")})
	if m.gone != "" || m.trouble == "" {
		t.Errorf("gone %q, trouble %q", m.gone, m.trouble)
	}
}

func FuzzKeys(f *testing.F) {
	names := []string{"Up", "Down", "PgUp", "PgDn", "Home", "End", "Enter", "Esc", "Backspace", "s", "S", "r", "/", "a", "w", "?", "l", "p", "+", "-", "u", "resize", "picture", "empty", "end"}
	f.Add([]byte{0, 1, 2, 3, 6, 7, 20, 21, 22})
	f.Fuzz(func(t *testing.T, keys []byte) {
		m := shown(50)
		for i, k := range keys {
			switch name := names[int(k)%len(names)]; name {
			case "resize":
				m.resize(i%90, int(k)%30)
			case "picture":
				m.apply(pictureOf(m, int(k)))
			case "empty":
				m.apply(pictureOf(m, 0))
			case "end":
				m.apply(picture{err: io.EOF})
			default:
				m.press(name)
			}
			if lines := m.draw(); len(lines) != m.height {
				t.Fatalf("%d lines on a screen of %d", len(lines), m.height)
			}
		}
	})
}
