package plain

import (
	"bufio"
	"io"
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"
)

// A Column is a column of a table.
type Column struct {
	Title string
	Right bool // numbers stand at the right
	Min   int  // how narrow it may become; 0 for as wide as its widest cell
	Rank  int  // where even that is too wide, the column with the highest rank goes first; 0 stays
}

// gap is what stands between two columns.
const gap = 2

// Natural is how wide the columns would be if there were room: as their widest cells,
// which are clean, and their titles.
func Natural(columns []Column, rows [][]string) []int {
	wide := make([]int, len(columns))
	for i, c := range columns {
		wide[i] = Width(c.Title)
	}
	for _, row := range rows {
		for i, cell := range row {
			wide[i] = max(wide[i], Width(cell))
		}
	}
	return wide
}

// Layout gives each column its width, so that a line has at most total columns of the
// terminal: the widest give way first, down to their Min, and then columns are left out,
// which have the width 0. A total of 0 is no limit.
func Layout(columns []Column, natural []int, total int) []int {
	wide := slices.Clone(natural)
	if total <= 0 {
		return wide
	}
	for excess := sum(wide) - total; excess > 0; excess = sum(wide) - total {
		if i := widest(columns, wide); i >= 0 {
			wide[i]--
		} else if i := dispensable(columns, wide); i >= 0 {
			wide[i] = 0
		} else {
			break
		}
	}
	return wide
}

// sum is the length of a line.
func sum(wide []int) int {
	n := -gap
	for _, w := range wide {
		if w > 0 {
			n += w + gap
		}
	}
	return n
}

// widest is the column that can give way and is the widest of those, or -1.
func widest(columns []Column, wide []int) int {
	found := -1
	for i, c := range columns {
		if c.Min > 0 && wide[i] > c.Min && (found < 0 || wide[i] > wide[found]) {
			found = i
		}
	}
	return found
}

// dispensable is the column that can be left out first, or -1.
func dispensable(columns []Column, wide []int) int {
	found := -1
	for i, c := range columns {
		if c.Rank > 0 && wide[i] > 0 && (found < 0 || c.Rank > columns[found].Rank) {
			found = i
		}
	}
	return found
}

// Line puts the cells of a row side by side.
func Line(columns []Column, wide []int, cells []string) string {
	var b strings.Builder
	for i, cell := range cells {
		if wide[i] == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(strings.Repeat(" ", gap))
		}
		cell = Fit(cell, wide[i])
		pad := strings.Repeat(" ", max(0, wide[i]-Width(cell)))
		if columns[i].Right {
			cell = pad + cell
		} else {
			cell += pad
		}
		b.WriteString(cell)
	}
	return strings.TrimRight(b.String(), " ")
}

// Titles are the titles of the columns as a row.
func Titles(columns []Column) []string {
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = c.Title
	}
	return titles
}

// Table writes rows under their titles. Their cells must be clean. A width of 0 is no
// limit: what is not read by a person is not cut.
func Table(w io.Writer, columns []Column, rows [][]string, width int) error {
	out := bufio.NewWriter(w)
	wide := Layout(columns, Natural(columns, rows), width)
	put := func(cells []string) {
		out.WriteString(cut(Line(columns, wide, cells), width))
		out.WriteByte('\n')
	}
	put(Titles(columns))
	for _, row := range rows {
		put(row)
	}
	return out.Flush()
}

func cut(line string, width int) string {
	if width <= 0 {
		return line
	}
	return Fit(line, width)
}

// Width is how many columns of a terminal a clean text takes.
func Width(s string) int { return runewidth.StringWidth(s) }

// Fit shortens a clean text to the width, with an ellipsis where something is left out.
func Fit(s string, width int) string {
	if len(s) <= width || Width(s) <= width {
		return s
	}
	return runewidth.Truncate(s, width, "…")
}
