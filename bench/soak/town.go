package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"github.com/goasyncio/asyncio"
)

// A town is the servers, the clients and what happens to them.
type town struct {
	plan
	*servers
	out     *os.File
	began   time.Time
	samples []sample
	lives   map[string]int // that ended, by their kind
	ends    map[string]int // how they ended
	failed  map[string]int // in ways in which nothing should
	people  []*client
}

// live runs everything for the time of the plan, and then ends it in good order.
func (t *town) live(ctx context.Context) (err error) {
	t.lives, t.ends, t.failed = map[string]int{}, map[string]int{}, map[string]int{}
	if t.servers, err = openServers(ctx, t.report); err != nil {
		return err
	}
	defer os.RemoveAll(t.dir)
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		t.serve(g)
		timed, timeout := asyncio.WithTimeout(ctx, t.duration)
		defer timeout.Cancel()
		err := t.busy(timed)
		if timeout.Expired() {
			err = nil
		}
		return errors.Join(err, t.shutdown(ctx))
	})
}

// busy is the clients' time.
func (t *town) busy(ctx context.Context) error {
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		for i := range t.clients {
			c := &client{town: t, random: rand.New(rand.NewPCG(t.seed, uint64(i)))}
			t.people = append(t.people, c)
			g.Go(c.run, asyncio.TaskName("client"))
		}
		g.Go(t.cancelSome, asyncio.TaskName("misfortune"))
		g.Go(t.watch, asyncio.TaskName("watch"))
		return nil
	})
}

// cancelSome cancels lives at any moment: in a second one in ten.
func (t *town) cancelSome(ctx context.Context) error {
	random := rand.New(rand.NewPCG(t.seed, 1<<32))
	for {
		if err := asyncio.Sleep(ctx, 10*time.Millisecond); err != nil {
			return err
		}
		for range 1 + t.clients/1000 {
			t.people[random.IntN(len(t.people))].stop(nil)
		}
	}
}

// watch takes the samples.
func (t *town) watch(ctx context.Context) error {
	for {
		if err := asyncio.Sleep(ctx, t.every); err != nil {
			return err
		}
		s := look(len(asyncio.AllTasks(ctx)))
		s.at = time.Since(t.began)
		t.samples = append(t.samples, s)
		fmt.Fprintf(t.out, "%7.0fs  rss %6.1f MB  heap %6.1f MB  descriptors %5.0f  tasks %5.0f  goroutines %5.0f  lives %d\n",
			s.at.Seconds(), s.rss/(1<<20), s.heap/(1<<20), s.descriptors, s.tasks, s.goroutines, t.count())
	}
}

func (t *town) count() (n int) {
	for _, k := range t.ends {
		n += k
	}
	return n
}

// report gets what the servers have to say. A client that breaks off is no news.
func (t *town) report(r asyncio.Report) {
	if r.Stack != nil || !gone(r.Err) {
		t.failed[fmt.Sprintf("%s: %v", r.Message, r.Err)]++
	}
}

// tell prints what there was.
func (t *town) tell() {
	for _, counts := range []map[string]int{t.lives, t.ends} {
		for _, what := range slices.Sorted(maps.Keys(counts)) {
			fmt.Fprintf(t.out, "%9d  %s\n", counts[what], what)
		}
		fmt.Fprintln(t.out)
	}
}

// wrong is an error where something has failed that should not.
func (t *town) wrong() error {
	var errs []error
	for _, what := range slices.Sorted(maps.Keys(t.failed)) {
		errs = append(errs, fmt.Errorf("%d times: %s", t.failed[what], what))
	}
	return errors.Join(errs...)
}
