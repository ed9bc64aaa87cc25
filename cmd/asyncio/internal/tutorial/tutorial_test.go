package tutorial

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/recording"
)

// play runs the command in virtual time and returns what it printed.
func play(t *testing.T, args ...string) string {
	t.Helper()
	var out strings.Builder
	if err := command(t.Context(), &out, append([]string{"--virtual"}, args...)...); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func command(ctx context.Context, out io.Writer, args ...string) error {
	c := New()
	c.SetArgs(args)
	c.SetOut(out)
	c.SetErr(io.Discard)
	c.SilenceErrors, c.SilenceUsage = true, true
	return c.ExecuteContext(ctx)
}

// recorded runs the command and returns its two runs as --json saved them.
func recorded(t *testing.T, args ...string) (blocked, waited jsonRun) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "recording.json")
	play(t, append(args, "--json", name)...)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var runs []jsonRun
	if err := json.Unmarshal(text, &runs); err != nil {
		t.Fatal(err)
	}
	if len(runs) != 2 || runs[0].Run != "blocking" || runs[1].Run != "waiting" {
		t.Fatalf("the runs are %v", runs)
	}
	return runs[0], runs[1]
}

const wanted = `1. time.Sleep blocks the loop
00:00:00   0.0 s  Task A: Compute factorial(2)…
00:00:01   1.0 s  Task A: Compute factorial(3)…
00:00:02   2.0 s  Task A: factorial(3) = 6
00:00:02   2.0 s  Task B: Compute factorial(2)…
00:00:03   3.0 s  Task B: Compute factorial(3)…
00:00:04   4.0 s  Task B: Compute factorial(4)…
00:00:05   5.0 s  Task B: factorial(4) = 24
Total time: 5.0 s

2. asyncio.Sleep waits on the loop
00:00:00   0.0 s  Task A: Compute factorial(2)…
00:00:00   0.0 s  Task B: Compute factorial(2)…
00:00:01   1.0 s  Task A: Compute factorial(3)…
00:00:01   1.0 s  Task B: Compute factorial(3)…
00:00:02   2.0 s  Task A: factorial(3) = 6
00:00:02   2.0 s  Task B: Compute factorial(4)…
00:00:03   3.0 s  Task B: factorial(4) = 24
Total time: 3.0 s

1. time.Sleep blocks the loop                                        total 5.0 s
Task A  ▓▓▓▓▓▓ blocks the loop ▓▓▓▓▓▓
Task B  ░░░ ready, but cannot run ░░░▓▓▓▓▓▓▓▓▓▓▓▓▓ blocks the loop ▓▓▓▓▓▓▓▓▓▓▓▓▓
        ┴─────────────┴──────────────┴─────────────┴──────────────┴────────────┴
        0 s           1 s            2 s           3 s            4 s        5 s

2. asyncio.Sleep waits on the loop                                   total 3.0 s
Task A  █─── sleep ───█─── sleep ────█
Task B  █─── sleep ───█─── sleep ────█─── sleep ───█
        ┴─────────────┴──────────────┴─────────────┴──────────────┴────────────┴
        0 s           1 s            2 s           3 s            4 s        5 s

██ runs   ▓▓ blocks the loop: nobody else can run   ░░ ready, but cannot run
── waits: the loop is free

A task that blocks the loop holds up all others, so their pauses add up.
Tasks that wait on the loop do so at the same time.
`

func TestTheLesson(t *testing.T) {
	if got := play(t); got != wanted {
		t.Errorf("the lesson prints\n%s\nwant\n%s", got, wanted)
	}
}

// pauses is the exact time that the pauses of n's factorial take.
func pauses(n int) time.Duration { return time.Duration(max(n-1, 0)) * time.Second }

func TestTheTotalsAreTheSumAndTheLongest(t *testing.T) {
	for list, numbers := range map[string][]int{
		"3,4":            {3, 4},
		"4,3":            {4, 3},
		"0,1":            {0, 1},
		"3, 4, 10":       {3, 4, 10},
		"2,2,2,2,2,2":    {2, 2, 2, 2, 2, 2},
		"100,1,50,0,100": {100, 1, 50, 0, 100},
	} {
		t.Run(list, func(t *testing.T) {
			var sum, longest time.Duration
			for _, n := range numbers {
				sum += pauses(n)
				longest = max(longest, pauses(n))
			}
			blocked, waited := recorded(t, "-n", list)
			if blocked.Total != sum || waited.Total != longest {
				t.Errorf("totals %v and %v, want %v and %v", blocked.Total, waited.Total, sum, longest)
			}
		})
	}
}

