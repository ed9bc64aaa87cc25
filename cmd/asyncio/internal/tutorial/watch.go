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

// rehearse is a run of the lesson with everything taken down for the page: what the loop
// does, the lines that run, and what they print.
func (l *lesson) rehearse(run func() error) (recording []byte, err error) {
	l.rehearsal = &console.Rehearsal{Title: l.sleep.title, Sources: map[string]string{l.sleep.key + ".go": l.sleep.source}}
	return l.rehearsal.Record(run)
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

// show serves the page with the runs until ctx ends, and returns why it did.
func (o *options) show(ctx context.Context, runs []result, s *screen) error {
	recordings, names := map[string][]byte{}, []string{}
	for _, r := range runs {
		name := r.sleeper.key + ".ndjson"
		recordings[name] = r.taken
		names = append(names, name)
	}
	server, err := console.Serve("127.0.0.1:0", console.NoDiscovery(), console.Recordings(recordings))
	if err != nil {
		return err
	}
	defer server.Close()
	page := server.Compare(names...)
	if err := s.printf("\nBoth runs, step by step, until Ctrl-C: %s\n", page); err != nil {
		return err
	}
	if !o.noOpen {
		o.open(page) // the address is on the screen, for where there is no browser
	}
	<-ctx.Done()
	return context.Cause(ctx)
}

func (o *options) checkWatch() error {
	if o.noOpen && !o.watch {
		return cli.Usage(errors.New("--no-open is for --watch: give both"))
	}
	return nil
}
