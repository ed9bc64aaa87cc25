package tape_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// ev is an event whose numbers are those of the wire.
func ev(at int64, kind monitor.Kind, task uint64, abc ...int64) tape.Event {
	e := tape.Event{At: at, Kind: kind, Task: task}
	for i, to := range []*int64{&e.A, &e.B, &e.C} {
		if i < len(abc) {
			*to = abc[i]
		}
	}
	return e
}

var line7 = monitor.Frame{Function: "main.f", File: "/x/main.go", Line: 7}

// flat are the events of batches as "kind/task@at", those that were said with their text.
func flat(t *testing.T, batches []*tape.Batch) (events []string) {
	t.Helper()
	names := map[monitor.Kind]string{monitor.Created: "created", monitor.Step: "step", monitor.Parked: "parked", monitor.Woken: "woken", monitor.Done: "done", tape.Said: "said"}
	for _, b := range batches {
		for _, e := range b.Events {
			text := names[e.Kind] + "/" + string(rune('0'+e.Task)) + "@" + string(rune('0'+e.At))
			if e.Kind == tape.Said && e.A > 0 {
				text += " " + batches[0].Strings[e.A-1]
			}
			events = append(events, text)
		}
	}
	return events
}

func TestANoteStandsInTheStepInWhichItWasMade(t *testing.T) {
	done := int64(monitor.Returned)
	base := []tape.Event{
		ev(0, monitor.Created, 1), ev(0, monitor.Created, 2), ev(0, monitor.Step, 1), ev(0, monitor.Parked, 1),
		ev(0, monitor.Step, 2), ev(3, monitor.Done, 2, done),
		ev(4, monitor.Woken, 1), ev(4, monitor.Step, 1), ev(4, monitor.Done, 1, done),
	}
	for name, test := range map[string]struct {
		notes []tape.Note
		want  []string
	}{
		"two steps at one time, each with its own": {
			[]tape.Note{{At: 0, Task: 1, Text: "one"}, {At: 0, Task: 2, Text: "two"}},
			[]string{"created/1@0", "created/2@0", "step/1@0", "said/1@0 one", "parked/1@0", "step/2@0", "said/2@0 two", "done/2@3", "woken/1@4", "step/1@4", "done/1@4"},
		},
		"a long step, several times": {
			[]tape.Note{{At: 0, Task: 2, Text: "begin"}, {At: 1, Task: 2}, {At: 3, Task: 2, Text: "end"}},
			[]string{"created/1@0", "created/2@0", "step/1@0", "parked/1@0", "step/2@0", "said/2@0 begin", "said/2@1", "said/2@3 end", "done/2@3", "woken/1@4", "step/1@4", "done/1@4"},
		},
		"the second step of a task": {
			[]tape.Note{{At: 4, Task: 1, Text: "again"}},
			[]string{"created/1@0", "created/2@0", "step/1@0", "parked/1@0", "step/2@0", "done/2@3", "woken/1@4", "step/1@4", "said/1@4 again", "done/1@4"},
		},
		"what fits nowhere is left out": {
			[]tape.Note{{At: 1, Task: 5, Text: "who?"}},
			[]string{"created/1@0", "created/2@0", "step/1@0", "parked/1@0", "step/2@0", "done/2@3", "woken/1@4", "step/1@4", "done/1@4"},
		},
		"a note knows better when a step ended": {
			[]tape.Note{{At: 2, Task: 1, Text: "slow"}, {At: 4, Task: 2, Text: "slower"}},
			[]string{"created/1@0", "created/2@0", "step/1@0", "said/1@2 slow", "parked/1@2", "step/2@2", "said/2@4 slower", "done/2@4", "woken/1@4", "step/1@4", "done/1@4"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			// However the events are cut into batches, the result is the same.
			for cut := range base {
				batches := []*tape.Batch{{Events: base[:cut]}, {Events: base[cut:], Ended: &tape.End{At: 4}}}
				if got := flat(t, tape.Annotate(batches, test.notes)); !slices.Equal(got, test.want) {
					t.Fatalf("cut at %d:\n%s\nwant\n%s", cut, strings.Join(got, "\n"), strings.Join(test.want, "\n"))
				}
			}
		})
	}
}

