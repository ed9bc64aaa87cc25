package vet_test

import (
	"fmt"
	"go/types"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/goasyncio/asyncio/internal/vet"
)

// The packages under testdata say in comments what is to be found in each line. They
// import the runtime itself, not a copy made for tests: what is known about its
// functions is found out from their bodies, here as elsewhere.
func check(t *testing.T, packages ...string) []*analysistest.Result {
	t.Helper()
	if testing.Short() {
		t.Skip("type-checks the standard library")
	}
	for i, name := range packages {
		packages[i] = "./internal/vet/testdata/" + name
	}
	return analysistest.Run(findings{t}, "../..", vet.Analyzer, packages...)
}

// findings is a test that does not ask for a comment about each fact: they are
// compared where there is one.
type findings struct{ *testing.T }

func (t findings) Errorf(format string, args ...any) {
	t.Helper()
	if message := fmt.Sprintf(format, args...); !strings.Contains(message, ": unexpected fact: ") {
		t.Error(message)
	}
}

func setFlag(t *testing.T, name, value string) {
	t.Helper()
	f := vet.Analyzer.Flags.Lookup(name)
	before := f.Value.String()
	if err := f.Value.Set(value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Value.Set(before) })
}

func TestFindings(t *testing.T) {
	check(t, "place", "inmain", "maporder", "channels", "uses", "threads", "directive", "leaks")
}

// factsOf are the facts about the functions of a package, by their qualified names.
func factsOf(results []*analysistest.Result, path string) map[string]string {
	facts := map[string]string{}
	for _, result := range results {
		for _, fact := range result.Action.AllObjectFacts() {
			f, ok := fact.Object.(*types.Func)
			if !ok || f.Pkg().Path() != path {
				continue
			}
			name := f.Name()
			if recv := f.Signature().Recv(); recv != nil {
				text := types.TypeString(recv.Type(), func(*types.Package) string { return "" })
				text, _, _ = strings.Cut(strings.TrimPrefix(text, "*"), "[")
				name = text + "." + name
			}
			facts[name] = fmt.Sprint(fact.Fact)
		}
	}
	return facts
}

// What is known about the runtime begins with a few of its unexported functions. This
// test fails where they are renamed.
func TestFacts(t *testing.T) {
	const (
		waits     = "waits, schedules, needs a loop"
		schedules = "schedules, needs a loop"
		starts    = "starts a loop"
		nothing   = ""
	)
	results := check(t, "helpers")
	for path, want := range map[string]map[string]string{
		"github.com/goasyncio/asyncio/internal/vet/testdata/helpers": {
			"Program": starts, "Plain": nothing, "Start": nothing, "Store.Size": nothing, "store.Size": nothing,
		},
		"github.com/goasyncio/asyncio": {
			"Checkpoint": waits, "Yield": waits, "Sleep": waits, "Gather": waits, "WithTaskGroup": waits, "WaitFor": waits,
			"Task.Await": waits, "Lock.Acquire": waits, "Queue.Get": waits, "Event.Wait": waits, "Condition.Wait": waits,
			"Semaphore.Acquire": waits, "Receive": waits, "ToThread": waits, "Barrier.Wait": waits, "Descriptor.WaitReadable": waits,
			"Map": waits, "AsCompleted": waits, "Race": waits, "Queue.All": waits, "Interval.Tick": waits,
			"CreateTask": schedules, "Go": schedules, "Queue.TryPut": schedules, "Event.Set": schedules, "Lock.Release": schedules,
			"taskCore.Cancel": schedules, "CallSoon": schedules, "CallLater": schedules, "Future.SetResult": schedules,
			"Now": "needs a loop", "CurrentTask": "needs a loop",
			"Run": starts, "RunValue": starts, "Loop.Run": starts, "NewLoop": nothing, "Submit": nothing,
			"LoopHandle.CallSoonThreadsafe": nothing, "LoopHandle.Close": nothing, "NewQueue": nothing, "Queue.Len": nothing,
		},
	} {
		facts := factsOf(results, path)
		for name, fact := range want {
			if facts[name] != fact {
				t.Errorf("%s.%s: the fact is %q, want %q", path, name, facts[name], fact)
			}
		}
	}
}

func TestTestsAreLookedAtWhereTheFlagSaysSo(t *testing.T) {
	setFlag(t, "tests", "true")
	check(t, "intests")
}

func TestARuleThatIsNotThereCannotBeLeftOut(t *testing.T) {
	f := vet.Analyzer.Flags.Lookup("without")
	if err := f.Value.Set("clock,clocks"); err == nil || err.Error() != `there is no rule "clocks"` {
		t.Errorf("the error is %v", err)
	}
	if err := f.Value.Set(""); err != nil || f.Value.String() != "" {
		t.Errorf("the empty list: %v, %q", err, f.Value.String())
	}
}
