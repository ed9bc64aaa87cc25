package timeline

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/recording"
)

const (
	s     = time.Second
	usual = limit(BlockedAfter)
)

func run(begin, end time.Duration) recording.Span {
	return recording.Span{State: recording.Running, Begin: begin, End: end}
}

func ready(begin, end time.Duration) recording.Span {
	return recording.Span{State: recording.Ready, Begin: begin, End: end}
}

func wait(begin, end time.Duration, on string) recording.Span {
	return recording.Span{State: recording.Waiting, Begin: begin, End: end, On: on}
}

func lane(name string, spans ...recording.Span) recording.Lane {
	return recording.Lane{Name: name, Spans: spans}
}

// blocking is the lesson's first run: A has the loop for 2 s, then B for 3 s.
func blocking() recording.Recording {
	return recording.Recording{Length: 5 * s, Lanes: []recording.Lane{
		lane("Task A", run(0, 2*s)),
		lane("Task B", ready(0, 2*s), run(2*s, 5*s)),
	}}
}

// waiting is its second: both wait at the same time.
func waiting() recording.Recording {
	return recording.Recording{Length: 3 * s, Lanes: []recording.Lane{
		lane("Task A", run(0, 0), wait(0, s, "sleep"), run(s, s), wait(s, 2*s, "sleep"), run(2*s, 2*s)),
		lane("Task B", run(0, 0), wait(0, s, "sleep"), run(s, s), wait(s, 2*s, "sleep"), run(2*s, 2*s),
			wait(2*s, 3*s, "sleep"), run(3*s, 3*s)),
	}}
}

func both() Picture {
	return Picture{Title: "Two factorials", Panels: []Panel{
		{Title: "blocking", Note: "total 5.0 s", Recording: blocking()},
		{Title: "waiting", Note: "total 3.0 s", Recording: waiting()},
	}}
}

// many is a recording of n tasks that each run once.
func many(n int) recording.Recording {
	r := recording.Recording{Length: s}
	for i := range n {
		r.Lanes = append(r.Lanes, lane(fmt.Sprint("Task ", i), run(0, s)))
	}
	return r
}

func TestASpanIsDrawnByWhatItMeantForOthers(t *testing.T) {
	const short = BlockedAfter - 1
	for _, test := range []struct {
		name string
		span recording.Span
		want kind
	}{
		{"a short step ran", run(0, short), runs},
		{"a step without length ran", run(s, s), runs},
		{"a long step blocked the loop", run(0, BlockedAfter), blocks},
		{"a turn that came soon is part of the wait", ready(0, short), waits},
		{"a turn that did not come was held up", ready(0, BlockedAfter), held},
		{"a wait is a wait however short", wait(0, 1, ""), waits},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := usual.kindOf(test.span); got != test.want {
				t.Errorf("drawn as %s", class[got])
			}
		})
	}
}

func TestAPictureMayHaveItsOwnLimit(t *testing.T) {
	p := Of("", blocking())
	if p.BlockedAfter = 3 * s; p.used() != [numKind]bool{runs: true, blocks: true} {
		t.Errorf("with a limit of 3 s the kinds are %v", p.used())
	}
	if p.BlockedAfter = 4 * s; p.used() != [numKind]bool{runs: true} {
		t.Errorf("with a limit of 4 s the kinds are %v", p.used())
	}
}

func TestTheAxisNamesRoundTimes(t *testing.T) {
	for _, test := range []struct {
		length time.Duration
		limit  int
		want   string
	}{
		{5 * s, 5, "0 s, 1 s, 2 s, 3 s, 4 s, 5 s"},
		{5003 * time.Millisecond, 5, "0 s, 1 s, 2 s, 3 s, 4 s, 5 s"},
		{5 * s, 3, "0 s, 2 s, 4 s"},
		{s, 2, "0 s, 0.5 s, 1 s"},
		{30 * time.Millisecond, 3, "0 s, 10 ms, 20 ms, 30 ms"},
		{25 * time.Microsecond, 3, "0 s, 10 µs, 20 µs"},
		{time.Hour, 2, "0 s, 2000 s"},
		{1, 4, "0 s, 0.001 µs"},
	} {
		var got []string
		for _, tick := range ticks(test.length, test.limit) {
			got = append(got, seconds(tick))
		}
		if text := strings.Join(got, ", "); text != test.want {
			t.Errorf("%v in %d: %s; want %s", test.length, test.limit, text, test.want)
		}
	}
}

