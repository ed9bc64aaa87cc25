package report

import (
	"fmt"
	"strings"
)

// Difference tells of two runs of one schedule that differ first at an entry, with the
// stacks of the tasks there.
func Difference(a, b *Log, at int, stackA, stackB string) string {
	var s strings.Builder
	fmt.Fprintf(&s, "  The runs are equal for %d entries of their traces", at)
	const before = 4
	if at > 0 {
		s.WriteString(", the last of which are\n\n")
		s.WriteString(indent(Trace(&Log{Entries: a.Entries[max(0, at-before):at]}, nil)))
	}
	s.WriteString("\n")
	for i, run := range []*Log{a, b} {
		fmt.Fprintf(&s, "\n  In the %s run comes then\n\n", []string{"first", "second"}[i])
		if at >= len(run.Entries) {
			fmt.Fprintf(&s, "    nothing: it ends, with %q\n", run.Failure.Error)
			continue
		}
		s.WriteString(indent(Trace(&Log{Entries: run.Entries[at : at+1]}, nil)) + "\n")
		if stack := []string{stackA, stackB}[i]; stack != "" {
			s.WriteString("\n" + indent(indent(indent(stack))) + "\n")
		}
	}
	return strings.TrimRight(s.String(), "\n")
}
