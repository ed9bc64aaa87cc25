package report

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// Sizes in user units, which are pixels where the picture is not scaled.
const (
	timeWidth  = 132 // of the column of times
	rowHeight  = 26
	barHeight  = 20
	headHeight = 40
	noteWidth  = 470
	footHeight = 46
	charWidth  = 6.5 // of 12-pixel text, rather too wide than too narrow
)

// SVG draws a log as a space-time diagram: a vertical line for each host, time
// downwards, an arrow for each packet. notes are those of [Trace]. The error is that
// of w.
func SVG(w io.Writer, log *Log, notes map[int]string) error {
	s := newDrawer(w, log, notes)
	s.open(s.width(), headHeight+s.height(), s.headline())
	s.printf("<style>%s</style>\n", pictureStyle)
	s.printf(`<rect class="page" width="%d" height="%d"/>`+"\n", s.width(), headHeight+s.height())
	s.heads()
	s.printf(`<g transform="translate(0 %d)">`+"\n", headHeight)
	s.body()
	s.printf("</g>\n</svg>\n")
	return s.out.Flush()
}

// drawer is a diagram on its way to a page.
type drawer struct {
	*diagram
	out       *bufio.Writer
	hostWidth float64 // of the column of a host
	barWidth  float64 // of a step
}

func newDrawer(w io.Writer, log *Log, notes map[int]string) *drawer {
	s := &drawer{out: bufio.NewWriter(w), diagram: layOut(log, notes)}
	const least, most, all = 220, 400, 1100
	s.hostWidth = max(least, min(most, all/float64(max(len(s.hosts), 1))))
	s.barWidth = s.hostWidth - 40
	return s
}

func (s *drawer) printf(format string, args ...any) { fmt.Fprintf(s.out, format, args...) }

func (s *drawer) open(width, height int, title string) {
	s.printf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">`+"\n", width, height, width, height)
	s.printf("<title>%s</title>\n<desc>%s</desc>\n", escape(title), escape(s.description()))
}

func (s *drawer) headline() string {
	return fmt.Sprintf("%s, seed %d, schedule %d (%s)", s.log.Test, s.log.Seed, s.log.Schedule, s.log.Strategy)
}

func (s *drawer) width() int  { return timeWidth + len(s.hosts)*int(s.hostWidth) + noteWidth }
func (s *drawer) height() int { return (len(s.rows)+1)*rowHeight + footHeight }

// x is the middle of a host's column, and y the middle of a row.
func (s *drawer) x(host int) float64 {
	if host < 0 {
		return timeWidth + 4
	}
	return timeWidth + (float64(host)+0.5)*s.hostWidth
}
func (s *drawer) y(row int) float64 { return (float64(row) + 0.5) * rowHeight }

// text writes t, in the style of class, so that it fits into width.
func (s *drawer) text(x, y float64, class, anchor, t string, width float64) {
	s.printf(`<text x="%.1f" y="%.1f" class="%s" text-anchor="%s">%s</text>`+"\n", x, y+4, class, anchor, escape(clip(t, width)))
}

func (s *drawer) heads() {
	s.text(timeWidth-12, headHeight/2, "tick", "end", "time", timeWidth)
	for i, h := range s.hosts {
		s.text(s.x(i), headHeight/2, "head", "middle", h, s.hostWidth)
	}
}

// body is everything below the heads, what is behind first.
func (s *drawer) body() {
	for _, p := range s.spans {
		s.period(p)
	}
	for i := range s.hosts {
		s.printf(`<path class="lifeline" d="M%.1f 0V%.1f"/>`+"\n", s.x(i), s.y(len(s.rows)))
	}
	for i := range s.rows {
		s.time(i)
	}
	for _, a := range s.arrows {
		s.arrow(a)
	}
	for i := range s.rows {
		s.row(i)
	}
	s.failure()
}

