package serve

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/human"
)

const (
	// patience is how long responses that are under way may take after an interrupt.
	patience = 10 * time.Second
	// maxConns leaves descriptors for the files that are sent.
	maxConns = 500
)

// program is one run of the command.
type program struct {
	flags
	site *site
	log  *log
}

func newProgram(f flags, root *os.Root, out io.Writer) *program {
	l := newLog(out)
	return &program{flags: f, log: l, site: &site{root: root, quiet: f.quiet, log: l}}
}

// run serves until ctx ends, which is what a signal does, and returns why it did.
func (p *program) run(ctx context.Context) error {
	err := asyncio.Run(ctx, func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp", p.address)
		if err != nil {
			return err
		}
		return p.log.during(ctx, func(ctx context.Context) error { return p.serve(ctx, l) })
	}, asyncio.LoopName("serve"), asyncio.GracePeriod(patience))
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// serve serves until ctx ends, and then until what is under way has been sent, or its
// time is over.
func (p *program) serve(ctx context.Context, l net.Listener) error {
	server := &aiohttp.Server{Handler: p.site, MaxConns: maxConns, OnError: p.report}
	began := asyncio.Now(ctx)
	p.log.say(fmt.Sprintf("Serving %s at http://%s/ until Ctrl-C.", p.dir, l.Addr()))
	// The server must outlive ctx, to end gently (C4).
	serving := asyncio.Go(context.WithoutCancel(ctx), func(ctx context.Context) error {
		return server.Serve(ctx, l)
	}, asyncio.TaskName("server"))
	_, err := serving.Await(ctx)
	if ctx.Err() != nil {
		end, cancel := asyncio.Shield(ctx, patience)
		defer cancel()
		server.Shutdown(end)                      // what it cuts off is told with its request
		serving.Await(context.WithoutCancel(end)) // which it then does soon
	}
	p.log.say(p.site.summary(asyncio.Now(ctx).Sub(began)))
	return err
}

// report tells of what the server found wrong.
func (p *program) report(r asyncio.Report) { p.log.say(fmt.Sprintf("%s: %v", r.Message, r.Err)) }

// summary is what was served.
func (s *site) summary(took time.Duration) string {
	requests := fmt.Sprintf("%d requests", s.requests)
	if s.requests == 1 {
		requests = "1 request"
	}
	return fmt.Sprintf("Served %s, %s, in %s.", requests, human.Size(s.bytes), human.Seconds(took))
}
