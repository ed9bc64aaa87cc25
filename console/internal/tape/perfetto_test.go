package tape_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// A traceEvent is what the description of the trace event format says of one.
type traceEvent struct {
	Name     string          `json:"name"`
	Category string          `json:"cat"`
	Phase    string          `json:"ph"`
	Time     *float64        `json:"ts"`
	Duration *float64        `json:"dur"`
	Process  int             `json:"pid"`
	Thread   int             `json:"tid"`
	ID       int             `json:"id"`
	Binding  string          `json:"bp"`
	Scope    string          `json:"s"`
	Args     json.RawMessage `json:"args"`
}

// trace writes a recording as a trace, and holds it to the rules of the format.
func trace(t *testing.T, batches ...*tape.Batch) (events []traceEvent) {
	t.Helper()
	var out bytes.Buffer
	rest := batches
	if err := tape.WritePerfetto(&out, header, func() (*tape.Batch, error) {
		if len(rest) == 0 {
			return nil, io.EOF
		}
		b := rest[0]
		rest = rest[1:]
		return b, nil
	}); err != nil {
		t.Fatal(err)
	}
	return parseTrace(t, out.Bytes())
}

func parseTrace(t *testing.T, text []byte) []traceEvent {
	t.Helper()
	var file struct {
		Unit   string          `json:"displayTimeUnit"`
		Events []traceEvent    `json:"traceEvents"`
		Other  json.RawMessage `json:"otherData"`
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if file.Unit != "ns" && file.Unit != "ms" {
		t.Errorf("the unit to show is %q", file.Unit)
	}
	for _, e := range file.Events {
		checkTraceEvent(t, e)
	}
	checkSlices(t, file.Events)
	checkFlows(t, file.Events)
	return file.Events
}

func checkTraceEvent(t *testing.T, e traceEvent) {
	t.Helper()
	if e.Name == "" || e.Process <= 0 || e.Thread <= 0 || e.Time == nil || *e.Time < 0 {
		t.Errorf("an event without a name, a track or a time: %+v", e)
	}
	switch e.Phase {
	case "X":
		if e.Duration == nil || *e.Duration < 0 {
			t.Errorf("a slice without a duration: %+v", e)
		}
	case "M":
		if e.Name != "process_name" && e.Name != "thread_name" && e.Name != "thread_sort_index" {
			t.Errorf("no metadata is called %q", e.Name)
		}
	case "C":
		var values map[string]float64
		if err := json.Unmarshal(e.Args, &values); err != nil || len(values) == 0 {
			t.Errorf("a counter of %s: %v", e.Args, err)
		}
	case "i":
		if !slices.Contains([]string{"g", "p", "t"}, e.Scope) {
			t.Errorf("a mark of scope %q", e.Scope)
		}
	case "s", "f":
		if e.ID == 0 || e.Category == "" {
			t.Errorf("an arrow without a number or a category: %+v", e)
		}
	default:
		t.Errorf("no phase is called %q", e.Phase)
	}
}

// nanos is a time as Perfetto reads it: the fraction of what it gets by multiplying is cut
// off.
func nanos(us *float64) int64 { return int64(*us * 1000) }

// checkSlices: those of a track lie side by side. Perfetto drops one that begins a
// nanosecond before the end of the one before it.
func checkSlices(t *testing.T, events []traceEvent) {
	t.Helper()
	last := map[int]traceEvent{}
	for _, e := range inOrder(events) {
		if e.Phase != "X" {
			continue
		}
		if before, ok := last[e.Thread]; ok && nanos(before.Time)+nanos(before.Duration) > nanos(e.Time) {
			t.Errorf("on track %d %q is at %v for %v, and %q begins at %v", e.Thread, before.Name, *before.Time, *before.Duration, e.Name, *e.Time)
		}
		last[e.Thread] = e
	}
}

// inOrder are the events in the order of time, those of the same time as they were written.
func inOrder(events []traceEvent) []traceEvent {
	return slices.SortedStableFunc(slices.Values(events), func(a, b traceEvent) int { return cmp.Compare(nanos(a.Time), nanos(b.Time)) })
}

// checkFlows: an arrow begins in the slice that is there then, where something runs, and
// ends at the next one of its track, which is the step of who was woken.
func checkFlows(t *testing.T, events []traceEvent) {
	t.Helper()
	last, open, ends := map[int]traceEvent{}, map[int]traceEvent{}, map[int][]traceEvent{}
	for _, e := range inOrder(events) {
		switch e.Phase {
		case "X":
			for _, f := range ends[e.Thread] {
				if e.Name != "running" || nanos(e.Time) != nanos(f.Time) {
					t.Errorf("an arrow that ends at %v ends at %+v", *f.Time, e)
				}
			}
			delete(ends, e.Thread)
			last[e.Thread] = e
		case "s":
			if on := last[e.Thread]; on.Name != "running" && !strings.HasPrefix(on.Name, "callback ") || nanos(on.Time)+nanos(on.Duration) < nanos(e.Time) {
				t.Errorf("an arrow begins at %v, in %+v", *e.Time, on)
			}
			open[e.ID] = e
		case "f":
			if s, ok := open[e.ID]; !ok || nanos(s.Time) > nanos(e.Time) || e.Binding != "" {
				t.Errorf("an arrow that ends as %+v begins as %+v", e, s)
			}
			delete(open, e.ID)
			ends[e.Thread] = append(ends[e.Thread], e)
		}
	}
	if len(open) > 0 || len(ends) > 0 {
		t.Errorf("%d arrows have no end, and on %d tracks there are some that end nowhere", len(open), len(ends))
	}
}

// Microseconds with a fraction are no round numbers for a computer: Perfetto, which cuts
// off, must get the nanoseconds that were written.
func TestTimesOfATraceAreExact(t *testing.T) {
	b := &tape.Batch{Events: []tape.Event{created(0, 1)}}
	want := map[int64]bool{}
	at := int64(1)
	for n := range int64(2000) {
		b.Events = append(b.Events, step(at, 1), tape.Event{At: at + n%7, Kind: monitor.Woken, Task: 1, A: int64(monitor.ByYield)})
		want[at] = true
		at += n%7 + n*n*n%1_000_003
	}
	for _, e := range trace(t, b) {
		if e.Phase == "X" && e.Name == "running" {
			delete(want, nanos(e.Time))
		}
	}
	if len(want) > 0 {
		t.Errorf("%d of 2000 steps begin at another time", len(want))
	}
}

func program() *tape.Batch {
	return &tape.Batch{
		Tasks:   []tape.Task{{ID: 1, Name: "main"}, {ID: 2, Name: "A"}, {ID: 3, Name: "Task-3"}},
		Strings: []string{"the tasks of a group", "a \"queue\"", "main.tick"},
		Frames:  []monitor.Frame{{Function: "main.f", File: "/x/main.go", Line: 12}},
		Stacks:  [][]int{{0}},
		Events: []tape.Event{
			created(1000, 1), loop(2000, monitor.Round, 1), step(2000, 1), created(2500, 2), created(2600, 3),
			{At: 4000, Kind: monitor.Parked, Task: 1, A: 1},
			loop(5000, monitor.Round, 2), step(5000, 2), {At: 6000, Kind: monitor.Parked, Task: 2, A: 2, B: 1},
			step(6000, 3), woken(7500, 2, 3), done(8000, 3),
			loop(8000, monitor.Round, 2), {At: 8000, Kind: monitor.Callback, A: 3}, woken(8500, 1, 0), step(9000, 2), done(9500, 2),
			loop(9600, monitor.Round, 1), step(9600, 1), {At: 9700, Kind: monitor.Parked, Task: 1, A: 1},
			loop(9800, monitor.Sleep, 20_000), loop(20_000, monitor.Awake, 0), loop(20_000, monitor.Timers, 0), woken(20_000, 1, 0),
			loop(20_100, monitor.Round, 1), step(20_100, 1), done(20_200, 1),
		},
	}
}

// a slice that the test looks for
type wanted struct {
	name      string
	from, dur float64
}

func TestATraceHasATrackForEachTask(t *testing.T) {
	events := trace(t, program())
	tracks := map[string]int{}
	for _, e := range events {
		if e.Name == "thread_name" {
			var args struct{ Name string }
			json.Unmarshal(e.Args, &args)
			tracks[args.Name] = e.Thread
		}
	}
	for _, name := range []string{"loop", "main (task 1)", "A (task 2)", "Task-3"} {
		if tracks[name] == 0 {
			t.Errorf("there is no track %q in %v", name, tracks)
		}
	}
	want := map[string][]wanted{
		"main (task 1)": {{"ready", 1, 1}, {"running", 2, 2}, {"waiting for the tasks of a group", 4, 4.5}, {"ready", 8.5, 1.1}, {"running", 9.6, 0.1}, {"waiting for the tasks of a group", 9.7, 10.3}, {"ready", 20, 0.1}, {"running", 20.1, 0.1}},
		"A (task 2)":    {{"ready", 2.5, 2.5}, {"running", 5, 1}, {"waiting for a \"queue\"", 6, 1.5}, {"ready", 7.5, 1.5}, {"running", 9, 0.5}},
		"Task-3":        {{"ready", 2.6, 3.4}, {"running", 6, 2}},
		"loop":          {{"callback main.tick", 8, 1}, {"asleep", 9.8, 10.2}},
	}
	for name, list := range want {
		var got []wanted
		for _, e := range events {
			if e.Phase == "X" && e.Thread == tracks[name] {
				got = append(got, wanted{e.Name, *e.Time, *e.Duration})
			}
		}
		if !slices.EqualFunc(got, list, func(a, b wanted) bool {
			return a.name == b.name && abs(a.from-b.from) < 1e-6 && abs(a.dur-b.dur) < 1e-6
		}) {
			t.Errorf("%s: %v, want %v", name, got, list)
		}
	}
}

func abs(x float64) float64 { return max(x, -x) }

func TestATraceHasArrowsCountersAndMarks(t *testing.T) {
	b := program()
	b.Ended = &tape.End{At: 20_300, Error: "deadlock"}
	events := trace(t, b)
	count := func(phase string) (n int) {
		for _, e := range events {
			if e.Phase == phase {
				n++
			}
		}
		return n
	}
	if count("s") != 2 || count("f") != 2 {
		t.Errorf("%d arrows begin and %d end, want 2: from Task-3 to A, and from the callback to main", count("s"), count("f"))
	}
	if count("C") != 5 {
		t.Errorf("%d counters in 5 rounds", count("C"))
	}
	i := slices.IndexFunc(events, func(e traceEvent) bool { return e.Phase == "i" })
	if i < 0 || events[i].Name != "the run has ended" || !strings.Contains(string(events[i].Args), "deadlock") {
		t.Error("nothing marks the end")
	}
	i = slices.IndexFunc(events, func(e traceEvent) bool { return strings.Contains(string(e.Args), `main.f\n\t/x/main.go:12`) })
	if i < 0 || !strings.HasPrefix(events[i].Name, "waiting for") {
		t.Error("the wait of A has not its stack")
	}
}

func TestWhatIsOpenAtTheEndOrAtAGapIsDrawnUpToThere(t *testing.T) {
	events := trace(t,
		&tape.Batch{Events: []tape.Event{created(0, 1), step(1000, 1), created(1500, 2), parked(2000, 1)}, Now: 5000},
		&tape.Batch{Lost: 77, Events: []tape.Event{{At: 9000, Kind: tape.Exists, Task: 1, A: 2, C: 1000}, {At: 9000, Kind: tape.Exists, Task: 3, C: 9000}, step(9500, 3)}, Now: 9900},
		&tape.Batch{Blocked: &tape.Blocked{Since: 9900, Stack: "goroutine 5"}, Warning: json.RawMessage(`{"kind":"blocked"}`), Now: 12_000},
	)
	var names []string
	ends := map[string]float64{}
	for _, e := range events {
		switch e.Phase {
		case "X":
			ends[e.Name] = *e.Time + *e.Duration
		case "i":
			names = append(names, e.Name)
		}
	}
	if !slices.Equal(names, []string{"77 events are missing", "the loop is blocked", "warning"}) {
		t.Errorf("marks %v", names)
	}
	if ends["waiting"] != 12 || ends["running"] != 12 || ends["ready"] != 9.5 {
		t.Errorf("slices end at %v", ends)
	}
}

func TestATraceTellsWhatWentWrong(t *testing.T) {
	broken := errors.New("broken")
	if err := tape.WritePerfetto(io.Discard, header, func() (*tape.Batch, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("of the source: %v", err)
	}
	rest := []*tape.Batch{program()}
	err := tape.WritePerfetto(fullDisk{}, header, func() (*tape.Batch, error) {
		if len(rest) == 0 {
			return nil, io.EOF
		}
		rest = nil
		return program(), nil
	})
	if err != errFull {
		t.Errorf("of the target: %v", err)
	}
}

var errFull = errors.New("the disk is full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }
