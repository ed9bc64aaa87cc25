package fetch

import (
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// home begins each row and line. After Ctrl-C the terminal has written ^C where the cursor
// stood, and the library moves the cursor up from there, not from the first column.
const home = "\r"

// labelWidth is how many columns a file name gets beside its bar.
const labelWidth = 28

// terminal is a screen with a bar for each download at work, and the lines above them.
// It lives outside of the loop, beside the goroutines of the bar library.
type terminal struct {
	progress *mpb.Progress
	lines    paper
	bars     map[*Download]*gauge
	total    *mpb.Bar
	last     time.Time
}

// gauge is one bar on the terminal.
type gauge struct {
	bar  *mpb.Bar
	note atomic.Pointer[string] // the library reads it on its own goroutines
	got  int64
}

// newScreen shows bars if err is a terminal that can move its cursor, else lines alone.
// bars tells which. Lines that belong to out go above the bars if they would be seen
// there anyway.
func newScreen(out, err io.Writer) (s screen, bars bool) {
	if !isTerminal(err) || os.Getenv("TERM") == "dumb" {
		return paper{out, err}, false
	}
	t := newTerminal(mpb.WithOutput(err), mpb.WithRefreshRate(redraw))
	if !isTerminal(out) {
		t.lines.out = out
	}
	return t, true
}

func newTerminal(options ...mpb.ContainerOption) *terminal {
	p := mpb.New(options...)
	above := aboveBars{p}
	return &terminal{progress: p, lines: paper{above, above}, bars: map[*Download]*gauge{}, last: time.Now()}
}

// aboveBars writes whole lines that scroll away above the bars.
type aboveBars struct{ progress *mpb.Progress }

func (a aboveBars) Write(p []byte) (int, error) {
	if _, err := a.progress.Write(append([]byte(home), p...)); err != nil {
		return 0, err
	}
	return len(p), nil
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func (t *terminal) draw(f frame) {
	now := time.Now()
	since := now.Sub(t.last)
	t.last = now
	t.lines.draw(f)
	seen := make(map[*Download]bool, len(f.bars))
	for _, b := range f.bars {
		seen[b.id] = true
		t.update(b, since)
	}
	for id, g := range t.bars {
		if !seen[id] {
			g.bar.Abort(true)
			delete(t.bars, id)
		}
	}
	t.drawTotal(f)
}

// update moves one bar. Bytes of an earlier run, and a fresh beginning, are no speed.
func (t *terminal) update(b bar, since time.Duration) {
	g := t.bars[b.id]
	if g == nil {
		g = t.newGauge(b)
		t.bars[b.id] = g
	}
	g.note.Store(&b.note)
	if b.total > 0 {
		g.bar.SetTotal(b.total, false)
	}
	if b.got < g.got || g.got == 0 && b.resumed > 0 {
		g.bar.SetRefill(b.resumed)
		g.bar.SetCurrent(b.got)
	} else {
		g.bar.EwmaSetCurrent(b.got, since)
	}
	g.got = b.got
}

func (t *terminal) newGauge(b bar) *gauge {
	g := &gauge{}
	g.note.Store(&b.note)
	label := fit(b.label, labelWidth)
	g.bar = t.progress.New(0, mpb.BarStyle(),
		mpb.BarFillerTrim(),
		mpb.PrependDecorators(decor.Name(home+label+" ")),
		mpb.AppendDecorators(
			decor.Any(func(decor.Statistics) string { return " " + *g.note.Load() }, decor.WCSyncSpaceR),
			decor.EwmaSpeed(decor.SizeB1000(0), "% .1f", 0, decor.WCSyncSpace),
			decor.EwmaETA(decor.ET_STYLE_MMSS, 0, decor.WCSyncSpace),
		))
	return g
}

// fit makes a label take that many columns. What is too long loses its middle: long names
// tend to differ at their ends.
func fit(label string, width int) string {
	if over := runewidth.StringWidth(label) - width; over > 0 {
		head := runewidth.Truncate(label, width/2, "")
		tail := runewidth.TruncateLeft(label, runewidth.StringWidth(head)+over+1, "")
		label = head + "…" + tail
	}
	return runewidth.FillRight(label, width)
}

// drawTotal shows, under the bars of files, how many files are done with.
func (t *terminal) drawTotal(f frame) {
	if f.size < 2 {
		return
	}
	if t.total == nil {
		label := fit("all files", labelWidth)
		t.total = t.progress.New(0, mpb.BarStyle(),
			mpb.BarPriority(1<<30), mpb.BarFillerTrim(),
			mpb.PrependDecorators(decor.Name(home+label+" ")),
			mpb.AppendDecorators(decor.CountersNoUnit(" %d of %d", decor.WCSyncSpaceR)))
		t.total.SetTotal(int64(f.size), false)
	}
	t.total.SetCurrent(int64(f.ended))
}

// close takes the bars away and leaves the lines.
func (t *terminal) close() {
	for _, g := range t.bars {
		g.bar.Abort(true)
	}
	if t.total != nil {
		t.total.Abort(true)
	}
	t.progress.Wait()
}
