package report_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/sim/internal/report"
)

func event(kind, host, peer, what string, id uint64) report.Entry {
	return report.Entry{Kind: report.Event, Event: kind, Host: host, Peer: peer, What: what, ID: id}
}

// eventful is a log in which all that a diagram can show happens once.
func eventful() *report.Log {
	log := &report.Log{
		Test: "TestA/<b>&", Seed: 7, Schedule: 3, Strategy: "mix/rw", Hosts: []string{"a", `b "<&>`, "c"},
		Failure: report.Failure{Host: "a", At: time.Second, Error: "x is 1 < 2 & so on\nand more"},
		Entries: []report.Entry{
			{Kind: report.Step, Host: "a", Task: "<script>", Key: 1, Step: 1, From: "x.go:1", To: "x.go:2"},
			event("connected", "a", `b "<&>`, "10.0.0.1:7", 0),
			event("sent", "a", `b "<&>`, "data", 1), event("delivered", "a", `b "<&>`, "data", 1),
			event("sent", `b "<&>`, "a", "lost-one", 2), event("dropped", `b "<&>`, "a", "lost-one", 2),
			event("sent", "c", "a", "reset", 3), event("delivered", "c", "a", "reset", 3),
			event("sent", "c", "a", "late-one", 4),
			event("crashed", "c", "", "", 0), event("restarted", "c", "", "", 0),
			event("paused", "a", "", "", 0), event("resumed", "a", "", "", 0),
			event("partition", "a", "c", "", 0), event("healed", "a", "c", "", 0),
			event("crashed", `b "<&>`, "", "", 0),
			event("synced", "a", "", "wal", 0), event("mark", "a", "", "rare branch", 0),
			{Kind: report.Call, Label: "restart of c"},
			{Kind: report.Draw, Host: "a", Label: "loss", Choice: 5, Pick: 1, Of: 2},
			event("sent", "a", "a", "to myself", 5), event("delivered", "a", "a", "to myself", 5),
		},
	}
	for i := range log.Entries {
		log.Entries[i].At = time.Duration(i/2) * time.Millisecond
	}
	return log
}

var notes = map[int]string{5: "decided here & <now>"}

func svg(t *testing.T, log *report.Log) string {
	t.Helper()
	var b strings.Builder
	if err := report.SVG(&b, log, notes); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func html(t *testing.T, log *report.Log) string {
	t.Helper()
	var b strings.Builder
	if err := report.HTML(&b, log, notes, "the <text> & all"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// texts are what a page says, and that it is well-formed.
func texts(t *testing.T, page string) string {
	t.Helper()
	var b strings.Builder
	d := xml.NewDecoder(strings.NewReader(page))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return b.String()
		}
		if err != nil {
			t.Fatalf("it is not well-formed: %v\n%s", err, page)
		}
		if text, ok := token.(xml.CharData); ok {
			b.Write(text)
			b.WriteString("\n")
		}
	}
}

func TestADiagramShowsEachEvent(t *testing.T) {
	for name, page := range map[string]string{"as a picture": svg(t, eventful()), "as a page": html(t, eventful())} {
		t.Run(name, func(t *testing.T) {
			says := texts(t, page)
			for _, want := range []string{
				"TestA/<b>&, seed 7, schedule 3 (mix/rw)", `b "<&>`, "<script>", "x.go:1 -> 2",
				"connected", "lost-one", "late-one under way", "crashed", "restarted", "paused", "resumed",
				"partition", "healed", "synced wal", "mark rare branch", "restart of c", "◀ decided here & <now>",
				"✕ t=1s on a: x is 1 < 2 & so on", "to myself",
			} {
				if !strings.Contains(says, want) {
					t.Errorf("it does not say %q", want)
				}
			}
			if n := strings.Count(page, `<g class="row"`); n != len(eventful().Entries) {
				t.Errorf("it has %d rows for %d entries", n, len(eventful().Entries))
			}
			for what, want := range map[string]int{
				`class="off"`: 2, `class="paused"`: 1, `class="cut"`: 1, `class="packet lost"`: 1, `class="cross"`: 1,
				`class="packet bad"`: 1, `class="packet pending"`: 1, `class="step"`: 1, `class="lifeline"`: 3, `id="failure"`: 1,
			} {
				if n := strings.Count(page, what); n != want {
					t.Errorf("it has %d of %s, want %d", n, what, want)
				}
			}
		})
	}
}

func TestAnArrowGoesDownwardsFromHostToHost(t *testing.T) {
	page := svg(t, eventful())
	found := regexp.MustCompile(`class="packet" d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"`).FindStringSubmatch(page)
	if found == nil {
		t.Fatal("there is no arrow")
	}
	var x1, y1, x2, y2 float64
	fmt.Sscan(strings.Join(found[1:], " "), &x1, &y1, &x2, &y2)
	if x2 <= x1 || y2 <= y1 {
		t.Errorf("it goes from %v,%v to %v,%v", x1, y1, x2, y2)
	}
}

func TestAPageCanBeReadWithoutThePicture(t *testing.T) {
	page := html(t, eventful())
	for _, want := range []string{"prefers-color-scheme: dark", `tabindex="0"`, "keydown", "<details>"} {
		if !strings.Contains(page, want) {
			t.Errorf("there is no %s", want)
		}
	}
	if says := texts(t, page); !strings.Contains(says, "the <text> & all") || !strings.Contains(says, "Time goes downwards") {
		t.Errorf("it says\n%s", says)
	}
}

func TestALongDiagramIsCutInTheMiddle(t *testing.T) {
	log := &report.Log{Hosts: []string{"h"}}
	for i := range 10_000 {
		log.Entries = append(log.Entries, step(i+1, fmt.Sprint(i%2), "x.go:1", "x.go:2"))
	}
	page := svg(t, log)
	if n := strings.Count(page, `<g class="row"`); n != 1500 {
		t.Errorf("it has %d rows", n)
	}
	if says := texts(t, page); !strings.Contains(says, "8500 lines are left out") || !strings.Contains(says, "the schedule passes") {
		t.Error("it does not say what is left out, or how it ends")
	}
}

func TestAnEmptyLogIsADiagram(t *testing.T) {
	texts(t, svg(t, &report.Log{}))
	texts(t, html(t, &report.Log{}))
}

// broken is a file that takes a few bytes.
type broken struct{ room int }

func (b *broken) Write(p []byte) (int, error) {
	if b.room -= len(p); b.room < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestADiagramThatCannotBeWrittenIsAnError(t *testing.T) {
	if err := report.SVG(&broken{100}, eventful(), nil); err != io.ErrShortWrite {
		t.Errorf("the picture: %v", err)
	}
	if err := report.HTML(&broken{100}, eventful(), nil, ""); err != io.ErrShortWrite {
		t.Errorf("the page: %v", err)
	}
}
