package recording

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

// lesson is a task that waits to run, runs, waits, and runs for no time.
func lesson() Recording {
	return Recording{
		Start:  epoch,
		Length: ms(60),
		Lanes: []Lane{
			{Task: 1, Name: "main"},
			{Task: 2, Name: "A", Done: true, Spans: []Span{
				{State: Ready, Begin: 0, End: ms(10)},
				{State: Running, Begin: ms(10), End: ms(20)},
				{State: Waiting, Begin: ms(20), End: ms(60), On: "sleep"},
				{State: Running, Begin: ms(60), End: ms(60)},
			}},
		},
	}
}

func TestTheStateOfATaskAtAMoment(t *testing.T) {
	lane := lesson().Lanes[1]
	for moment, want := range map[time.Duration]State{
		0: Ready, ms(9): Ready, ms(10): Running, ms(20): Waiting, ms(59): Waiting,
	} {
		if got, ok := lane.At(moment); !ok || got != want {
			t.Errorf("at %v: %v, %v; want %v", moment, got, ok, want)
		}
	}
	if state, ok := lane.At(ms(60)); ok {
		t.Errorf("after its end the task is %v", state)
	}
}

func TestTheTimeInAState(t *testing.T) {
	lane := lesson().Lanes[1]
	for state, want := range map[State]time.Duration{Ready: ms(10), Running: ms(10), Waiting: ms(40)} {
		if got := lane.In(state); got != want {
			t.Errorf("%v for %v, want %v", state, got, want)
		}
	}
}

func TestOnlyKeepsTheClockOfTheLoop(t *testing.T) {
	whole := lesson()
	part := whole.Only(func(l Lane) bool { return l.Name == "A" })
	if len(part.Lanes) != 1 || part.Lanes[0].Name != "A" {
		t.Errorf("lanes are %+v", part.Lanes)
	}
	if part.Length != whole.Length || part.Start != whole.Start {
		t.Error("the clock changed")
	}
	if len(whole.Lanes) != 2 {
		t.Error("the original changed")
	}
}

func TestARecordingSurvivesJSON(t *testing.T) {
	text, err := json.Marshal(lesson())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"state":"waiting"`, `"on":"sleep"`, `"begin_ns":20000000`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	var back Recording
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back, lesson()) {
		t.Errorf("came back as %+v", back)
	}
}

func TestAnUnknownStateIsRefused(t *testing.T) {
	var s State
	if err := s.UnmarshalText([]byte("asleep")); err == nil || !strings.Contains(err.Error(), `"asleep"`) {
		t.Errorf("error is %v", err)
	}
	if got := State(9).String(); got != "State(9)" {
		t.Errorf("an unknown state prints as %s", got)
	}
}
