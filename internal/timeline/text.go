package timeline

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/goasyncio/asyncio/internal/recording"
	"github.com/mattn/go-runewidth"
)

// TextOptions say what the terminal can show.
type TextOptions struct {
	Width int  // in columns; 0 means 80. Less than 40 is drawn as 40
	Color bool // whether to colour; the picture can be read without
}

const (
	defaultWidth = 80
	minWidth     = 40
	maxNameWidth = 16
)

// Text draws p with Unicode blocks, no line longer than the width. The error is
// that of w.
func Text(w io.Writer, p Picture, o TextOptions) error {
	if o.Width == 0 {
		o.Width = defaultWidth
	}
	t := &textDrawer{
		out:    bufio.NewWriter(w),
		width:  max(o.Width, minWidth),
		paint:  newPalette(o.Color),
		length: p.length(),
		limit:  p.limit(),
	}
	t.names = t.nameWidth(p)
	t.bars = t.width - t.names
	t.picture(p)
	return t.out.Flush()
}

// textDrawer is a picture under way.
type textDrawer struct {
	out    *bufio.Writer
	paint  palette
	length time.Duration // that the bars span
	limit  limit
	width  int // of the picture, in columns
	names  int // of which are for the names, with the gap
	bars   int // and for the bars
}

func (t *textDrawer) line(format string, args ...any) {
	fmt.Fprintln(t.out, strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

// nameWidth is the width of the longest name, within bounds, and of a gap.
func (t *textDrawer) nameWidth(p Picture) int {
	width := 0
	for _, panel := range p.Panels {
		for _, lane := range panel.lanes() {
			width = max(width, runewidth.StringWidth(printable(lane.Name)))
		}
	}
	return min(width, maxNameWidth) + 2
}

func (t *textDrawer) picture(p Picture) {
	if p.Title != "" {
		t.line("%s\n", t.paint.strong(clip(p.Title, t.width)))
	}
	for i, panel := range p.Panels {
		if i > 0 {
			t.line("")
		}
		t.panel(panel)
	}
	t.line("")
	t.legend(p.used())
}

func (t *textDrawer) panel(p Panel) {
	note := clip(p.Note, t.width/2)
	title := clip(p.Title, t.width-runewidth.StringWidth(note)-1)
	gap := t.width - runewidth.StringWidth(title) - runewidth.StringWidth(note)
	t.line("%s%s%s", t.paint.strong(title), strings.Repeat(" ", gap), t.paint.strong(note))
	for _, lane := range p.lanes() {
		name := runewidth.FillRight(clip(lane.Name, t.names-2), t.names)
		t.line("%s%s", name, t.lane(lane))
	}
	t.axis()
	for _, says := range p.omissions() {
		t.line("%s", clip("… "+says, t.width))
	}
}

// column is where a moment is drawn: 0 for the start, bars for the end.
func (t *textDrawer) column(at time.Duration) int {
	return int(float64(at)/float64(t.length)*float64(t.bars) + 0.5)
}

// lane draws one task's cells, with what fits written into them.
func (t *textDrawer) lane(l recording.Lane) string {
	kinds := make([]kind, t.bars)
	glyphs := make([]rune, t.bars)
	for _, s := range t.limit.byWeight(l.Spans) {
		from, to := t.cells(s)
		k := t.limit.kindOf(s)
		for i := from; i < to; i++ {
			kinds[i], glyphs[i] = k, glyph[k]
		}
		t.write(glyphs, s, from, to)
	}
	return t.paint.cells(kinds, glyphs)
}

// cells are the columns of a span, from included, to not. A run is never lost:
// it takes a cell however short it was.
func (t *textDrawer) cells(s recording.Span) (from, to int) {
	from, to = t.column(s.Begin), t.column(s.End)
	if t.limit.kindOf(s) == runs {
		from = min(from, t.bars-1)
		to = from + 1
	}
	return min(from, t.bars), min(to, t.bars)
}

// write puts the longest label that fits into the middle of a span. The first
// cell stays free: the run that began the wait is drawn there.
func (t *textDrawer) write(glyphs []rune, s recording.Span, from, to int) {
	for _, label := range t.limit.labels(s) {
		text := []rune(" " + printable(label) + " ")
		if runewidth.StringWidth(string(text)) != len(text) || len(text)+4 > to-from {
			continue
		}
		copy(glyphs[from+(to-from-len(text)+1)/2:], text)
		return
	}
}

// axis draws the ticks and their times under the lanes.
func (t *textDrawer) axis() {
	const room = 9 // columns for a tick's label
	rule := []rune(strings.Repeat("─", t.bars))
	text := []rune(strings.Repeat(" ", t.width))
	for _, tick := range ticks(t.length, max(t.bars/room, 1)) {
		at := min(t.column(tick), t.bars-1)
		rule[at] = '┴'
		label := []rune(seconds(tick))
		copy(text[min(t.names+at, t.width-len(label)):], label)
	}
	t.line("%s%s", strings.Repeat(" ", t.names), t.paint.faint(string(rule)))
	t.line("%s", t.paint.faint(strings.TrimRight(string(text), " ")))
}

// legend explains the kinds that were drawn, as many on a line as fit.
func (t *textDrawer) legend(used [numKind]bool) {
	column := 0
	for _, k := range legendOrder {
		if !used[k] {
			continue
		}
		width := 3 + runewidth.StringWidth(legend[k]) + 3
		if column > 0 && column+width-3 > t.width {
			fmt.Fprintln(t.out)
			column = 0
		}
		sample := t.paint.cells([]kind{k, k}, []rune{glyph[k], glyph[k]})
		if column > 0 {
			fmt.Fprint(t.out, "   ")
		}
		fmt.Fprintf(t.out, "%s %s", sample, legend[k])
		column += width
	}
	if column > 0 {
		fmt.Fprintln(t.out)
	}
}
