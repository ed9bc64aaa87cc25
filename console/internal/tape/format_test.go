package tape_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

var header = tape.Header{Format: tape.Format, Version: tape.Version, Program: "p", PID: 3, Loop: 1, Start: "2026-01-02T03:04:05Z", Detail: "exact"}

// full is a batch with everything.
func full() *tape.Batch {
	return &tape.Batch{
		Tasks:   []tape.Task{{ID: 1, Name: "main", Function: "main.main", File: "/x/main.go", Line: 3}, {ID: 2, Name: "<b>\u202e\n", Parent: 1}},
		Strings: []string{"sleep", "Lock held by \"A\""},
		Frames:  []monitor.Frame{{Function: "main.f", File: "/x/main.go", Line: 12}, {Function: "main.g", File: "/x/main.go", Line: 13}},
		Stacks:  [][]int{{0, 1}, {1}},
		Events: []tape.Event{
			{At: 5, Kind: monitor.Created, Task: 1}, {At: 6, Kind: monitor.Round, A: 1}, {At: 6, Kind: monitor.Step, Task: 1},
			{At: 7, Kind: monitor.Created, Task: 2, A: 1}, {At: 8, Kind: monitor.Parked, Task: 1, A: 1, B: 2, C: 900},
			{At: 9, Kind: monitor.Sleep, A: 900}, {At: 900, Kind: monitor.Awake}, {At: 900, Kind: monitor.Woken, Task: 1, C: 2},
		},
		Lost: 3, Now: 1000,
		Blocked: &tape.Blocked{Since: 900, Task: 1, Stack: "goroutine 1"},
		Warning: json.RawMessage(`{"kind":"blocked"}`),
		Ended:   &tape.End{At: 1001, Error: "deadlock"},
	}
}

func write(batches ...*tape.Batch) []byte {
	text := tape.AppendHeader(nil, header)
	for _, b := range batches {
		text = b.Append(text)
	}
	return text
}

