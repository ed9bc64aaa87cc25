package timeline

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/goasyncio/asyncio/internal/recording"
)

// Sizes in user units, which are pixels where the picture is not scaled.
const (
	svgWidth   = 860
	margin     = 24
	laneHeight = 28
	lanePitch  = 36
	titleSize  = 30 // from the top of a panel to its first lane
	axisSize   = 34 // from the last lane to the end of the ticks' labels
	panelGap   = 26
	legendLine = 22
	charWidth  = 7.2 // of 13-pixel text, rather too wide than too narrow
)

// SVG draws p as a page of its own: readable on a light and a dark background,
// with a title and a description for those who do not see it, and the exact
// times of each span as its tooltip. The error is that of w.
func SVG(w io.Writer, p Picture) error {
	s := &svgDrawer{out: bufio.NewWriter(w), length: p.length(), limit: p.limit()}
	s.left = margin + s.nameWidth(p)
	s.bars = svgWidth - margin - s.left
	s.picture(p)
	return s.out.Flush()
}

// svgDrawer is a picture under way. y is where the next thing goes.
type svgDrawer struct {
	out    *bufio.Writer
	length time.Duration
	limit  limit
	left   float64 // where the bars begin
	bars   float64 // how wide they are
	y      float64
}

func (s *svgDrawer) printf(format string, args ...any) { fmt.Fprintf(s.out, format, args...) }

// text writes t in the style of class; anchor is start, middle or end.
func (s *svgDrawer) text(x, y float64, class, anchor, t string) {
	s.printf("<text x=\"%.1f\" y=\"%.1f\" class=\"%s\" text-anchor=\"%s\">%s</text>\n", x, y, class, anchor, escape(t))
}

func (s *svgDrawer) nameWidth(p Picture) float64 {
	longest := 0
	for _, panel := range p.Panels {
		for _, lane := range panel.lanes() {
			longest = max(longest, len([]rune(lane.Name)))
		}
	}
	return float64(min(longest, maxNameWidth))*charWidth + 14
}

func (s *svgDrawer) picture(p Picture) {
	legend := s.legendRows(p.used())
	height := s.height(p, len(legend))
	s.printf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%.0f" viewBox="0 0 %d %.0f" role="img" aria-labelledby="title desc">`+"\n",
		svgWidth, height, svgWidth, height)
	s.printf("<title id=\"title\">%s</title>\n", escape(p.headline()))
	s.printf("<desc id=\"desc\">%s</desc>\n", escape(p.description()))
	s.printf("<style>%s</style>\n", stylesheet)
	s.printf("<rect class=\"page\" width=\"%d\" height=\"%.0f\" rx=\"10\"/>\n", svgWidth, height)
	s.y = margin
	if p.Title != "" {
		s.text(margin, s.y+14, "head", "start", p.Title)
		s.y += titleSize
	}
	for _, panel := range p.Panels {
		s.panel(panel)
	}
	s.legend(legend)
	s.printf("</svg>\n")
}

func (s *svgDrawer) height(p Picture, legendRows int) float64 {
	height := 2*margin + float64(legendRows)*legendLine
	if p.Title != "" {
		height += titleSize
	}
	for _, panel := range p.Panels {
		lines := len(panel.omissions())
		height += float64(titleSize + len(panel.lanes())*lanePitch + axisSize + lines*legendLine + panelGap)
	}
	return height
}

func (s *svgDrawer) panel(p Panel) {
	s.text(margin, s.y+14, "head", "start", p.Title)
	s.text(svgWidth-margin, s.y+14, "head", "end", p.Note)
	s.y += titleSize
	top, lanes := s.y, p.lanes()
	s.grid(top, top+float64(len(lanes)*lanePitch))
	for _, lane := range lanes {
		s.text(margin, s.y+laneHeight/2+4.5, "name", "start", clip(lane.Name, maxNameWidth))
		s.lane(lane)
		s.y += lanePitch
	}
	s.y += axisSize
	for _, says := range p.omissions() {
		s.text(margin, s.y, "tick", "start", "… "+says)
		s.y += legendLine
	}
	s.y += panelGap
}

// grid draws a line and a label for each tick, before the lanes so that it is
// behind them.
func (s *svgDrawer) grid(top, bottom float64) {
	const room = 90 // for a tick's label
	for _, tick := range ticks(s.length, int(s.bars/room)) {
		x := s.x(tick)
		s.printf("<path class=\"grid\" d=\"M%.1f %.1fV%.1f\"/>\n", x, top-4, bottom+4)
		anchor := "middle"
		if x+20 > svgWidth {
			anchor = "end"
		}
		s.text(x, bottom+20, "tick", anchor, seconds(tick))
	}
}

func (s *svgDrawer) x(at time.Duration) float64 {
	return s.left + float64(at)/float64(s.length)*s.bars
}

// lane draws a task's spans. What is thinner than a pixel is left out, except
// runs, of which one per pixel is enough: the picture stays small however long
// the recording is.
func (s *svgDrawer) lane(l recording.Lane) {
	lastRun := -1.0
	for _, span := range s.limit.byWeight(l.Spans) {
		x, width := s.x(span.Begin), s.x(span.End)-s.x(span.Begin)
		k := s.limit.kindOf(span)
		switch {
		case k == runs && lastRun >= 0 && x-lastRun < 1, k != runs && width < 1:
			continue
		case k == runs:
			lastRun = x
			width = max(width, 5)
			x = min(x, s.left+s.bars-width)
		}
		s.printf("<g><title>%s</title>", escape(s.limit.tooltip(l, span)))
		s.bar(k, x, s.y, width)
		s.printf("</g>\n")
		s.label(span, x, width)
	}
}

// bar draws a span in the shape of its kind; the shapes differ without colour.
func (s *svgDrawer) bar(k kind, x, y, width float64) {
	height := float64(laneHeight)
	if k == waits {
		height = laneHeight * 0.6
	}
	s.printf(`<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2"/>`,
		class[k], x, y+(laneHeight-height)/2, width, height)
}

func (s *svgDrawer) label(span recording.Span, x, width float64) {
	for _, label := range s.limit.labels(span) {
		if float64(len([]rune(label)))*charWidth+12 <= width {
			s.text(x+width/2, s.y+laneHeight/2+4.5, "on-"+class[s.limit.kindOf(span)], "middle", label)
			return
		}
	}
}

// legendRows puts the kinds of the picture on lines that fit.
func (s *svgDrawer) legendRows(used [numKind]bool) (rows [][]kind) {
	x := float64(svgWidth)
	for _, k := range legendOrder {
		if !used[k] {
			continue
		}
		if width := legendWidth(k); x+width > svgWidth-margin {
			rows, x = append(rows, nil), margin
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], k)
		x += legendWidth(k)
	}
	return rows
}

func legendWidth(k kind) float64 { return 38 + float64(len(legend[k]))*6.9 }

func (s *svgDrawer) legend(rows [][]kind) {
	for _, row := range rows {
		x := float64(margin)
		for _, k := range row {
			s.printf(`<g transform="translate(%.1f %.1f) scale(.5)">`, x, s.y)
			s.bar(k, 0, 0, map[bool]float64{true: 8, false: 36}[k == runs])
			s.printf("</g>\n")
			s.text(x+24, s.y+11.5, "tick", "start", legend[k])
			x += legendWidth(k)
		}
		s.y += legendLine
	}
}

// escape makes any string safe inside an element, also one that is not UTF-8.
func escape(t string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(t)) // a Builder never fails
	return b.String()
}