func TestNotesInTasksThatWereStartedEagerlyStandInTheInnerStep(t *testing.T) {
	events := []tape.Event{
		ev(0, monitor.Created, 1), ev(0, monitor.Step, 1), ev(1, monitor.Created, 2), ev(1, monitor.Step, 2),
		ev(2, monitor.Parked, 2), ev(3, monitor.Done, 1, int64(monitor.Returned)),
	}
	notes := []tape.Note{{At: 2, Task: 2, Text: "inner"}, {At: 3, Task: 1, Text: "outer"}}
	got := flat(t, tape.Annotate([]*tape.Batch{{Events: events}}, notes))
	want := []string{"created/1@0", "step/1@0", "created/2@1", "step/2@1", "said/2@2 inner", "parked/2@2", "said/1@3 outer", "done/1@3"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAnAnnotatedRecordingIsOneThatCanBeRead(t *testing.T) {
	batches := []*tape.Batch{
		{Tasks: []tape.Task{{ID: 1, Name: "main"}}, Strings: []string{"sleep"}, Events: []tape.Event{ev(0, monitor.Created, 1), ev(0, monitor.Step, 1), ev(5, monitor.Parked, 1, 1)}},
		{Strings: []string{"its time was over"}, Events: []tape.Event{ev(9, monitor.Woken, 1, 0, 0, 2), ev(9, monitor.Step, 1), ev(9, monitor.Done, 1, int64(monitor.Returned))}, Ended: &tape.End{At: 9}},
	}
	before, _ := batches[0].Append(nil), batches[1].Append(nil)
	notes := []tape.Note{{At: 2, Task: 1, Text: "sleep", Frame: line7}, {At: 3, Task: 1, Text: "new\xff", Frame: line7}, {At: 9, Task: 1, Frame: line7}}
	text := tape.AppendHeader(nil, tape.Header{Format: tape.Format, Version: tape.Version, Loop: 1, Start: "2026-01-01T00:00:00Z", Detail: "stacks"})
	for _, b := range tape.Annotate(batches, notes) {
		text = b.Append(text)
	}
	if _, err := tape.Check(bytes.NewReader(text), true); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if after := batches[0].Append(nil); !bytes.Equal(before, after) {
		t.Errorf("what was annotated has changed:\n%s%s", before, after)
	}
	r, err := tape.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	tables, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"sleep", "its time was over", "new\uFFFD"}; !slices.Equal(tables.Strings, want) {
		t.Errorf("strings are %q, want %q: each once, and those that were there first", tables.Strings, want)
	}
	if len(tables.Frames) != 1 || len(tables.Stacks) != 1 {
		t.Errorf("%d frames and %d stacks for one place", len(tables.Frames), len(tables.Stacks))
	}
}

func TestANoteOfATaskThatDoesNotRunIsNonsense(t *testing.T) {
	m := tape.NewModel()
	for _, e := range []tape.Event{ev(0, monitor.Created, 1), ev(0, monitor.Step, 1), ev(1, tape.Said, 1)} {
		if err := m.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(m.Apply(ev(2, monitor.Parked, 1)), m.Apply(ev(3, tape.Said, 1))); err == nil {
		t.Error("a task that waits says something, and nobody minds")
	}
	for _, line := range []string{`{"events":[[0,0,1],[0,1,1],[0,21,1,1]]}`, `{"events":[[0,0,1],[0,1,1],[0,21,1,0,1]]}`, `{"events":[[0,21]]}`} {
		text := tape.AppendHeader(nil, tape.Header{Format: tape.Format, Version: tape.Version, Start: "2026-01-01T00:00:00Z", Detail: "exact"})
		r, err := tape.NewReader(bytes.NewReader(append(text, line...)))
		if err == nil {
			_, err = r.Next()
		}
		if err == nil || err == io.EOF {
			t.Errorf("%s is read", line)
		}
	}
}