func TestTheAxisHasAnEndForEveryLength(t *testing.T) {
	for length := time.Duration(1); length < 1<<60; length *= 7 {
		if n := len(ticks(length, 8)); n < 1 || n > 9 {
			t.Errorf("%v has %d ticks", length, n)
		}
	}
	if n := len(ticks(1<<63-1, 1)); n > 2 {
		t.Errorf("the longest duration has %d ticks", n)
	}
}

func TestAPictureInWords(t *testing.T) {
	p := both()
	want := "blocking, 5.000 s. Task A blocks the loop for 2.000 s. " +
		"Task B blocks the loop for 3.000 s, is ready but cannot run for 2.000 s. " +
		"waiting, 3.000 s. Task A waits for 2.000 s. Task B waits for 3.000 s."
	if got := p.description(); got != want {
		t.Errorf("description is\n%s, want\n%s", got, want)
	}
	if got := Of("fetch", waiting()).headline(); got != "fetch" {
		t.Errorf("a picture without a title is called %q", got)
	}
	if got := usual.describe(lane("Quick", run(0, 0))); got != "Quick runs." {
		t.Errorf("a task that only ran: %q", got)
	}
	if got := usual.describe(lane("Next", ready(0, 6*time.Microsecond), run(6*time.Microsecond, s))); got != "Next blocks the loop for 1.000 s." {
		t.Errorf("a turn that came at once: %q", got)
	}
	if got := Of("", many(20)).description(); !strings.HasSuffix(got, "And 12 more tasks.") {
		t.Errorf("the description of 20 tasks ends with %q", got[len(got)-30:])
	}
}

func TestTimesAreWrittenWithThreeDigits(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 1: "0.001 µs", 999_499: "999 µs", 999_500: "1 ms", 1_234_567: "1.23 ms",
		999_499_999: "999 ms", 999_500_000: "1.000 s", 61_234_567_890: "61.235 s",
	} {
		if got := precise(d); got != want {
			t.Errorf("%d ns is %s, want %s", d, got, want)
		}
	}
}

func TestATooltipHasTheExactTimes(t *testing.T) {
	l := waiting().Lanes[1]
	for i, want := range map[int]string{
		2: "Task B runs at 1.000 s",
		1: "Task B waits for sleep for 1.000 s, from 0 s to 1.000 s",
	} {
		if got := usual.tooltip(l, l.Spans[i]); got != want {
			t.Errorf("tooltip is %q, want %q", got, want)
		}
	}
	short := run(20*time.Microsecond, 1500*time.Microsecond)
	if got, want := usual.tooltip(l, short), "Task B runs for 1.48 ms, from 20 µs to 1.5 ms"; got != want {
		t.Errorf("tooltip is %q, want %q", got, want)
	}
}

// failing is a writer that never works.
type failing struct{}

var errFull = errors.New("disk full")

func (failing) Write([]byte) (int, error) { return 0, errFull }

func TestAWriterThatFailsIsReported(t *testing.T) {
	if err := Text(failing{}, both(), TextOptions{}); !errors.Is(err, errFull) {
		t.Errorf("Text returned %v", err)
	}
	if err := SVG(failing{}, both()); !errors.Is(err, errFull) {
		t.Errorf("SVG returned %v", err)
	}
}

func TestAnEmptyPictureIsDrawn(t *testing.T) {
	for _, p := range []Picture{{}, Of("nothing", recording.Recording{})} {
		drawn := new(strings.Builder)
		if err := errors.Join(Text(drawn, p, TextOptions{}), SVG(drawn, p)); err != nil {
			t.Error(err)
		}
		if strings.Contains(drawn.String(), "NaN") {
			t.Error("a number in it is none")
		}
	}
}

func TestOnlyKindsInThePictureAreExplained(t *testing.T) {
	want := [numKind]bool{runs: true, waits: true}
	if used := Of("", waiting()).used(); used != want {
		t.Errorf("kinds in use are %v, want %v", used, want)
	}
}
