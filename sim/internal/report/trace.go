package report

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// How many lines a trace has where it has to be cut: at its beginning and at its end.
// What lies between is counted, but for the lines to which a note belongs.
const (
	wholeTrace = 64
	headLines  = 16
	tailLines  = 32
)

// Trace is what happened, a line for each thing: time, host, task, places. notes are
// written behind the decision of their number on the tape, see [Entry.Choice].
func Trace(r *Log, notes map[int]string) string {
	all := lines(r.Entries)
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	hidden := 0
	for i := range all {
		if !kept(all, i, notes) {
			hidden++
			continue
		}
		writeGap(w, &hidden)
		writeLine(w, &all[i], notes)
	}
	writeGap(w, &hidden)
	if r.Failure.Error != "" {
		place := r.Failure.Place
		if place != "" {
			place = " at " + place
		}
		fmt.Fprintf(w, "\t%s\t%s\t\tFAILS HERE%s\n", when(r.Failure.At), r.Failure.Host, place)
	}
	w.Flush() // a Builder never fails
	return strings.TrimRight(b.String(), "\n")
}

// kept tells whether line i is shown in a trace that may be too long.
func kept(all []line, i int, notes map[int]string) bool {
	if len(all) <= wholeTrace || i < headLines || i >= len(all)-tailLines {
		return true
	}
	e := all[i].first
	return e.Choice > 0 && notes[e.Choice] != ""
}

func writeGap(w *tabwriter.Writer, hidden *int) {
	if *hidden > 0 {
		fmt.Fprintf(w, "\t…\t\t\t%d lines are left out\n", *hidden)
	}
	*hidden = 0
}

func writeLine(w *tabwriter.Writer, l *line, notes map[int]string) {
	e := l.first
	number, task := "", e.Task
	if e.Step > 0 {
		number = fmt.Sprint(e.Step)
	}
	if e.Kind != Step {
		task = "·"
	}
	host := e.Host
	if host == "" {
		host = "world"
	}
	fmt.Fprintf(w, "%4s\t%s\t%s\t%s\t%s", number, when(e.At), host, task, l.what())
	if n := notes[e.Choice]; e.Choice > 0 && n != "" {
		fmt.Fprintf(w, "\t<- %s", n)
	}
	fmt.Fprintln(w)
}
