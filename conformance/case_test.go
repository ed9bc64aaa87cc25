package conformance_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/conformance"
)

// program wraps statements of main, and of a coro c0, into a case.
func program(objects, coro, main string) string {
	return `{"id":7,"objects":[` + objects + `],"coros":{"c0":[` + coro + `]},"main":[` + main + `],"trace":[]}`
}

func TestBadCasesAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ input, want string }{
		"no JSON":                {`{"id":`, "line 1: not a case"},
		"another JSON":           {`[1,2]`, "line 1: not a case"},
		"no main":                {`{"id":1}`, `it has no "main"`},
		"no trace":               {`{"id":1,"main":[]}`, `case 1 has no "trace" to compare with`},
		"the line is counted":    {"\n\n" + `{"id":1}`, "line 3:"},
		"a row with two parts":   {`{"main":[],"trace":[[0,"main"]]}`, "[tick, who, text]"},
		"a row with wrong parts": {`{"main":[],"trace":[["0","main","x"]]}`, "line 1: not a case"},
		"unknown operation":      {program("", "", `["dance"]`), `case 7: unknown operation "dance"`},
		"empty statement":        {program("", "", `[]`), "a statement is [operation, argument…]"},
		"no statement":           {program("", "", `"log"`), "case 7"},
		"too few arguments":      {program("", "", `["sleep"]`), "statement sleep: takes 1 arguments, got 0"},
		"too many arguments":     {program("", "", `["sleep",1,2]`), "statement sleep: takes 1 arguments, got 2"},
		"a wrong type":           {program("", "", `["sleep","long"]`), "statement sleep:"},
		"a fraction":             {program("", "", `["sleep",0.5]`), "statement sleep:"},
		"null":                   {program("", "", `["log",null]`), "statement log: null where a string is needed"},
		"unknown object":         {program("", "", `["event_set","E0"]`), `no object is called "E0"`},
		"object of another kind": {program(`["E0","lock"]`, "", `["event_set","E0"]`), `"E0" is a lock, not a event`},
		"unknown kind":           {program(`["X","mutex"]`, "", ""), `unknown kind "mutex"`},
		"two objects, one name":  {program(`["X","lock"],["X","event"]`, "", ""), `two objects are called "X"`},
		"object without a kind":  {program(`["X"]`, "", ""), "an object is [name, kind, argument…]"},
		"queue without a size":   {program(`["Q","queue"]`, "", ""), "has 0 arguments"},
		"lock with a size":       {program(`["L","lock",1]`, "", ""), "has 1 arguments"},
		"negative size":          {program(`["Q","queue",-1]`, "", ""), "impossible size -1"},
		"barrier for nobody":     {program(`["B","barrier",0]`, "", ""), "impossible size 0"},
		"unknown coro":           {program("", "", `["spawn","t1","c9"]`), `no coro is called "c9"`},
		"unknown coro in group":  {program("", "", `["group",[["t1","c9"]],[]]`), `no coro is called "c9"`},
		"child without a coro":   {program("", "", `["group",[["t1"]],[]]`), "a child is [task, coro]"},
		"unknown wait":           {program("", "", `["wait",["t1"],"SOMETIME",null]`), `"SOMETIME" is not`},
		"an error in a coro":     {program("", `["dance"]`, ""), `unknown operation "dance"`},
		"an error in a block":    {program("", "", `["catch",[["repeat",2,[["dance"]]]]]`), `unknown operation "dance"`},
		"a task name used twice": {program("", "", `["spawn","t1","c0"],["spawn","t1","c0"]`), `two tasks are called "t1"`},
	} {
		t.Run(name, func(t *testing.T) {
			err := firstError(strings.NewReader(c.input))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
			if err != nil && !strings.HasPrefix(err.Error(), "line ") {
				t.Errorf("error %v does not begin with its line", err)
			}
		})
	}
}

// firstError reads and checks until something is wrong.
func firstError(r io.Reader) error {
	for c, err := range conformance.Cases(r) {
		if err != nil {
			return err
		}
		if _, err := conformance.Check(c); err != nil {
			return err
		}
	}
	return nil
}

func TestCasesAreRead(t *testing.T) {
	ids := func(input string) (ids []string) {
		for c, err := range conformance.Cases(iotest.OneByteReader(strings.NewReader(input))) {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, c.Name())
		}
		return ids
	}
	for name, c := range map[string]struct{ input, want string }{
		"one a line":                    {`{"id":1,"main":[],"trace":[]}` + "\n" + `{"id":2,"main":[],"trace":[]}` + "\n", "1 2"},
		"the last line without its end": {`{"id":1,"main":[],"trace":[]}` + "\n" + `{"id":2,"main":[],"trace":[]}`, "1 2"},
		"empty lines and CR":            {"\n" + `{"id":1,"main":[],"trace":[]}` + "\r\n\r\n" + `{"id":"b","main":[],"trace":[]}`, `1 "b"`},
		"no id":                         {"\n" + `{"main":[],"trace":[]}`, "on line 2"},
		"nothing":                       {"", ""},
		"a line longer than the buffer": {`{"id":1,"main":[["log","` + strings.Repeat("x", 1<<18) + `"]],"trace":[]}`, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(ids(c.input), " "); got != c.want {
				t.Errorf("cases %s, want %s", got, c.want)
			}
		})
	}
}

func TestABrokenFileIsReported(t *testing.T) {
	broken := io.MultiReader(strings.NewReader(`{"id":1,"main":[],"trace":[[0,"main","start"],[0,"main","end"]]}`+"\n"),
		iotest.ErrReader(errors.New("the disk is gone")))
	if err := firstError(broken); err == nil || err.Error() != "line 2: the disk is gone" {
		t.Errorf("error %v, want the reader's with its line", err)
	}
}

func TestReadingStopsWhenItsUserStops(t *testing.T) {
	read := 0
	for range conformance.Cases(strings.NewReader(strings.Repeat(`{"main":[],"trace":[]}`+"\n", 10))) {
		if read++; read == 3 {
			break
		}
	}
	if read != 3 {
		t.Errorf("read %d cases, want 3", read)
	}
}

// A case whose cleanup waits for what never comes is stuck after the reaper has
// passed. That is a difference, with the reason, and not a hanging command.
func TestACaseThatNeverEndsIsADifference(t *testing.T) {
	stuck := program(`["E","event"]`, `["try",[],[["event_wait","E"]]]`, `["spawn","t","c0"]`)
	for c, err := range conformance.Cases(strings.NewReader(stuck)) {
		if err != nil {
			t.Fatal(err)
		}
		d, err := conformance.Check(c)
		if err != nil {
			t.Fatal(err)
		}
		if d == nil || !errors.Is(d.Err, asyncio.ErrDeadlock) || !strings.Contains(d.String(), "the run ended with: ") {
			t.Errorf("difference %v, want one that tells of a deadlock", d)
		}
	}
}
