package conformance_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/conformance"
)

// sentence is a program of a few statements with the trace that the language's
// page promises for it. c0 is the coro of the tasks.
type sentence struct {
	objects, coro, main string
	want                []string // "tick who text", without main's start and what the end logs
}

var language = map[string]sentence{
	"log": {"", "", `["log","a"],["log","b"]`,
		[]string{"0 main a", "0 main b"}},
	"sleep takes ticks": {"", "", `["sleep",3],["log","a"],["sleep",0],["log","b"]`,
		[]string{"3 main a", "3 main b"}},
	"callbacks are logged by the loop": {"", "", `["call_later",2,"later"],["call_soon","soon"],["sleep",5]`,
		[]string{"0 loop soon", "2 loop later"}},
	"a task runs after its creator waits, and is awaited": {"", `["return",5]`, `["spawn","t","c0"],["log","a"],["await","t"]`,
		[]string{"0 main a", "0 t start", "0 t return 5", "0 main await t -> ok:5"}},
	"a task without a return has the result 0": {"", "", `["spawn","t","c0"],["await","t"]`,
		[]string{"0 t start", "0 t end", "0 main await t -> ok:0"}},
	"a task's error is an outcome": {"", `["raise","E1"]`, `["spawn","t","c0"],["await","t"]`,
		[]string{"0 t start", "0 t end error:E1", "0 main await t -> error:E1"}},
	"main's own error ends its statements": {"", "", `["raise","E1"],["log","never"]`,
		[]string{"0 main end error:E1"}},
	"main's return ends its statements": {"", "", `["return",1],["log","never"]`, nil},
	"cancel says whether it came in time": {"", `["sleep",9]`, `["cancel","t"],["spawn","t","c0"],["sleep",1],["cancel","t"],["sleep",1],["cancel","t"]`,
		[]string{"0 main cancel t missing", "0 t start", "1 main cancel t true", "1 t end cancelled", "2 main cancel t false"}},
	"a cancelled task is an outcome": {"", `["sleep",9]`, `["spawn","t","c0"],["sleep",1],["cancel","t"],["await","t"]`,
		[]string{"0 t start", "1 main cancel t true", "1 t end cancelled", "1 main await t -> cancelled"}},
	"who is missing is not waited for": {"", "", `["await","x"],["wait_for","x",1],["gather",["x"],true],["wait",["x"],"ALL_COMPLETED",null],["as_completed",["x"]],["on_done","x"]`, nil},
	"wait_for in time": {"", `["sleep",2],["return",1]`, `["spawn","t","c0"],["wait_for","t",5]`,
		[]string{"0 t start", "2 t return 1", "2 main wait_for t -> ok:1"}},
	"wait_for cancels what is late, and waits for its end": {"", `["try",[["sleep",9]],[["sleep",2]]]`, `["spawn","t","c0"],["wait_for","t",5]`,
		[]string{"0 t start", "7 t end cancelled", "7 main wait_for t -> timeout"}},
	"wait_for 0 takes a result that is there": {"", `["return",1]`, `["spawn","t","c0"],["sleep",1],["wait_for","t",0]`,
		[]string{"0 t start", "0 t return 1", "1 main wait_for t -> ok:1"}},
	"wait_for 0 cancels what is not done": {"", `["sleep",9]`, `["spawn","t","c0"],["sleep",1],["wait_for","t",0]`,
		[]string{"0 t start", "1 t end cancelled", "1 main wait_for t -> timeout"}},
	"gather lists the outcomes": {"", `["sleep",2],["return",4]`, `["spawn","t","c0"],["spawn","u","c0"],["gather",["u","t"],false]`,
		[]string{"0 t start", "0 u start", "2 t return 4", "2 u return 4", "2 main gather u,t -> [ok:4,ok:4]"}},
	"gather ends with the first error": {"", `["sleep",2],["raise","E"]`, `["spawn","t","c0"],["gather",["t"],false]`,
		[]string{"0 t start", "2 t end error:E", "2 main gather t -> error:E"}},
	"gather may keep the errors as results": {"", `["sleep",2],["raise","E"]`, `["spawn","t","c0"],["gather",["t"],true]`,
		[]string{"0 t start", "2 t end error:E", "2 main gather t -> [error:E]"}},
	"wait with a timeout": {"", `["sleep",2]`, `["spawn","t","c0"],["wait",["t"],"ALL_COMPLETED",1],["wait",["t"],"FIRST_COMPLETED",null]`,
		[]string{"0 t start", "1 main wait t -> done=[] pending=[t]", "2 t end", "2 main wait t -> done=[t=ok:0] pending=[]"}},
	"as_completed gives each outcome": {"", `["sleep",2],["return",3]`, `["spawn","t","c0"],["as_completed",["t"]]`,
		[]string{"0 t start", "2 t return 3", "2 main as_completed -> ok:3"}},
	"a done callback": {"", `["raise","E"]`, `["spawn","t","c0"],["on_done","t"],["sleep",1]`,
		[]string{"0 t start", "0 t end error:E", "0 loop done t error:E"}},
	"a timeout that is met": {"", "", `["timeout",5,[["sleep",2]]]`,
		[]string{"2 main timeout 5 met"}},
	"a timeout that expires": {"", "", `["timeout",2,[["sleep",5],["log","never"]]],["log","on"]`,
		[]string{"2 main timeout 2 expired", "2 main on"}},
	"the outer timeout takes the inner block along": {"", "", `["timeout",2,[["timeout",9,[["sleep",99]]]]]`,
		[]string{"2 main timeout 2 expired"}},
	"a timeout cancels the group inside it": {"", `["sleep",9]`, `["timeout",2,[["group",[["t","c0"]],[["sleep",9]]]]]`,
		[]string{"0 t start", "2 t end cancelled", "2 main timeout 2 expired"}},
	"an error passes a timeout": {"", "", `["catch",[["timeout",2,[["raise","E"]]]]]`,
		[]string{"0 main caught error:E"}},
	"a group waits for its children": {"", `["sleep",2]`, `["group",[["t","c0"],["u","c0"]],[["log","body"]]]`,
		[]string{"0 main body", "0 t start", "0 u start", "2 t end", "2 u end", "2 main group -> ok"}},
	"a group's errors": {"", `["sleep",2],["raise","E"]`, `["group",[["t","c0"],["u","c0"]],[["sleep",9],["log","never"]]]`,
		[]string{"0 t start", "0 u start", "2 t end error:E", "2 u end error:E", "2 main group -> group:[error:E,error:E]"}},
	"an error of a group's body": {"", `["sleep",2]`, `["group",[["t","c0"]],[["sleep",1],["raise","B"]]]`,
		[]string{"0 t start", "1 t end cancelled", "1 main group -> group:[error:B]"}},
	"cleanup runs in any case, and its waits work": {"", `["try",[["sleep",9]],[["log","a"],["sleep",2],["log","b"]]]`, `["spawn","t","c0"],["sleep",1],["cancel","t"],["sleep",9]`,
		[]string{"0 t start", "1 main cancel t true", "1 t a", "3 t b", "3 t end cancelled"}},
	"an error in the cleanup replaces the first": {"", "", `["catch",[["try",[["raise","A"]],[["raise","B"]]]]]`,
		[]string{"0 main caught error:B"}},
	"catch lets a return through": {"", `["catch",[["return",3]]]`, `["spawn","t","c0"],["await","t"]`,
		[]string{"0 t start", "0 t return 3", "0 main await t -> ok:3"}},
	"repeat": {"", "", `["repeat",2,[["log","a"]]]`,
		[]string{"0 main a", "0 main a"}},
	"a lock is held by one": {`["L","lock"]`, `["lock","L",[["sleep",2]]]`, `["spawn","t","c0"],["spawn","u","c0"],["sleep",9]`,
		[]string{"0 t start", "0 t L acquired", "0 u start", "2 t L released", "2 t end", "2 u L acquired", "4 u L released", "4 u end"}},
	"a lock is released when its block fails": {`["L","lock"]`, "", `["catch",[["lock","L",[["raise","E"]]]]],["lock","L",[]]`,
		[]string{"0 main L acquired", "0 main L released", "0 main caught error:E", "0 main L acquired", "0 main L released"}},
	"a semaphore of two": {`["S","semaphore",2]`, "", `["semaphore","S",[["semaphore","S",[["timeout",1,[["semaphore","S",[]]]]]]]]`,
		[]string{"0 main S acquired", "0 main S acquired", "1 main timeout 1 expired", "1 main S released", "1 main S released"}},
	"an event": {`["E","event"]`, `["event_wait","E"]`, `["spawn","t","c0"],["sleep",1],["event_set","E"],["event_clear","E"],["timeout",1,[["event_wait","E"]]]`,
		[]string{"0 t start", "1 t E seen", "1 t end", "2 main timeout 1 expired"}},
	"a condition": {`["C","condition"]`, `["condition_wait","C"]`, `["spawn","t","c0"],["sleep",1],["condition_notify","C",1],["sleep",1]`,
		[]string{"0 t start", "1 t C woken", "1 t end"}},
	"a barrier": {`["B","barrier",2]`, `["barrier","B"]`, `["spawn","t","c0"],["sleep",1],["barrier","B"],["sleep",1]`,
		[]string{"0 t start", "1 main B passed 1", "1 t B passed 0", "1 t end"}},
	"a barrier that breaks": {`["B","barrier",2]`, `["barrier","B"]`, `["spawn","t","c0"],["sleep",1],["barrier_abort","B"],["barrier","B"],["sleep",1]`,
		[]string{"0 t start", "1 main B broken", "1 t B broken", "1 t end"}},
	"a future is set once": {`["F","future"]`, `["await_future","F"]`, `["spawn","t","c0"],["sleep",1],["set_result","F",4],["set_error","F","E"],["await_future","F"],["sleep",1]`,
		[]string{"0 t start", "1 main F invalid", "1 main future F -> ok:4", "1 t future F -> ok:4", "1 t end"}},
	"a future with an error": {`["F","future"]`, "", `["set_error","F","E"],["set_result","F",1],["await_future","F"]`,
		[]string{"0 main F invalid", "0 main future F -> error:E"}},
	"a queue": {`["Q","queue",1]`, `["put","Q",1],["put","Q",2]`, `["spawn","t","c0"],["sleep",1],["get","Q"],["get","Q"]`,
		[]string{"0 t start", "0 t Q put 1", "1 main Q got 1", "1 t Q put 2", "1 t end", "1 main Q got 2"}},
	"a queue without waiting": {`["Q","queue",1]`, "", `["get_nowait","Q"],["put_nowait","Q",1],["put_nowait","Q",2],["get_nowait","Q"]`,
		[]string{"0 main Q get_nowait empty", "0 main Q put_nowait 1", "0 main Q put_nowait full", "0 main Q get_nowait 1"}},
	"size 0 is unbounded": {`["Q","lifo_queue",0]`, "", `["repeat",3,[["put","Q",1]]]`,
		[]string{"0 main Q put 1", "0 main Q put 1", "0 main Q put 1"}},
	"the kinds of queue": {`["P","priority_queue",0],["L","lifo_queue",0]`, "", `["put","P",2],["put","P",1],["get","P"],["put","L",1],["put","L",2],["get","L"]`,
		[]string{"0 main P put 2", "0 main P put 1", "0 main P got 1", "0 main L put 1", "0 main L put 2", "0 main L got 2"}},
	"a queue that is shut down": {`["Q","queue",0]`, "", `["put","Q",1],["shutdown","Q",false],["put","Q",2],["put_nowait","Q",2],["get","Q"],["get","Q"],["get_nowait","Q"]`,
		[]string{"0 main Q put 1", "0 main Q shutdown", "0 main Q put shutdown", "0 main Q put_nowait shutdown", "0 main Q got 1", "0 main Q get shutdown", "0 main Q get_nowait shutdown"}},
	"a sleep longer than a case": {"", `["sleep",1000000000000000000]`, `["spawn","t","c0"]`,
		[]string{"0 t start", "300 loop reap t", "300 t end cancelled"}},
	"what runs at tick 300 is reaped": {`["E","event"]`, `["event_wait","E"]`, `["spawn","t","c0"]`,
		[]string{"0 t start", "300 loop reap t", "300 t end cancelled"}},
}

