package tutorial

import (
	"context"
	_ "embed"
	"errors"
	"runtime"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/cli"
	"github.com/goasyncio/asyncio/console"
)

// What is shown beside the runs is what has run.
var (
	//go:embed blocking.go
	blockingSource string
	//go:embed waiting.go
	waitingSource string
)

// A watching is the page with the runs of the lesson, where somebody wants it: a nil one
// is none. Everything is taken down for it: what the loop does, the lines that run, and
// what they print.
type watching struct {
	server     *console.Server
	rehearsals map[string]*console.Rehearsal // by the keys of sleepers
	page       string                        // its address
}

// watching serves the page from now on, which shows the runs as they happen. Close it.
func (o *options) watching(s *screen) (*watching, error) {
	if !o.watch {
		return nil, nil
	}
	w := &watching{rehearsals: map[string]*console.Rehearsal{}}
	recordings, names := map[string]*console.Rehearsal{}, []string{}
	for _, sleep := range sleepers {
		file := sleep.key + ".ndjson"
		r := &console.Rehearsal{Title: sleep.title, Sources: map[string]string{sleep.key + ".go": sleep.source}}
		w.rehearsals[sleep.key], recordings[file] = r, r
		names = append(names, file)
	}
	var err error
	if w.server, err = console.Serve("127.0.0.1:0", console.NoDiscovery(), console.Recordings(recordings)); err != nil {
		return nil, err
	}
	w.page = w.server.Compare(names...)
	s.printf("In the browser, as it happens: %s\n\n", w.page)
	if !o.noOpen {
		o.open(w.page) // the address is on the screen, for where there is no browser
	}
	return w, nil
}

func (w *watching) close() {
	if w != nil {
		w.server.Close()
	}
}

// rehearsal is that of a run, nil where nobody watches.
func (w *watching) rehearsal(s sleeper) *console.Rehearsal {
	if w == nil {
		return nil
	}
	return w.rehearsals[s.key]
}

// stay leaves the page to the user until ctx ends, and returns why it did.
func (w *watching) stay(ctx context.Context, s *screen) error {
	if w == nil {
		return nil
	}
	if err := s.printf("\nBoth runs, step by step, until Ctrl-C: %s\n", w.page); err != nil {
		return err
	}
	<-ctx.Done()
	return context.Cause(ctx)
}

// note takes down that a task is at the line of the caller's caller, and what it says.
func (l *lesson) note(ctx context.Context, text string) {
	if l.rehearsal == nil {
		return
	}
	if pc, file, line, ok := runtime.Caller(2); ok {
		l.rehearsal.Note(asyncio.Now(ctx), asyncio.CurrentTask(ctx).ID(), text, runtime.FuncForPC(pc).Name(), file, line)
	}
}

func (o *options) checkWatch() error {
	if o.noOpen && !o.watch {
		return cli.Usage(errors.New("--no-open is for --watch: give both"))
	}
	return nil
}
