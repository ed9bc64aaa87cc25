package main

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/bench/network"
)

// costing is a sample with a CPU time of that many microseconds for each message.
func costing(micro time.Duration) network.Sample {
	return network.Sample{
		Messages: 10, Elapsed: time.Millisecond, User: 4 * micro * time.Microsecond, System: 6 * micro * time.Microsecond,
		P50: 7 * time.Microsecond, P99: 1234 * time.Microsecond,
	}
}

func networkReport() report {
	echo := network.Result{
		Row: network.Row{
			Name: "echo", Job: "back and forth", Messages: true, Sides: []string{"ours", "theirs"},
			Targets: []network.Target{{Side: "ours", Than: "theirs", Ratio: 0.9}},
		},
		Note:    "only 7 connections",
		Samples: [][]network.Sample{{costing(10), costing(30), costing(20)}, {costing(20), costing(20), costing(20)}},
	}
	idle := network.Result{
		Row: network.Row{
			Name: "idle", Job: "nothing", Sides: []string{"ours", "theirs"},
			Targets: []network.Target{{Side: "ours", Than: "theirs", Ratio: 0.9}, {Side: "theirs", Ratio: 1024}},
		},
		Samples: [][]network.Sample{{{Memory: 800, Resident: 1700}}, {{Memory: 1000, Resident: 2000}}},
	}
	gone := network.Result{Row: network.Row{Name: "gone"}, Skipped: "not here"}
	return report{Rounds: 3, Network: []network.Result{echo, idle, gone}}
}

// squeeze takes away what pads the columns.
func squeeze(table string) string { return regexp.MustCompile(` +`).ReplaceAllString(table, " ") }

func TestTablesOfServers(t *testing.T) {
	text := squeeze(networkReport().table())
	for what, line := range map[string]string{
		"the first server of a row has its job, its cost with the spread, and the ratio with its target": "| echo: back and forth | ours | 20.00 (10.00–30.00) | 8.00 | 12.00 | 10,000 | 7 | 1,234 | 1.00 of theirs (≤ 0.90: MISSED) |",
		"the others have their numbers":                                   "| | theirs | 20.00 (20.00–20.00) | 8.00 | 12.00 | 10,000 | 7 | 1,234 | |",
		"memory has a table of its own":                                   "| idle: nothing | ours | 800 (800–800) | 1,700 (1,700–1,700) | 0.80 of theirs (≤ 0.90: met) |",
		"a target may be a number of bytes":                               "| | theirs | 1,000 (1,000–1,000) | 2,000 (2,000–2,000) | ≤ 1,024: met |",
		"what was not as planned is said below":                           "\necho: only 7 connections\n",
		"and so is what could not be measured, and is in neither of them": "\ngone: skipped: not here\n",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("%s: no line\n%s\nin\n%s", what, line, text)
		}
	}
	if strings.Contains(text, "bare iter.Pull") {
		t.Errorf("a table without rows was printed:\n%s", text)
	}
}

func TestMissedTargetsOfServersAreNamedWithWhomTheyAreComparedTo(t *testing.T) {
	if got := strings.Join(networkReport().missed(), "; "); got != "echo: ours theirs" {
		t.Errorf("missed: %s", got)
	}
}

func TestSamplesOfServersAreInTheJSON(t *testing.T) {
	var out strings.Builder
	if err := networkReport().print(&out, true); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"name": "echo"`, `"server": "theirs"`, `"user_ns": 80000`, `"bytes_per_connection": 800`, `"value": 0.8`, `"than": "theirs"`} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("no %s in\n%s", part, out.String())
		}
	}
}

func TestThePlanFollowsTheFlags(t *testing.T) {
	full, quick := options{rounds: 5}.plan(), options{rounds: 3, quick: true, profile: "dir"}.plan()
	if full.Rounds != 5 || full.Quick || quick.Rounds != 3 || !quick.Quick || quick.Profile != "dir" {
		t.Errorf("plans %+v and %+v", full, quick)
	}
	if a, b := full.Slice*time.Duration(full.Slices), quick.Slice*time.Duration(quick.Slices); a < 10*b {
		t.Errorf("quick measures for %v, and else it is %v", b, a)
	}
}