// TestLanguage runs each sentence. The same sentences are put to CPython in
// TestLanguageIsCPythons, so that neither is believed alone.
func TestLanguage(t *testing.T) {
	for name, s := range language {
		t.Run(name, func(t *testing.T) {
			trace := s.run(t)
			if got := gist(trace); got != strings.Join(s.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", got, strings.Join(s.want, "\n"))
			}
		})
	}
}

func (s sentence) run(t *testing.T) []conformance.Row {
	t.Helper()
	c := new(conformance.Case)
	if err := json.Unmarshal([]byte(program(s.objects, s.coro, s.main)), c); err != nil {
		t.Fatal(err)
	}
	p, err := conformance.Parse(c)
	if err != nil {
		t.Fatal(err)
	}
	trace, err := p.Run()
	if err != nil {
		t.Fatal(err)
	}
	return trace
}

// gist is a trace without main's start and without the list of outcomes at its
// end.
func gist(trace []conformance.Row) string {
	var lines []string
	for _, r := range trace {
		closing := r.Who == "main" && (r.Text == "start" || r.Text == "end" || strings.Contains(r.Text, " = "))
		if !closing {
			lines = append(lines, fmt.Sprintf("%d %s %s", r.Tick, r.Who, r.Text))
		}
	}
	return strings.Join(lines, "\n")
}
