package top

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/attach"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/listing"
	"github.com/goasyncio/asyncio/console/client"
)

// A want is what the screen needs to know.
type want struct {
	loop   uint32 // 0: the first that runs
	query  client.TasksQuery
	task   uint64        // the one that is looked at more closely, 0 for none
	every  time.Duration // how often
	paused bool          // not again before the want changes
}

// A picture is what the program has answered, at one moment.
type picture struct {
	want     want
	at       time.Time // by our clock
	program  client.Program
	loop     client.Loop
	tasks    client.Tasks
	detail   *client.Detail // of want.task, nil where it has ended
	steps    client.Histogram
	warnings []client.Warning
	note     string // what could not be told, and why
	err      error  // there is no picture, only this
}

// patience is how long a program may take for a picture. One that is stopped takes for
// ever.
const patience = 5 * time.Second

// A fetcher makes pictures, on a goroutine of its own: a program that answers slowly
// does not hold up the keys.
type fetcher struct {
	program  *attach.Program
	wants    chan want // holds the latest
	pictures chan picture
}

func newFetcher(p *attach.Program) *fetcher {
	return &fetcher{program: p, wants: make(chan want, 1), pictures: make(chan picture)}
}

// ask wants something else from now on. One goroutine may call it.
func (f *fetcher) ask(w want) {
	select {
	case <-f.wants: // the one before was not looked at
	default:
	}
	f.wants <- w
}

// run makes pictures until ctx ends.
func (f *fetcher) run(ctx context.Context) {
	var now want
	again := time.NewTimer(time.Hour)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now = <-f.wants:
		case <-again.C:
		}
		pic := f.fetch(ctx, now)
		select {
		case <-ctx.Done():
			return
		case f.pictures <- pic:
		}
		if again.Stop(); !now.paused {
			again.Reset(now.every)
		}
	}
}

var errSlow = fmt.Errorf("the program has not answered within %v: is it stopped?", patience)

// fetch makes a picture.
func (f *fetcher) fetch(ctx context.Context, w want) picture {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errSlow)
	defer cancel()
	pic := picture{want: w}
	pic.err = f.fill(ctx, &pic)
	pic.at = time.Now()
	return pic
}

func (f *fetcher) fill(ctx context.Context, pic *picture) (err error) {
	if pic.program, err = f.program.Program(ctx); err != nil {
		return err
	}
	if pic.loop, err = choose(pic.program.Loops, pic.want.loop); err != nil || pic.loop.State == client.Ended {
		return err
	}
	number := pic.loop.Number
	for _, ask := range []func() error{
		func() (err error) {
			pic.tasks, err = f.program.Tasks(ctx, number, pic.want.query)
			pic.tasks.At = listing.Clock(pic.loop, pic.tasks.At)
			return err
		},
		func() error { return f.detail(ctx, number, pic) },
		func() error {
			h, err := f.program.Histograms(ctx, number)
			pic.steps = h.Step
			return err
		},
		func() (err error) { pic.warnings, err = f.program.Warnings(ctx, number); return err },
	} {
		if err := ask(); err != nil && !partly(err, pic) {
			return err
		}
	}
	return nil
}

func (f *fetcher) detail(ctx context.Context, loop uint32, pic *picture) error {
	if pic.want.task == 0 {
		return nil
	}
	d, err := f.program.Task(ctx, loop, pic.want.task)
	status := new(client.StatusError)
	switch {
	case errors.As(err, &status) && status.Status == http.StatusNotFound:
		return nil // the task has ended
	case err != nil:
		return err
	}
	pic.detail = &d
	return nil
}

// partly tells that a picture can do without an answer, such as that of a loop that is
// blocked and was never seen before.
func partly(err error, pic *picture) bool {
	status := new(client.StatusError)
	if !errors.As(err, &status) || status.Status == http.StatusUnauthorized {
		return false
	}
	pic.note = status.Error()
	return true
}

var errNoLoop = errors.New("the program runs no loop now")

// choose is the loop of that number, which has ended where the program knows it no more;
// else the first that runs.
func choose(loops []client.Loop, number uint32) (client.Loop, error) {
	for _, l := range loops {
		if l.Number == number || number == 0 && l.State != client.Ended {
			return l, nil
		}
	}
	if number != 0 {
		return client.Loop{Number: number, State: client.Ended}, nil
	}
	return client.Loop{}, errNoLoop
}
