package fetch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/goasyncio/asyncio"
)

// Config says how to fetch. All of it must be set, except where a zero is explained.
type Config struct {
	Transport Transport
	Store     Store
	Name      string // of the only file; empty: chosen by address and server

	Parallel int // downloads at work, overall
	PerHost  int // downloads at work, for each host and port

	Idle      time.Duration // the longest silence of a server
	MaxTime   time.Duration // for one download with all its retries; 0: no limit
	Backoff   Backoff
	Redirects int // how many in a row are followed

	UserAgent string
	Rand      *rand.Rand // the jitter of the backoff
	Reporter  Reporter
}

// A Reporter hears what happens, on the loop, between two waits: it may look at all
// downloads and must not block.
type Reporter interface {
	Began(d *Download)
	Retrying(d *Download, err error, pause time.Duration)
	Ended(d *Download)
}

// fetcher is one run of the command, on one loop.
type fetcher struct {
	Config
	limits *limits
}

// newDownloads makes the list for addresses, in their order. An address that is given
// twice is fetched once: its copies would be the same file, and the same part.
func newDownloads(addresses []string) []*Download {
	seen := make(map[string]bool, len(addresses))
	var list []*Download
	for _, a := range addresses {
		d := &Download{Address: a, Total: -1}
		key := a
		if u, err := parseURL(a); err != nil {
			d.Err = err
		} else {
			d.URL, key = u, u.String()
		}
		if !seen[key] {
			seen[key] = true
			list = append(list, d)
		}
	}
	return list
}

func newFetcher(c Config) *fetcher {
	return &fetcher{Config: c, limits: newLimits(c.Parallel, c.PerHost)}
}

// all runs every download to its end, each in a task of its own. It is a wait; when ctx
// ends, downloads that are not done end as Interrupted, and it still returns only when
// all have.
func (f *fetcher) all(ctx context.Context, list []*Download) error {
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		for _, d := range list {
			// A download keeps its error to itself: in a group it would end the others.
			g.Go(func(ctx context.Context) error { f.run(ctx, d); return nil },
				asyncio.TaskName(d.label()))
		}
		return nil
	})
}

// run takes a download to its end and tells the reporter.
func (f *fetcher) run(ctx context.Context, d *Download) {
	err := d.Err
	if err == nil {
		err = f.fetch(ctx, d)
	}
	d.Finished, d.Err = asyncio.Now(ctx), err
	switch {
	case err == nil:
		d.enter(ctx, Done)
	case ctx.Err() != nil && d.URL != nil:
		d.Err = context.Cause(ctx)
		d.enter(ctx, Interrupted)
	default:
		d.enter(ctx, Failed)
	}
	f.Reporter.Ended(d)
}

// fetch gets a place, and the part that an earlier run left, and tries until the file is
// whole. The time limit starts with the place: a long queue is no fault of the server.
func (f *fetcher) fetch(ctx context.Context, d *Download) (err error) {
	p, err := f.limits.enter(ctx, d.URL)
	if err != nil {
		return err
	}
	defer p.leave()
	d.Began = asyncio.Now(ctx)
	d.Name = f.Name
	if d.Name == "" {
		d.Name = nameFor(d.URL, nil)
	}
	f.Reporter.Began(d)
	part, err := f.Store.Open(ctx, d.URL.String(), d.Name)
	if err != nil {
		return store(ctx, err)
	}
	defer func() {
		// Cleanup is not stopped by what made it necessary (C4).
		kept, closing := part.Close(context.WithoutCancel(ctx))
		d.Kept = kept
		if err == nil && closing != nil {
			err = &storeError{closing}
		}
	}()
	d.Resumed = part.Size()
	return f.withinMaxTime(ctx, func(ctx context.Context) error { return f.persist(ctx, d, p, part) })
}

// withinMaxTime runs fn under the time limit of one download.
func (f *fetcher) withinMaxTime(ctx context.Context, fn func(context.Context) error) error {
	if f.MaxTime <= 0 {
		return fn(ctx)
	}
	limited, timeout := asyncio.WithTimeout(ctx, f.MaxTime)
	defer timeout.Cancel()
	err := fn(limited)
	if err != nil && timeout.Expired() && ctx.Err() == nil {
		return &timeoutError{"not done within", f.MaxTime, "--max-time"}
	}
	return err
}

// persist tries, and tries again where that may help. While it pauses, others have its
// place.
func (f *fetcher) persist(ctx context.Context, d *Download, p *place, part Part) error {
	for {
		d.Attempts++
		err := (&attempt{fetcher: f, d: d, place: p, part: part}).run(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if !transient(err, f.Backoff.Refused) || d.Attempts > f.Backoff.Retries {
			return tried(err, d.Attempts)
		}
		pause, tooLong := f.pause(err, d.Attempts)
		if tooLong != nil {
			return tooLong
		}
		f.Reporter.Retrying(d, err, pause)
		if err := f.comeBack(ctx, d, p, pause); err != nil {
			return err
		}
	}
}

// pause decides how long to wait after err. Retry-After is a lower bound; one that is
// longer than we may wait ends the download, as asking earlier would be rude and useless.
func (f *fetcher) pause(err error, attempts int) (time.Duration, error) {
	pause := f.Backoff.pause(attempts, f.Rand)
	var status *statusError
	if !errors.As(err, &status) || status.after < 0 {
		return pause, nil
	}
	if status.after > f.Backoff.Max {
		return 0, &waitError{err, status.after, f.Backoff.Max}
	}
	return max(pause, status.after), nil
}

// comeBack gives the place up, sleeps, and waits for a place again.
func (f *fetcher) comeBack(ctx context.Context, d *Download, p *place, pause time.Duration) error {
	p.leave()
	d.enter(ctx, Pausing)
	if err := asyncio.Sleep(ctx, pause); err != nil {
		return err
	}
	next, err := f.limits.enter(ctx, d.URL)
	if err != nil {
		return err
	}
	*p = *next
	return nil
}

// tried adds to an error that it was not the first.
func tried(err error, attempts int) error {
	if attempts <= 1 {
		return err
	}
	return &retriedError{err, attempts}
}

// retriedError is the last of several failures of one download.
type retriedError struct {
	err      error
	attempts int
}

func (e *retriedError) Error() string {
	return fmt.Sprintf("%v (after %d attempts)", e.err, e.attempts)
}
func (e *retriedError) Unwrap() error { return e.err }

// store marks a failure of the disk as one. A cancellation is none, nor is what the
// store itself has put into words.
func store(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || errors.Is(err, errInUse) {
		return err
	}
	return &storeError{err}
}
