package explore_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

// record runs a tape again and makes a recording of it.
func (p program) record(tape explore.Tape, fixed bool) *explore.Recording {
	c := explore.NewChooser()
	m := &machine{c: c}
	c.Replay(tape)
	c.Record(m)
	wrong := p.on(m, fixed)
	return &explore.Recording{Program: p.name, Strategy: "mix", Seed: 1<<63 + 5, Schedule: 7, Failure: wrong, Entries: c.Entries()}
}

func TestARecording(t *testing.T) {
	eachProgram(t, func(t *testing.T, p program) {
		_, tape := p.find(t, "mix", 1, 500, false)
		rec := p.record(tape, false)
		if rec.Failure == "" || !rec.Tape().SamePicks(tape) {
			t.Fatalf("the recording is of another schedule: %q, %v and %v", rec.Failure, rec.Tape(), tape)
		}
		var file bytes.Buffer
		if err := rec.Write(&file); err != nil {
			t.Fatal(err)
		}
		text := file.String()
		read, err := explore.Read(&file)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if !reflect.DeepEqual(rec, read) {
			t.Errorf("it is another one after reading\n%+v\n%+v", rec, read)
		}
	})
	t.Run("shows who ran, when and where, and who would have", func(t *testing.T) {
		entries := corpus[9].record(tapeOf(19, 1), false).Entries
		want := []explore.Entry{
			{Draw: "latency", N: 20, Pick: 19, By: entries[0].By},
			{N: 2, Pick: 1, By: 2,
				Label:   explore.Label{Host: "test", Task: "timeout", Site: "model.go:1", Wait: "wait"},
				Instead: &explore.Label{Host: "test", Task: "reply", Site: "model.go:1", Wait: "wait"}},
		}
		if !reflect.DeepEqual(entries[:2], want) {
			t.Errorf("%+v", entries[:2])
		}
		if e := entries[3]; e.At != 10*time.Millisecond+0 && e.N != 1 {
			t.Errorf("%+v", e)
		}
	})
	t.Run("is one line for each entry, for people to read", func(t *testing.T) {
		var file bytes.Buffer
		if err := corpus[9].record(tapeOf(9, 1), false).Write(&file); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(file.String(), "\n")
		for i, want := range []string{
			`{"asyncio-schedule":1,"program":"reply and timeout","strategy":"mix","seed":"0x8000000000000005","schedule":7,"failure":"charged and refunded","replay":"u1:AAkAAQ","entries":7}`,
			`{"t":"0s","draw":"latency","n":20,"pick":9}`,
			`{"t":"0s","host":"test","task":"timeout","site":"model.go:1","wait":"wait","instead":{"host":"test","task":"reply","site":"model.go:1","wait":"wait"},"n":2,"pick":1,"by":2}`,
		} {
			if lines[i] != want {
				t.Errorf("line %d is\n%s", i+1, lines[i])
			}
		}
	})
}

func TestAFileThatIsNoRecording(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "no recording",
		"u1:AAA":                 "no recording",
		`{"asyncio-schedule":2}`: "format 2",
		`{"seed":"0x1"}`:         "format 0",
		`{"asyncio-schedule":1,"seed":"0x1","entries":1}`:                          "damaged at entry 1 of 1",
		`{"asyncio-schedule":1,"seed":"x"}`:                                        "seed",
		`{"asyncio-schedule":1,"seed":"0x1","entries":1}{"t":"0s","n":2,"pick":2}`: "pick 2 of 2",
		`{"asyncio-schedule":1,"seed":"0x1","entries":1}{"t":"soon","n":2}`:        "soon",
	} {
		if _, err := explore.Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