func readAll(t *testing.T, text []byte) (all []*tape.Batch) {
	t.Helper()
	r, err := tape.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for {
		b, err := r.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		all = append(all, b)
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Run("everything", func(t *testing.T) {
		text := write(full())
		r, err := tape.NewReader(bytes.NewReader(text))
		if err != nil || !reflect.DeepEqual(r.Header, header) {
			t.Fatalf("%v, %+v", err, r)
		}
		b, err := r.Next()
		if err != nil || !reflect.DeepEqual(b, full()) {
			t.Errorf("%v\n%+v, want\n%+v", err, b, full())
		}
		if _, err := r.Next(); err != io.EOF {
			t.Errorf("after the end: %v", err)
		}
	})
	t.Run("a loop that answers again", func(t *testing.T) {
		got := readAll(t, write(&tape.Batch{Now: 4, Freed: true}))
		if !got[0].Freed || got[0].Blocked != nil || got[0].Now != 4 {
			t.Errorf("%+v", got[0])
		}
	})
	t.Run("nothing but the time", func(t *testing.T) {
		if got := string((&tape.Batch{Now: 4}).Append(nil)); got != "{\"now\":4}\n" {
			t.Errorf("%s", got)
		}
		if got := string((&tape.Batch{}).Append(nil)); got != "{\"now\":0}\n" {
			t.Errorf("%s", got)
		}
		if !(&tape.Batch{Now: 4}).Empty() || full().Empty() {
			t.Error("Empty is wrong")
		}
	})
	t.Run("many events, in several lines", func(t *testing.T) {
		b := &tape.Batch{Strings: []string{"x"}, Lost: 9, Now: 99999}
		for n := range int64(10_000) {
			b.Events = append(b.Events, tape.Event{At: n, Kind: monitor.Callback, A: n % 2})
		}
		got := readAll(t, write(b))
		if len(got) != 5 || got[0].Lost != 9 || got[1].Lost != 0 || got[0].Now != 0 || got[4].Now != 99999 {
			t.Fatalf("%d lines", len(got))
		}
		var events []tape.Event
		for _, b := range got {
			events = append(events, b.Events...)
		}
		if !reflect.DeepEqual(events, b.Events) {
			t.Error("the events are others")
		}
	})
}

func TestALineIsAsItIsSpecified(t *testing.T) {
	want := `{"strings":["sleep"],"frames":[["main.f","/x/main.go",12]],"stacks":[[0]],"tasks":[{"id":1,"name":"main"}],"lost":2,` +
		`"events":[[5,0,1],[6,12,0,1],[7,3,1,1,1]],"now":8}` + "\n"
	b := tape.Batch{
		Strings: []string{"sleep"}, Frames: []monitor.Frame{{Function: "main.f", File: "/x/main.go", Line: 12}}, Stacks: [][]int{{0}},
		Tasks: []tape.Task{{ID: 1, Name: "main"}}, Lost: 2, Now: 8,
		Events: []tape.Event{{At: 5, Task: 1}, {At: 6, Kind: monitor.Round, A: 1}, {At: 7, Kind: monitor.Parked, Task: 1, A: 1, B: 1}},
	}
	if got := string(b.Append(nil)); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestNonsenseIsRefused(t *testing.T) {
	const head = `{"format":"asyncio-recording","version":1,"loop":1,"start":"","virtual":false,"detail":"exact"}` + "\n"
	for _, c := range []struct{ text, want string }{
		{"", "it is empty"},
		{"hello", "line 1: invalid character"},
		{`{"format":"har","version":1}`, `its format is "har"`},
		{`{"format":"asyncio-recording","version":2}`, "version 2; this reader knows version 1"},
		{head + "{", "line 2: unexpected end"},
		{head + "[]", "line 2: it is no object"},
		{head + "null", "line 2: it is no object"},
		{head + `{"events":[[1]]}`, "an event has 2 to 7 numbers, not 1"},
		{head + `{"events":[[1,1,1,0,0,0,0,0]]}`, "an event has 2 to 7 numbers, not 8"},
		{head + `{"events":[[1,1.5,1]]}`, "line 2: json"},
		{head + `{"events":[[1,99,1]]}`, "of kind 99"},
		{head + `{"events":[[1,-1,1]]}`, "of kind -1"},
		{head + `{"events":[[1,15,0]]}`, "its kind is 15"},
		{head + `{"events":[[1,1,-1]]}`, "of task -1"},
		{head + `{"events":[[1,1]]}`, "its task is 0"},
		{head + `{"events":[[1,6,5]]}`, "its task is 5"},
		{head + `{"events":[[5,1,1],[4,1,1]]}`, "event step at 4 is earlier"},
		{head + `{"events":[[5,1,1]]}` + "\n\n" + `{"events":[[4,1,1]]}`, "line 4: event step at 4 is earlier"},
		{head + `{"events":[[1,0,1,-1]]}`, "its parent is -1"},
		{head + `{"events":[[1,2,0,1]]}`, "its string is 1"},
		{head + `{"strings":["a"],"events":[[1,3,1,2]]}`, "its string is 2"},
		{head + `{"events":[[1,3,1,0,1]]}`, "its stack is 1"},
		{head + `{"events":[[1,3,1,0,0,-5]]}`, "its limit of time is -5"},
		{head + `{"events":[[1,4,1,3]]}`, "its cause is 3"},
		{head + `{"events":[[1,4,1,0,-1]]}`, "who has done it is -1"},
		{head + `{"events":[[1,5,1,2]]}`, "its outcome is 2"},
		{head + `{"events":[[1,20,1,3]]}`, "its state is 3"},
		{head + `{"events":[[1,12,0,-1]]}`, "its number is -1"},
		{head + `{"stacks":[[0]]}`, "a stack has frame 0; there are 0"},
		{head + `{"frames":[["f","g"]]}`, "a function, a file and a line, not 2 parts"},
		{head + `{"frames":[["f","g","h"]]}`, "a function, a file and a line, not [f g h]"},
		{head + `{"frames":[["f","g",-1]]}`, "a function, a file and a line"},
		{head + `{"tasks":[{"id":0}]}`, "a task has number 0"},
		{head + `{"tasks":[{"id":-1}]}`, "line 2: json"},
		{head + `{"events":[[5,1,1]],"now":4}`, "complete up to 4"},
		{head + `{"now":9}` + "\n" + `{"events":[[5,1,1]]}`, "earlier than the one before it, at 9"},
		{head + `{"events":[[5,1,1]],"ended":{"t":4}}`, "the loop ends at 4"},
		{head + `{"ended":{"t":4}}` + "\n" + `{"now":5}`, "line 3: the loop has ended in the line before"},
		{head + `{"lost":-1}`, "line 2: json"},
		{head + `{"blocked":5}`, "line 2: json"},
	} {
		err := readError(c.text)
		if !errors.Is(err, tape.ErrFormat) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\nis refused with %v, want %q", strings.TrimPrefix(c.text, head), err, c.want)
		}
	}
}

func readError(text string) error {
	r, err := tape.NewReader(strings.NewReader(text))
	for err == nil {
		_, err = r.Next()
	}
	return err
}

func TestAnErrorOfReadingIsItself(t *testing.T) {
	broken := errors.New("the disk is gone")
	_, err := tape.NewReader(io.MultiReader(strings.NewReader("{"), failing{broken}))
	if !errors.Is(err, broken) || errors.Is(err, tape.ErrFormat) {
		t.Errorf("%v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// Whatever a file holds: it is refused, or it is the same after it was written again;
// and nobody panics.
func FuzzRead(f *testing.F) {
	f.Add(write(full()))
	f.Add(write(&tape.Batch{Freed: true, Now: 3}))
	f.Add([]byte(`{"format":"asyncio-recording","version":1}` + "\n" + `{"events":[[1,20,1,1],[1,4,1],[2,1,1],[3,0,2,1],[3,1,2],[4,5,2,3],[4,5,1,3]]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := tape.NewReader(bytes.NewReader(text))
		if err != nil {
			return
		}
		again := tape.AppendHeader(nil, r.Header)
		m, stats := tape.NewModel(), tape.NewStats()
		var want []string
		for {
			b, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return
			}
			again = b.Append(again)
			want = append(want, fmt.Sprint(b.Events, b.Strings, b.Tasks, b.Stacks, b.Lost))
			stats.Add(b)
			m.Gap(b.Lost)
			for _, e := range b.Events {
				_ = m.Apply(e)
			}
			if m.Ready < 0 || m.Ready > len(m.Tasks) {
				t.Fatalf("%d of %d tasks are ready", m.Ready, len(m.Tasks))
			}
		}
		var got []string
		for _, b := range readAll(t, again) {
			got = append(got, fmt.Sprint(b.Events, b.Strings, b.Tasks, b.Stacks, b.Lost))
		}
		if len(got) == len(want) && !reflect.DeepEqual(got, want) {
			t.Errorf("read %v, after writing it %v", want, got)
		}
	})
}
