package main

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/bench/network"
)

// row has the medians 20 and 40, and so the ratio 0.5.
func row(target float64) result {
	r := result{Name: "lock", Job: "a job", Ops: 1_234_567, Unit: "ns/op", Target: target}
	for _, v := range []float64{30, 10, 20} {
		r.add(onLoop, v)
		r.add(onGoroutines, 2*v)
	}
	return r
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		of   []float64
		want float64
	}{
		{[]float64{7}, 7},
		{[]float64{9, 1, 5}, 5},
		{[]float64{8, 2, 4, 100}, 6},
	} {
		if got := median(c.of); got != c.want {
			t.Errorf("median of %v is %v, not %v", c.of, got, c.want)
		}
	}
}

func TestMedianLeavesTheSamplesInTheirOrder(t *testing.T) {
	s := []float64{3, 1, 2}
	median(s)
	if s[0] != 3 || s[1] != 1 {
		t.Errorf("sorted in place: %v", s)
	}
}

func TestVerdict(t *testing.T) {
	for name, c := range map[string]struct {
		target float64
		want   string
	}{
		"a ratio below the target meets it":    {0.6, "met"},
		"a ratio equal to the target meets it": {0.5, "met"},
		"a ratio above the target misses it":   {0.4, "MISSED"},
		"no target, no verdict":                {0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := row(c.target)
			if got := r.verdict(); got != c.want {
				t.Errorf("ratio %v, target %v: %q", r.ratio(), c.target, got)
			}
		})
	}
}

func TestTableShowsMedianSpreadRatioAndVerdict(t *testing.T) {
	rep := report{Machine: machine{CPU: "some CPU", Cores: 2}, Rounds: 3, Results: []result{row(0.4)}}
	table := rep.table()
	for _, part := range []string{"some CPU, 2 cores", "3 rounds", "lock: a job", "1,234,567",
		"20 ns (10–30)", "40 ns (20–60)", "| 0.50 ", "≤ 0.40", "MISSED"} {
		if !strings.Contains(table, part) {
			t.Errorf("%q is not in\n%s", part, table)
		}
	}
}

func TestTableColumnsLineUp(t *testing.T) {
	skipped := result{Name: "sleepers", Job: "…", Ops: 5, Target: 1, Skipped: "no clock"}
	table := report{Results: []result{row(0.6), skipped}}.table()
	_, body, _ := strings.Cut(table, "\n\n")
	lines := strings.Split(strings.TrimSpace(body), "\n")
	for _, line := range lines {
		if len([]rune(line)) != len([]rune(lines[0])) {
			t.Fatalf("lines of different widths:\n%s", table)
		}
	}
	if !strings.Contains(table, "skipped: no clock") {
		t.Errorf("the reason why a row is missing is not told:\n%s", table)
	}
}

func TestQuickNumbersAreMarked(t *testing.T) {
	if table := (report{Quick: true}).table(); !strings.Contains(table, "do not quote") {
		t.Errorf("a table of -quick does not say so:\n%s", table)
	}
}

func TestJSONHasTheSamplesAndWhatFollowsFromThem(t *testing.T) {
	var b strings.Builder
	if err := (report{Rounds: 3, Results: []result{row(0.4)}}).print(&b, true); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Rounds  int
		Results []struct {
			Name  string
			Ratio float64
			Met   bool
			Sides map[string]sideJSON
		}
	}
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatal(err)
	}
	r := got.Results[0]
	if got.Rounds != 3 || r.Name != "lock" || r.Ratio != 0.5 || r.Met {
		t.Errorf("%+v", got)
	}
	if s := r.Sides["asyncio"]; s.Median != 20 || s.Min != 10 || s.Max != 30 || len(s.Samples) != 3 {
		t.Errorf("asyncio: %+v", s)
	}
	if _, ok := r.Sides["iter.Pull"]; ok {
		t.Error("a side that did not run is there")
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		v    float64
		unit string
		want string
	}{
		{183.6, "ns/op", "184"}, {1_234_567, "ns/op", "1,234,567"}, {2.678, "s", "2.68"}, {999, "B/task", "999"},
	} {
		if got := number(c.v, c.unit); got != c.want {
			t.Errorf("%v %s is written %q, not %q", c.v, c.unit, got, c.want)
		}
	}
}

func TestCommandLine(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want options
	}{
		"five rounds by default":     {nil, options{rounds: 5}},
		"three rounds with -quick":   {[]string{"-quick"}, options{quick: true, rounds: 3}},
		"-rounds goes before -quick": {[]string{"-quick", "-rounds", "7"}, options{quick: true, rounds: 7}},
		"-only, -json and -strict":   {[]string{"-only", "lock", "-json", "-strict"}, options{only: "lock", asJSON: true, strict: true, rounds: 5}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parse(c.args, io.Discard)
			if err != nil || got != c.want {
				t.Errorf("%v: %+v, %v", c.args, got, err)
			}
		})
	}
	for _, args := range [][]string{{"lock"}, {"-rounds", "-1"}, {"-nope"}} {
		var said strings.Builder
		if _, err := parse(args, &said); err == nil || said.Len() == 0 {
			t.Errorf("%v: error %v, and on standard error %q", args, err, said.String())
		}
	}
}

func TestRun(t *testing.T) {
	t.Run("prints a table of the chosen workload only", func(t *testing.T) {
		var out strings.Builder
		if err := run(options{quick: true, rounds: 1, only: "yield"}, &out, io.Discard); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "yield: ") || strings.Contains(out.String(), "create: ") {
			t.Errorf("printed\n%s", out.String())
		}
	})
	t.Run("with a row of servers, in a table of its own", func(t *testing.T) {
		var out strings.Builder
		if err := run(options{quick: true, rounds: 1, only: "echo-one"}, &out, io.Discard); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "echo-one: ") || strings.Contains(out.String(), "bare iter.Pull") {
			t.Errorf("printed\n%s", out.String())
		}
	})
	t.Run("a name that no workload has is an error with the names there are", func(t *testing.T) {
		err := run(options{rounds: 1, only: "nothing"}, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), names(workloads(), network.Rows())) {
			t.Errorf("error %v", err)
		}
	})
}

func TestReportNamesTheMissedTargets(t *testing.T) {
	rep := report{Results: []result{row(0.6), row(0.4)}}
	rep.Results[1].Name = "slow"
	if got := rep.missed(); len(got) != 1 || got[0] != "slow" {
		t.Errorf("missed: %v", got)
	}
}