func TestWhoRunsWaitsAndBlocksWhen(t *testing.T) {
	blocked, waited := recorded(t, "-n", "3,4,10")
	t.Run("in the blocking run exactly one task has the loop", func(t *testing.T) {
		for at := time.Second / 2; at < blocked.Total; at += time.Second {
			if n := count(blocked.Recording, recording.Running, at); n != 1 {
				t.Errorf("at %v %d tasks run", at, n)
			}
			if n := count(blocked.Recording, recording.Waiting, at); n != 0 {
				t.Errorf("at %v %d tasks wait", at, n)
			}
		}
	})
	t.Run("there everybody else is ready and cannot run", func(t *testing.T) {
		if n := count(blocked.Recording, recording.Ready, time.Second); n != 2 {
			t.Errorf("while A blocks %d tasks are held up, want B and C", n)
		}
		if n := count(blocked.Recording, recording.Ready, 3*time.Second); n != 1 {
			t.Errorf("while B blocks %d tasks are held up, want C", n)
		}
	})
	t.Run("in the waiting run all wait at the same time", func(t *testing.T) {
		for _, lane := range waited.Recording.Lanes {
			if lane.In(recording.Running) != 0 || lane.In(recording.Ready) != 0 {
				t.Errorf("%s holds the loop, or is held up: %v", lane.Name, lane.Spans)
			}
		}
		for at, want := range map[time.Duration]int{1: 3, 2500 * time.Millisecond: 2, 8 * time.Second: 1} {
			if n := count(waited.Recording, recording.Waiting, at); n != want {
				t.Errorf("at %v %d tasks wait, want %d", at, n, want)
			}
		}
	})
	t.Run("every task ends", func(t *testing.T) {
		for _, lane := range append(blocked.Recording.Lanes, waited.Recording.Lanes...) {
			if !lane.Done {
				t.Errorf("%s does not", lane.Name)
			}
		}
	})
}

// count is how many tasks are in a state at a moment.
func count(r recording.Recording, state recording.State, at time.Duration) (n int) {
	for _, lane := range r.Lanes {
		if got, ok := lane.At(at); ok && got == state {
			n++
		}
	}
	return n
}

func TestFactorialsAreRightHoweverBig(t *testing.T) {
	for list, want := range map[string]string{
		"0":   "factorial(0) = 1\n",
		"1":   "factorial(1) = 1\n",
		"25":  "factorial(25) = 15511210043330985984000000\n",
		"500": "factorial(500) = " + new(big.Int).MulRange(1, 500).String() + "\n",
	} {
		if got := play(t, "-n", list); strings.Count(got, want) != 2 {
			t.Errorf("%s is not there in both runs", strings.TrimSpace(want))
		}
	}
}

func TestAShortPauseIsDrawnAsBlockingToo(t *testing.T) {
	if got := play(t, "--step", "2ms"); !strings.Contains(got, "▓ blocks the loop ▓") {
		t.Errorf("the picture does not show who blocks:\n%s", got)
	}
}

func TestThePictureIsSaved(t *testing.T) {
	name := filepath.Join(t.TempDir(), "picture.svg")
	if got := play(t, "--svg", name); !strings.HasSuffix(got, "The picture is saved as "+name+"\n") {
		t.Error("the command does not say where")
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<svg ", "Task B blocks the loop for 3.000 s", "Task B waits for 3.000 s"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is not in the picture", want)
		}
	}
}

// trap is a screen that calls spring when it shows text for the nth time.
type trap struct {
	strings.Builder
	text   string
	n      int
	spring func() error
}

func (w *trap) Write(p []byte) (int, error) {
	w.Builder.Write(p)
	if strings.Contains(string(p), w.text) {
		if w.n--; w.n == 0 {
			return len(p), w.spring()
		}
	}
	return len(p), nil
}

// captureLog returns what the loop reports where nobody else looks at it.
func captureLog(t *testing.T) *bytes.Buffer {
	log, before := new(bytes.Buffer), slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return log
}

func TestAnInterruptEndsTheLessonAtOnce(t *testing.T) {
	interrupt := errors.New("interrupted")
	for name, n := range map[string]int{"while a task blocks the loop": 1, "while tasks wait": 2} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			log := captureLog(t)
			dir := t.TempDir()
			out := &trap{text: "Task B: Compute factorial(3)", n: n,
				spring: func() error { cancel(interrupt); return nil }}
			err := command(ctx, out, "--virtual", "--svg", filepath.Join(dir, "a.svg"), "-n", "3,4,5")
			if err != interrupt {
				t.Errorf("the error is %v, want the reason and nothing else", err)
			}
			if log.Len() > 0 {
				t.Errorf("the loop complains: %s", log)
			}
			if !strings.HasSuffix(out.String(), "Task B: Compute factorial(3)…\n") {
				t.Errorf("after the interrupt it goes on:\n%s", out.String())
			}
			if left, _ := os.ReadDir(dir); len(left) != 0 {
				t.Errorf("%v is left", left)
			}
		})
	}
}

func TestAnInterruptEndsARealPause(t *testing.T) {
	interrupt := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(interrupt)
	for _, virtual := range []bool{false, true} {
		if err := newClock(ctx, virtual).block(time.Hour); err != interrupt {
			t.Errorf("virtual %v: the pause ended with %v", virtual, err)
		}
	}
}

func TestAScreenThatFailsEndsTheLesson(t *testing.T) {
	full := errors.New("disk full")
	name := filepath.Join(t.TempDir(), "a.svg")
	for _, text := range []string{"1. time", "factorial(2)", "Total", "2. asyncio", "blocks the loop ▓", "A task that", "is saved as"} {
		out := &trap{text: text, n: 1, spring: func() error { return full }}
		if err := command(t.Context(), out, "--virtual", "--svg", name); err != full {
			t.Errorf("at %q the error is %v", text, err)
		}
	}
}
