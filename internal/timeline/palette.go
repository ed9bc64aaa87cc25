package timeline

import (
	"strings"
	"unicode"

	"github.com/fatih/color"
	"github.com/mattn/go-runewidth"
)

// glyph is how a cell of each kind looks. They differ without colour too.
var glyph = [numKind]rune{none: ' ', runs: '█', blocks: '▓', held: '░', waits: '─'}

// palette colours text, or leaves it alone.
type palette struct {
	kinds [numKind]*color.Color
	bold  *color.Color
	dim   *color.Color
}

func newPalette(colored bool) palette {
	p := palette{bold: color.New(color.Bold), dim: color.New(color.Faint)}
	p.kinds = [numKind]*color.Color{
		none:   color.New(),
		runs:   color.New(color.FgGreen),
		blocks: color.New(color.FgRed),
		held:   color.New(color.FgYellow),
		waits:  color.New(color.FgBlue),
	}
	for _, c := range append(p.kinds[:], p.bold, p.dim) {
		// Each by itself: the library's global switch looks at standard output,
		// and the picture may go elsewhere.
		if c.DisableColor(); colored {
			c.EnableColor()
		}
	}
	return p
}

func (p palette) strong(s string) string { return p.bold.Sprint(s) }
func (p palette) faint(s string) string  { return p.dim.Sprint(s) }

// cells colours runs of the same kind at once.
func (p palette) cells(kinds []kind, glyphs []rune) string {
	var b strings.Builder
	for from := 0; from < len(kinds); {
		to := from
		for to < len(kinds) && kinds[to] == kinds[from] {
			to++
		}
		part := make([]rune, 0, to-from)
		for _, g := range glyphs[from:to] {
			if g == 0 {
				g = ' '
			}
			part = append(part, g)
		}
		if kinds[from] == none {
			b.WriteString(string(part))
		} else {
			b.WriteString(p.kinds[kinds[from]].Sprint(string(part)))
		}
		from = to
	}
	return b.String()
}

// printable makes a name harmless: a control character in it could move the
// cursor or change the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}

// clip shortens s to width columns.
func clip(s string, width int) string {
	return runewidth.Truncate(printable(s), width, "…")
}
