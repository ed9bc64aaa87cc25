package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// Difference is where a trace parts from the one that was wanted.
type Difference struct {
	Row       int // index of the first row that differs
	Want, Got []Row
	Err       error // why the run did not come to its end, where it did not
}

// Compare finds the first row that differs, nil where the traces are equal.
func Compare(want, got []Row) *Difference {
	if slices.Equal(want, got) {
		return nil
	}
	i := 0
	for i < len(want) && i < len(got) && want[i] == got[i] {
		i++
	}
	return &Difference{Row: i, Want: want, Got: got}
}

// before and after are how many rows are shown around the difference.
const before, after = 6, 3

// String shows the rows that led there, what was wanted (-) and what came (+).
func (d *Difference) String() string {
	var b strings.Builder
	for _, r := range d.Want[max(0, d.Row-before):d.Row] {
		fmt.Fprintf(&b, "    %v\n", r)
	}
	show(&b, "  - ", d.Want, d.Row)
	show(&b, "  + ", d.Got, d.Row)
	if d.Err != nil {
		fmt.Fprintf(&b, "    the run ended with: %v\n", d.Err)
	}
	return b.String()
}

func show(b *strings.Builder, mark string, rows []Row, from int) {
	if from == len(rows) {
		fmt.Fprintf(b, "%s(ends here)\n", mark)
	}
	for _, r := range rows[from:min(len(rows), from+1+after)] {
		fmt.Fprintf(b, "%s%v\n", mark, r)
	}
}