// time writes the time where it is another than that of the row above.
func (s *drawer) time(i int) {
	r := &s.rows[i]
	if r.gap {
		s.printf(`<path class="gap" d="M0 %.1fH%d"/>`+"\n", s.y(i)-rowHeight/2, s.width())
		s.text(float64(s.width()-12), s.y(i)-rowHeight/2-2, "tick", "end", fmt.Sprintf("%d lines are left out", s.dropped), noteWidth)
	}
	if i > 0 && r.at == s.rows[i-1].at {
		return
	}
	s.printf(`<path class="grid" d="M%d %.1fH%d"/>`+"\n", timeWidth-8, s.y(i)-rowHeight/2, s.width()-noteWidth)
	s.text(timeWidth-12, s.y(i), "tick", "end", r.at.String(), timeWidth-16)
}

// row draws what stands on a line of the trace.
func (s *drawer) row(i int) {
	r := &s.rows[i]
	e := r.first
	x, y := s.x(r.host), s.y(i)
	s.printf(`<g class="row" id="r%d"><title>%s</title>`+"\n", i, escape(when(r.at)+" "+e.Host+" "+e.Task+" "+r.title))
	switch {
	case e.Kind == Step:
		class := "step"
		if r.note != "" {
			class = "step chosen"
		}
		s.printf(`<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%d" rx="4"/>`+"\n", class, x-s.barWidth/2, y-barHeight/2, s.barWidth, barHeight)
		s.label(x, y, e.Task, r.places())
	case e.Kind == Event && (e.Event == "sent" || e.Event == "delivered" || e.Event == "dropped"):
		s.packet(r, i)
	default:
		s.mark(r, x, y)
	}
	if r.note != "" {
		s.printf(`<path class="note-line" d="M%.1f %.1fH%d"/>`+"\n", x+s.barWidth/2, y, s.width()-noteWidth-4)
		s.text(float64(s.width()-noteWidth), y, "note", "start", "◀ "+r.note, noteWidth)
	}
	s.printf("</g>\n")
}

// label is a task's name and the places of its step.
func (s *drawer) label(x, y float64, task, places string) {
	task = clip(task, s.barWidth*0.45)
	room := s.barWidth - 16 - float64(len([]rune(task)))*charWidth - 8
	s.printf(`<text x="%.1f" y="%.1f"><tspan class="task">%s</tspan><tspan class="place" dx="6">%s</tspan></text>`+"\n",
		x-s.barWidth/2+8, y+4, escape(task), escape(clip(places, room)))
}

// mark is something that happens to a host, or between hosts.
func (s *drawer) mark(r *row, x, y float64) {
	class := "mark"
	switch r.first.Event {
	case "crashed", "fault", "refused", "reset", "partition", "lost", "paused":
		class = "mark bad"
	}
	s.printf(`<circle class="%s" cx="%.1f" cy="%.1f" r="4.5"/>`+"\n", class, x, y)
	title := r.title
	if r.host < 0 {
		s.text(x+12, y, "event", "start", title, s.hostWidth*float64(len(s.hosts)))
		return
	}
	s.text(x+10, y, "event", "start", title, s.hostWidth/2-6)
}

// packet is the end of an arrow.
func (s *drawer) packet(r *row, i int) {
	host, y := r.host, s.y(i)
	if r.first.Event == "delivered" {
		host = r.peer
	}
	if r.first.Event == "dropped" {
		s.text(s.x(r.host)+8, y, "event", "start", "✕ "+r.title, s.hostWidth)
		return
	}
	s.printf(`<circle class="end" cx="%.1f" cy="%.1f" r="2.5"/>`+"\n", s.x(host), y)
}

