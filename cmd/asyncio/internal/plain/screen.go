package plain

import (
	"fmt"
	"io"
	"os"

	"github.com/fatih/color"
	"golang.org/x/term"
)

// A Screen is where a command writes: a terminal with its width, or something that is
// not read by a person, where nothing is cut or coloured.
type Screen struct {
	io.Writer
	Width int  // 0: no terminal
	Dumb  bool // a terminal that only prints, such as an editor's: a line cannot be written over
	Color bool // not under NO_COLOR (see no-color.org), nor on a dumb terminal
}

// NewScreen finds out what out can show.
func NewScreen(out io.Writer) *Screen {
	s := &Screen{Writer: out}
	file, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return s
	}
	if width, _, err := term.GetSize(int(file.Fd())); err == nil {
		s.Width = width
	}
	s.Dumb = os.Getenv("TERM") == "dumb"
	s.Color = os.Getenv("NO_COLOR") == "" && !s.Dumb
	return s
}

// Printf writes a line or several.
func (s *Screen) Printf(format string, args ...any) error {
	_, err := fmt.Fprintf(s, format, args...)
	return err
}

// Warn makes a text stand out that must not be missed.
func (s *Screen) Warn(text string) string { return s.paint(text, color.FgRed, color.Bold) }

// Faint makes a text step back.
func (s *Screen) Faint(text string) string { return s.paint(text, color.Faint) }

// Strong makes a text a heading.
func (s *Screen) Strong(text string) string { return s.paint(text, color.Bold) }

func (s *Screen) paint(text string, how ...color.Attribute) string {
	c := color.New(how...)
	if c.DisableColor(); s.Color {
		c.EnableColor()
	}
	return c.Sprint(text)
}
