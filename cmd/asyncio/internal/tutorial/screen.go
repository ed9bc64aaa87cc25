package tutorial

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/fatih/color"
	"golang.org/x/term"

	"github.com/goasyncio/asyncio/internal/timeline"
)

// maxWidth bounds the picture on a wide terminal: a longer line is hard to follow.
const maxWidth = 120

// screen is where the lesson is shown. After its first error it shows nothing
// more, and everything that is written to it reports that error.
type screen struct {
	out     io.Writer
	err     error
	options timeline.TextOptions
	bold    *color.Color
}

// newScreen finds out what out can show.
func newScreen(out io.Writer) *screen {
	s := &screen{out: out, bold: color.New(color.Bold)}
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		width, _, err := term.GetSize(int(file.Fd()))
		if err != nil {
			width = 0 // unknown
		}
		s.options = terminal(width, os.Getenv)
	}
	if s.bold.DisableColor(); s.options.Color {
		s.bold.EnableColor()
	}
	return s
}

// terminal is what a terminal of that width shows: colours, unless NO_COLOR (see
// no-color.org) is set or the terminal is a dumb one.
func terminal(width int, getenv func(string) string) timeline.TextOptions {
	return timeline.TextOptions{
		Width: min(width, maxWidth),
		Color: getenv("NO_COLOR") == "" && getenv("TERM") != "dumb",
	}
}

func (s *screen) strong(text string) string { return s.bold.Sprint(text) }

// Write implements io.Writer.
func (s *screen) Write(p []byte) (n int, err error) {
	if s.err == nil {
		n, s.err = s.out.Write(p)
	}
	return n, s.err
}

func (s *screen) printf(format string, args ...any) error {
	_, err := fmt.Fprintf(s, format, args...)
	return err
}

// show draws the picture and says what it teaches.
func (s *screen) show(p timeline.Picture) error {
	s.printf("\n")
	timeline.Text(s, p, s.options)
	return s.printf("\n%s\n", "A task that blocks the loop holds up all others, so their pauses add up.\n"+
		"Tasks that wait on the loop do so at the same time.")
}

// tenths writes a time as the lesson does: "5.0 s".
func tenths(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
