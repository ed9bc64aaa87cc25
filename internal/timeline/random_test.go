package timeline

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/recording"
	"github.com/mattn/go-runewidth"
)

// random is a recording of a few tasks whose spans follow each other.
func random(r *rand.Rand) recording.Recording {
	length := time.Duration(r.Int64N(int64(time.Minute)) >> r.IntN(30))
	rec := recording.Recording{Length: length}
	for i := range r.IntN(6) {
		l := lane(fmt.Sprint("Task ", i))
		for at := time.Duration(0); at < length; {
			end := min(length, at+time.Duration(r.Int64N(int64(length)/4+2)))
			l.Spans = append(l.Spans, recording.Span{
				State: recording.State(r.IntN(3)), Begin: at, End: end, On: strings.Repeat("x", r.IntN(12)),
			})
			at = end + 1
		}
		rec.Lanes = append(rec.Lanes, l)
	}
	return rec
}

func TestAnyRecordingIsDrawnWithinItsBounds(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		p := Of("random", random(r))
		p.Panels = append(p.Panels, Panel{Title: "more", Recording: random(r)})
		o := TextOptions{Width: minWidth + r.IntN(100)}
		text := draw(t, p, o)
		for line := range strings.Lines(text) {
			if width := runewidth.StringWidth(strings.TrimSuffix(line, "\n")); width > o.Width {
				t.Fatalf("seed %d: %d columns, want at most %d:\n%s", seed, width, o.Width, text)
			}
		}
		if lanes := len(p.Panels[0].Recording.Lanes) + len(p.Panels[1].Recording.Lanes); strings.Count(text, "\nTask ") != lanes {
			t.Fatalf("seed %d: want %d lanes:\n%s", seed, lanes, text)
		}
		for _, e := range parse(t, p) {
			if e.name != "rect" || e.attrs["x"] == "" {
				continue
			}
			if x, end := e.number(t, "x"), e.number(t, "x")+e.number(t, "width"); x < 0 || end > svgWidth {
				t.Fatalf("seed %d: a bar from %.1f to %.1f", seed, x, end)
			}
		}
	}
}