// arrow draws a packet from host to host. One that is lost ends on its way.
func (s *drawer) arrow(a arrow) {
	if a.a < 0 || a.b < 0 {
		return
	}
	if a.to == len(s.rows) {
		s.pending(a)
		return
	}
	x1, y1, x2, y2 := s.x(a.a), s.y(a.from), s.x(a.b), s.y(a.to)
	class := "packet"
	if a.bad {
		class = "packet bad"
	}
	if a.lost {
		x2, y2 = x1+(x2-x1)*0.55, y1+max((y2-y1)*0.55, rowHeight*0.5)
		class = "packet lost"
	}
	if a.a == a.b { // a packet of a host to itself
		s.printf(`<path class="%s" d="M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f"/>`+"\n", class, x1, y1, x1+70, y1, x2+70, y2, x2, y2)
	} else {
		s.printf(`<path class="%s" d="M%.1f %.1fL%.1f %.1f"/>`+"\n", class, x1, y1, x2, y2)
	}
	if a.lost {
		s.printf(`<path class="cross" d="M%.1f %.1fl10 10m0 -10l-10 10"/>`+"\n", x2-5, y2-5)
	} else {
		s.head(class, x1, y1, x2, y2)
	}
	part := (s.barWidth/2 + 24) / max(abs(x2-x1), s.barWidth/2+24)
	s.text(x1+(x2-x1)*part, y1+(y2-y1)*part-9, "packet-label", "middle", a.label, s.hostWidth/2)
}

// pending draws the beginning of a packet's way that was not over at the end.
func (s *drawer) pending(a arrow) {
	x1, x2, y := s.x(a.a), s.x(a.b), s.y(a.from)
	s.printf(`<path class="packet pending" d="M%.1f %.1fl%.1f %d"/>`+"\n", x1, y, (x2-x1)*0.7, rowHeight*2/3)
	s.text(x1+(x2-x1)*0.75, y+rowHeight*0.7, "packet-label", "middle", a.label+" under way", s.hostWidth)
}

func abs(x float64) float64 { return max(x, -x) }

// head is the point of an arrow.
func (s *drawer) head(class string, x1, y1, x2, y2 float64) {
	dx := 9.0
	if x2 > x1 {
		dx = -9
	}
	slope := 0.0
	if x2 != x1 {
		slope = (y2 - y1) / (x2 - x1) * dx
	}
	slope = max(-12, min(12, slope))
	s.printf(`<path class="%s point" d="M%.1f %.1fl%.1f %.1fl0 8z"/>`+"\n", class, x2, y2, dx, slope-4)
}

func (s *drawer) period(p period) {
	top, bottom := s.y(p.from), s.y(p.to)
	switch {
	case p.b >= 0:
		left, right := min(s.x(p.a), s.x(p.b)), max(s.x(p.a), s.x(p.b))
		s.printf(`<rect class="cut" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`+"\n", left, top, right-left, bottom-top)
	case p.a >= 0:
		s.printf(`<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s</title></rect>`+"\n", p.kind, s.x(p.a)-s.hostWidth/2+8, top, s.hostWidth-16, bottom-top, escape(p.label))
	}
}

// failure is the last row.
func (s *drawer) failure() {
	f := s.log.Failure
	y := s.y(len(s.rows))
	if f.Error == "" {
		s.text(timeWidth, y+8, "tick", "start", "the schedule passes", noteWidth)
		return
	}
	s.printf(`<g id="failure"><path class="fails" d="M%d %.1fH%d"/>`+"\n", timeWidth-8, y, s.width()-12)
	first, _, _ := strings.Cut(f.Error, "\n")
	s.text(timeWidth, y+18, "fail", "start", "✕ "+when(f.At)+" on "+f.Host+": "+first, float64(s.width()-timeWidth-12))
	if x := s.column(f.Host); x >= 0 {
		s.printf(`<circle class="fails" cx="%.1f" cy="%.1f" r="6"/>`+"\n", s.x(x), y)
	}
	s.printf("</g>\n")
}

// clip shortens t to what fits into width.
func clip(t string, width float64) string {
	runes := []rune(t)
	if n := max(int(width/charWidth), 1); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return t
}

// escape makes any string safe inside an element, also one that is not UTF-8.
func escape(t string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(t)) // a Builder never fails
	return b.String()
}
