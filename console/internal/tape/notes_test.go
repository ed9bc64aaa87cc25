package tape_test

import (
	"bytes"
	"context"
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

// rehearsed is a script that is recorded from its beginning.
func rehearsed(t *testing.T) (*script, *tape.Recorder) {
	t.Helper()
	s := newScript()
	return s, record(t, s, tape.Options{Detail: monitor.Stacks, MaxEvents: -1, Whole: true})
}

// rest is what Next still gives, to the end.
func rest(t *testing.T, r *tape.Recorder) (all []*tape.Batch) {
	t.Helper()
	for {
		b, err := r.Next(context.Background())
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
}

// flat are the events of batches as "kind/task@at", those that were said with their text.
func flat(t *testing.T, batches []*tape.Batch) (events []string) {
	t.Helper()
	if _, err := tape.Check(bytes.NewReader(write(batches...)), true); err != nil {
		t.Fatal(err)
	}
	names := map[monitor.Kind]string{monitor.Created: "created", monitor.Step: "step", monitor.Parked: "parked", monitor.Woken: "woken", monitor.Done: "done", tape.Said: "said", tape.Exists: "exists"}
	var strs []string
	for _, b := range batches {
		strs = append(strs, b.Strings...)
		for _, e := range b.Events {
			text := names[e.Kind] + "/" + string(rune('0'+e.Task)) + "@" + string(rune('0'+e.At))
			if e.Kind == tape.Said && e.A > 0 {
				text += " " + strs[e.A-1]
			}
			events = append(events, text)
		}
	}
	return events
}

func TestANoteStandsWhereItWasMade(t *testing.T) {
	s, r := rehearsed(t)
	s.created(0, 1, 0, "main")
	s.step(0, 1)
	s.created(0, 2, 1, "B")
	r.Say(tape.Note{At: 0, Task: 1, Text: "one"})
	s.parked(0, 1, "sleep")
	s.step(0, 2)
	r.Say(tape.Note{At: 0, Task: 2, Text: "two"})
	r.Say(tape.Note{At: 2, Task: 2})
	s.done(monitor.NoTime, 2, monitor.Returned, nil) // nobody has looked at the clock: it is not before the note
	s.woken(4, 1, monitor.ByWake)
	s.step(4, 1)
	s.done(5, 1, monitor.Returned, nil)
	s.Flush()
	r.End(nil)
	want := []string{
		"created/1@0", "step/1@0", "created/2@0", "said/1@0 one", "parked/1@0",
		"step/2@0", "said/2@0 two", "said/2@2", "done/2@2", "woken/1@4", "step/1@4", "done/1@5",
	}
	got := flat(t, rest(t, r))
	for i, e := range got { // what lies between two looks at the clock is shared out
		if strings.HasPrefix(e, "done/2@") && e >= "done/2@2" && e <= "done/2@4" {
			got[i] = want[8]
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want\n%q", got, want)
	}
}

// Who watches sees a note at once, and all that led to it, while the step goes on.
func TestANoteIsThereWhileItsStepGoesOn(t *testing.T) {
	s, r := rehearsed(t)
	s.created(0, 1, 0, "main")
	s.step(0, 1)
	s.mu.Lock()
	s.stuck = true // the step blocks the loop: it answers nobody
	s.mu.Unlock()
	r.Say(tape.Note{At: 3, Task: 1, Text: "here"})
	b := next(t, r)
	if got := flat(t, []*tape.Batch{b}); !slices.Equal(got, []string{"created/1@0", "step/1@0", "said/1@3 here"}) || b.Now != 3 {
		t.Errorf("%q, complete up to %d", got, b.Now)
	}
	r.Say(tape.Note{At: 4, Task: 1, Text: "still"})
	if got := next(t, r); len(got.Events) != 1 || got.Events[0].At != 4 {
		t.Errorf("%+v", got.Events)
	}
}

// The loop's goroutine makes the note: it must not wait for who waits for the loop.
func TestANoteDoesNotWaitForALoopThatIsAsked(t *testing.T) {
	s, r := rehearsed(t)
	s.created(0, 1, 0, "main")
	s.step(0, 1)
	s.asleep.Store(true) // so that the question has all the time in the world
	s.stuck = true
	read := asking(s, r)
	r.Say(tape.Note{At: 3, Task: 1, Text: "here"})
	batches := []*tape.Batch{<-read}
	for len(batches) < 10 && !slices.Contains(flat(t, batches), "said/1@3 here") {
		batches = append(batches, next(t, r))
	}
	if got := flat(t, batches); !slices.Equal(got, []string{"created/1@0", "step/1@0", "said/1@3 here"}) {
		t.Errorf("%q", got)
	}
}

func TestANoteOfATaskThatDoesNotRunIsLeftOut(t *testing.T) {
	s, r := rehearsed(t)
	r.Say(tape.Note{At: 0, Task: 1, Text: "too early"})
	s.created(0, 1, 0, "main")
	s.step(0, 1)
	s.created(1, 2, 1, "B")
	s.step(1, 2) // eagerly
	r.Say(tape.Note{At: 1, Task: 1, Text: "the outer one"})
	r.Say(tape.Note{At: 1, Task: 2, Text: "inner"})
	s.parked(2, 2, "sleep")
	s.step(2, 1)
	r.Say(tape.Note{At: 3, Task: 1, Text: "outer"})
	r.Say(tape.Note{At: 3, Task: 2, Text: "it waits"})
	s.parked(3, 1, "sleep")
	r.Say(tape.Note{At: 3, Task: 1, Text: "nobody runs"})
	s.Flush()
	r.End(errors.New("as far as it came"))
	r.Say(tape.Note{At: 4, Task: 1, Text: "too late"})
	got := flat(t, rest(t, r))
	want := []string{"created/1@0", "step/1@0", "created/2@1", "step/2@1", "said/2@1 inner", "parked/2@2", "step/1@2", "said/1@3 outer", "parked/1@3"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want\n%q", got, want)
	}
}

func TestTextsAndPlacesOfNotesAreThereOnce(t *testing.T) {
	s, r := rehearsed(t)
	s.created(0, 1, 0, "main")
	s.step(0, 1)
	for at := range int64(3) {
		r.Say(tape.Note{At: at, Task: 1, Text: "new\xff", Frame: line7})
	}
	s.done(3, 1, monitor.Returned, nil)
	s.Flush()
	r.End(nil)
	var tables tape.Batch
	for _, b := range rest(t, r) {
		tables.Strings, tables.Frames, tables.Stacks = append(tables.Strings, b.Strings...), append(tables.Frames, b.Frames...), append(tables.Stacks, b.Stacks...)
		for _, e := range b.Events {
			if e.Kind == tape.Said && (e.A != 1 || e.B != 1) {
				t.Errorf("it is said by string %d and at stack %d", e.A, e.B)
			}
		}
	}
	if !slices.Equal(tables.Strings, []string{"new\uFFFD"}) || !slices.Equal(tables.Frames, []monitor.Frame{line7}) || len(tables.Stacks) != 1 || !slices.Equal(tables.Stacks[0], []int{0}) {
		t.Errorf("%+v", tables)
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

// A run that is recorded from its beginning has no tasks before it.
func TestAWholeRunIsNotListed(t *testing.T) {
	s, r := rehearsed(t)
	s.created(0, 1, 0, "main")
	s.tasks = []monitor.Task{{ID: 1, Name: "main", State: "ready"}, {ID: 9, Name: "made while the list is", State: "waiting"}}
	if got := flat(t, []*tape.Batch{next(t, r)}); !slices.Equal(got, []string{"created/1@0"}) {
		t.Errorf("%q", got)
	}
}
