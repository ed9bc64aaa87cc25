package report_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/sim/internal/report"
)

// step is an entry of a task of host h.
func step(n int, task, from, to string) report.Entry {
	return report.Entry{Kind: report.Step, Host: "h", Step: n, Task: task, Key: uint64(task[len(task)-1]), From: from, To: to}
}

func wantLines(t *testing.T, got string, want ...string) {
	t.Helper()
	var squeezed []string
	for _, line := range strings.Split(got, "\n") {
		squeezed = append(squeezed, strings.Join(strings.Fields(line), " "))
	}
	if strings.Join(squeezed, "\n") != strings.Join(want, "\n") {
		t.Errorf("the trace is\n%s\nwant\n%s", strings.Join(squeezed, "\n"), strings.Join(want, "\n"))
	}
}

func TestStepsOfATaskAreOneLineUntilAnotherOneComes(t *testing.T) {
	log := &report.Log{Entries: []report.Entry{
		step(1, "a", "x.go:1", "x.go:2"), step(2, "a", "x.go:2", "x.go:3"), step(3, "b", "y.go:1", "x.go:9"),
		step(4, "a", "x.go:3", ""),
	}}
	log.Entries[3].Ends = true
	wantLines(t, report.Trace(log, nil),
		"1 t=0s h a x.go:1 -> 3 (2 steps)", "3 t=0s h b y.go:1 -> x.go:9", "4 t=0s h a x.go:3, ends")
}

func TestAStepThatWasChosenBeginsALine(t *testing.T) {
	log := &report.Log{Entries: []report.Entry{step(1, "a", "x.go:1", "x.go:2"), step(2, "a", "x.go:2", "x.go:3")}}
	log.Entries[1].Choice, log.Entries[1].Pick, log.Entries[1].Of = 1, 1, 2
	wantLines(t, report.Trace(log, map[int]string{1: "runs here"}),
		"1 t=0s h a x.go:1 -> 2", "2 t=0s h a x.go:2 -> 3 <- runs here")
}

func TestWhatHappensBetweenHostsHasLines(t *testing.T) {
	log := &report.Log{Entries: []report.Entry{
		{Kind: report.Call, Label: "packet"},
		{Kind: report.Event, Host: "a", Peer: "b", Event: "delivered", ID: 3, What: "data", Size: 10, At: time.Second},
		{Kind: report.Call, Label: "clock of a"},
		{Kind: report.Call, Label: "restart of b"},
		{Kind: report.Draw, Host: "a", Label: "latency", Choice: 1, Of: 16},
		{Kind: report.Draw, Host: "a", Label: "latency", Choice: 2, Of: 16, Pick: 4},
		{Kind: report.Draw, Host: "a", Label: "loss", Choice: 3, Of: 2, Pick: 1},
	}}
	wantLines(t, report.Trace(log, nil),
		"t=1s a · delivered #3 -> b data (10 bytes)", "t=0s world · restart of b",
		"t=0s a · latency: 4 of 0…15", "t=0s a · loss")
}

func TestALongTraceIsCutInTheMiddleButForItsNotes(t *testing.T) {
	log := &report.Log{Failure: report.Failure{Host: "h", Error: "boom", Place: "x.go:7"}}
	for i := range 1000 {
		log.Entries = append(log.Entries, step(i+1, fmt.Sprint("t", i%2), "x.go:1", "x.go:2"))
	}
	log.Entries[500].Choice, log.Entries[500].Pick, log.Entries[500].Of = 9, 1, 2
	text := report.Trace(log, map[int]string{9: "runs here"})
	if n := strings.Count(text, "\n") + 1; n > 60 {
		t.Errorf("it has %d lines", n)
	}
	for _, want := range []string{"484 lines are left out", "467 lines are left out", "<- runs here", "\n1000 ", "FAILS HERE at x.go:7"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
}

func TestADecisionIsComparedWithTheRunWithoutIt(t *testing.T) {
	fails := &report.Log{Entries: []report.Entry{step(1, "b", "x.go:1", "x.go:2"), {Kind: report.Draw, Label: "loss", Choice: 2, Pick: 1, Of: 2}}}
	fails.Entries[0].Choice, fails.Entries[0].Pick = 1, 1
	passes := &report.Log{Entries: []report.Entry{step(1, "a", "x.go:1", "x.go:2"), {Kind: report.Draw, Label: "loss", Choice: 2, Of: 2}}}
	passes.Entries[0].Choice = 1
	for want, flip := range map[string]report.Flip{
		"runs here; in the nearest passing run a goes first":            {Choice: 1, Passes: true, Nearest: true},
		"runs here; it passes too where a goes first":                   {Choice: 1, Passes: true},
		"runs here before a":                                            {Choice: 1},
		"decided here; in the nearest passing run this does not happen": {Choice: 2, Passes: true, Nearest: true},
		"decided here; it passes too where this does not happen":        {Choice: 2, Passes: true},
		"decided here": {Choice: 2},
	} {
		flip.Instead = passes
		if got := flip.Note(fails); got != want {
			t.Errorf("the note of %+v is %q, want %q", flip, got, want)
		}
	}
	if at, equal := report.Differ(fails, passes); at != 0 || equal {
		t.Errorf("they differ at %d, equal %v", at, equal)
	}
	if at, equal := report.Differ(fails, fails); at != 2 || !equal {
		t.Errorf("a log differs from itself at %d", at)
	}
}

func TestTheCommandLineNamesTheTestAlone(t *testing.T) {
	for name, want := range map[string]string{
		"TestA":          "'^TestA$'",
		"TestA/b.c/d":    `'^TestA$/^b\.c$/^d$'`,
		"TestA/it's_(x)": `'^TestA$/^it.s_\(x\)$'`,
	} {
		got := report.Command(name, "example.org/p", 7, "u1:AA")
		if want := "SIM_SEED=7 SIM_REPLAY=u1:AA go test -run " + want + " example.org/p"; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if got := report.Package(); got != "github.com/goasyncio/asyncio/sim/internal/report" {
		t.Errorf("this package is %s", got)
	}
}
