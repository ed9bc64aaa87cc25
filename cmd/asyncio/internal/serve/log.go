package serve

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/fatih/color"
	"golang.org/x/term"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/thread"
)

// maxLines bounds what waits for a terminal that is stopped, or a pipe that nobody reads.
const maxLines = 10000

// A log writes lines, from a task of its own and on threads, so that nobody who has
// something to say waits for the terminal.
type log struct {
	out     io.Writer
	color   bool
	lines   []string
	dropped int
	waiting asyncio.WaitQueue // the task, where there is nothing to write
}

func newLog(out io.Writer) *log {
	f, ok := out.(*os.File)
	return &log{out: out, color: ok && term.IsTerminal(int(f.Fd())) && !color.NoColor}
}

// say adds a line. It does not wait.
func (l *log) say(line string) {
	if len(l.lines) == maxLines {
		l.dropped++
		return
	}
	l.lines = append(l.lines, line)
	l.waiting.Wake(1)
}

// during runs work with the log beside it, and returns when all has been written.
func (l *log) during(ctx context.Context, work func(ctx context.Context) error) error {
	writing := asyncio.Go(context.WithoutCancel(ctx), l.run, asyncio.TaskName("log"))
	err := work(ctx)
	// The last lines are to be seen even if work was cancelled (C4).
	end := context.WithoutCancel(ctx)
	writing.Cancel(nil)
	writing.Await(end)
	l.write(end)
	return err
}

// run writes what was said, again and again, until it is cancelled.
func (l *log) run(ctx context.Context) error {
	for {
		if len(l.lines) == 0 {
			// A wake-up stands for lines that stay in the list: there is nothing to
			// hand on (C3).
			if _, err := l.waiting.Park(ctx, l); err != nil {
				return err
			}
		}
		if err := asyncio.Checkpoint(ctx); err != nil {
			return err
		}
		l.write(ctx)
	}
}

// String names what the task waits for.
func (l *log) String() string { return "a request to tell of" }

// write writes everything there is, in one piece. The lines leave the list in the step in
// which the thread has them, so none is lost and none is written twice.
func (l *log) write(ctx context.Context) {
	lines := l.lines
	if l.dropped > 0 {
		lines = append(lines, fmt.Sprintf("… and %d lines that nobody took in time", l.dropped))
	}
	l.lines, l.dropped = nil, 0
	if len(lines) == 0 {
		return
	}
	thread.Do(context.WithoutCancel(ctx), func() error {
		_, err := io.WriteString(l.out, strings.Join(lines, "\n")+"\n")
		return err
	})
}
