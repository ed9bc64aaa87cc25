package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/cli"
)

// patience is how long cleanup may take after an interrupt: syncing parts to a disk.
const patience = 10 * time.Second

// program is one run of the command.
type program struct {
	flags
	out, err io.Writer
}

// run fetches, reports, and returns what the exit status is made of.
func (p *program) run(ctx context.Context, addresses []string) error {
	if p.demo {
		demo, err := startDemo(time.Second)
		if err != nil {
			return err
		}
		defer demo.stop()
		fmt.Fprint(p.messages(), demo.intro())
		addresses = demo.addresses()
		if !p.dirGiven { // nobody wants the demo's files among their own
			if p.dir, err = os.MkdirTemp("", "asyncio-fetch-demo-"); err != nil {
				return err
			}
			defer p.removeDemo()
		}
	}
	picture, err := p.picture()
	if err != nil {
		return err
	}
	defer picture.discard()
	defer quiet()()
	list := newDownloads(addresses)
	if err := p.onLoop(ctx, list, picture.options()); unexpected(ctx, err) {
		return err
	}
	return p.conclude(ctx, list, picture)
}

// quiet turns off the standard logger until what it returns is called: net/http logs what
// servers say unasked, and would write it across the bars.
func quiet() (restore func()) {
	before := log.Writer()
	log.SetOutput(io.Discard)
	return func() { log.SetOutput(before) }
}

// removeDemo throws away what the demo fetched, and says so: its lines name the files.
func (p *program) removeDemo() {
	os.RemoveAll(p.dir)
	fmt.Fprintln(p.messages(), "The files of the demo are removed; with -o DIR they are kept.")
}

// messages is where the words for people go: not between the braces of --json.
func (p *program) messages() io.Writer {
	if p.json {
		return p.err
	}
	return p.out
}

// onLoop runs the loop until every download has ended.
func (p *program) onLoop(ctx context.Context, list []*Download, options []asyncio.Option) error {
	transport := newHTTPTransport(p.connect, p.perHost)
	screen, bars := newScreen(p.messages(), p.err)
	view := &display{screen: screen, bars: bars, list: list}
	config := p.config(transport)
	config.Reporter = view
	return asyncio.Run(ctx, func(ctx context.Context) error {
		return view.during(ctx, func(ctx context.Context) error { return newFetcher(config).all(ctx, list) })
	}, append(options,
		asyncio.LoopName("fetch"),
		// A download waits for one thread at a time, of the disk or of a look-up of a
		// name, which may outlive the wait for it; and so does the display.
		asyncio.MaxThreads(2*p.parallel+1),
		asyncio.GracePeriod(patience))...)
}

// unexpected tells an error of the program from the end that a signal gave it: the
// downloads have said the latter themselves.
func unexpected(ctx context.Context, err error) bool {
	return err != nil && !(ctx.Err() != nil && errors.Is(err, ctx.Err()))
}

// conclude writes the summary and the picture.
func (p *program) conclude(ctx context.Context, list []*Download, pic *picture) error {
	s := summarize(list)
	if _, err := fmt.Fprintln(p.messages(), s); err != nil {
		return err
	}
	if p.json {
		if err := writeJSON(p.out, list, s); err != nil {
			return err
		}
	}
	if err := pic.draw(list, s); err != nil {
		return fmt.Errorf("drawing the timeline: %w", err)
	}
	switch {
	case s.Interrupted > 0: // a signal that came after the last download changes nothing
		return context.Cause(ctx)
	case s.Failed > 0:
		return &cli.Status{Code: cli.StatusFailed}
	}
	return nil
}
