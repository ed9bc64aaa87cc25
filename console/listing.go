package console

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goasyncio/asyncio/console/internal/wire"
	"github.com/goasyncio/asyncio/internal/monitor"
)

const (
	// sliceSize is how many entries a loop lists at a time, so that it is held up for
	// some ten microseconds.
	sliceSize = 256
	// longSlice is how many where a round of the loop takes longRound: a loop answers once
	// in a round, and as long as a quarter of a millisecond is nothing to it.
	longSlice = 4096
	longRound = 10 * time.Millisecond
	// maxTasks bounds what a console keeps of a loop: some hundred megabytes.
	maxTasks = 250_000
	// share is the part of its time that a loop gives to a listing while that is made: one
	// in share. Over a longer time it is one in longShare, so that of a hundred things
	// that the loop does less than one is late.
	share, longShare = 10, 100
)

// A listing is the tasks of a loop, by ID. It does not change. Those of a large loop
// were seen at different moments, between which the loop went on.
type listing struct {
	tasks     []monitor.Task
	total     int
	truncated bool

	children func() map[uint64][]int // places in tasks of the tasks below each, 0 for none
	graph    func() graph
	mu       sync.Mutex
	orders   map[query][]int32
}

func newListing(tasks []monitor.Task, total int) *listing {
	l := &listing{tasks: tasks, total: max(total, len(tasks)), orders: map[query][]int32{}}
	l.truncated = len(tasks) >= maxTasks && total > len(tasks)
	l.children = sync.OnceValue(l.findChildren)
	l.graph = sync.OnceValue(func() graph { return newGraph(l.tasks) })
	return l
}

// listed is the last listing that was asked for, and what is wrong with it.
func (l *living) listed(ctx context.Context) (*listing, time.Time, error) {
	return l.tasks.get(ctx, l.hub, func(ctx context.Context) (*listing, time.Duration, error) {
		tasks, total, worked, err := l.list(ctx)
		if err != nil {
			return nil, 0, err
		}
		return newListing(tasks, total), longShare * worked, nil
	})
}

// shown is the last listing, or what can be told from outside of a loop that has been
// blocked since before anybody looked.
func (l *living) shown(ctx context.Context) (*listing, time.Time, error) {
	list, at, err := l.listed(ctx)
	switch {
	case err == nil, !at.IsZero():
		return list, at, nil
	case !errors.Is(err, errBlocked):
		return nil, at, err
	}
	stacks, at, err := l.tracebacks(ctx)
	if err != nil {
		return nil, at, err
	}
	var tasks []monitor.Task
	for id := range stacks {
		tasks = append(tasks, monitor.Task{ID: id, State: "unknown", Begun: true})
	}
	slices.SortFunc(tasks, func(a, b monitor.Task) int { return cmp.Compare(a.ID, b.ID) })
	return newListing(tasks, len(tasks)), at, nil
}

// list asks for the loop's tasks, slice by slice. worked is how long the loop was held up
// by that.
func (l *living) list(ctx context.Context) (all []monitor.Task, total int, worked time.Duration, err error) {
	type slice struct {
		tasks []monitor.Task
		more  bool
		total int
		took  time.Duration
	}
	buf := make([]monitor.Task, 0, sliceSize)
	for after := uint64(0); ; {
		asked := time.Now()
		s, err := ask(ctx, l.asker, func(v monitor.View) (s slice) {
			began := time.Now()
			s.tasks, s.more = v.Tasks(after, buf)
			if after == 0 {
				s.total = v.Stats().Tasks
			}
			s.took = time.Since(began)
			return s
		})
		if err != nil {
			return nil, 0, 0, err
		}
		total = max(total, s.total)
		worked += s.took
		if all == nil {
			all = make([]monitor.Task, 0, min(total+sliceSize, maxTasks+sliceSize)) // growing it would double the garbage
		}
		for _, t := range s.tasks {
			all = append(all, cleanTask(t))
			after = t.ID
		}
		if time.Since(asked) > longRound && cap(buf) < longSlice {
			buf = make([]monitor.Task, 0, longSlice)
		}
		if !s.more || len(all) >= maxTasks {
			return all, total, worked, nil
		}
		if err := rest(ctx, s.took); err != nil {
			return nil, 0, 0, err
		}
	}
}

// breathe lets other goroutines run, the loop's above all, in the middle of a long
// computation, which the Go runtime would interrupt after ten milliseconds only. i counts
// its steps.
func breathe(i int) {
	if i%256 == 255 {
		runtime.Gosched()
	}
}

// rest leaves the loop to its own work after it has worked for us.
func rest(ctx context.Context, worked time.Duration) error {
	timer := time.NewTimer((share - 1) * worked)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tracebacks are the stacks of tasks as text. Finding them stops the world, so that it
// is done each second at most, and more seldom where it takes long.
func (l *living) tracebacks(ctx context.Context) (map[uint64]string, time.Time, error) {
	return l.stacks.get(ctx, l.hub, func(context.Context) (map[uint64]string, time.Duration, error) {
		all, began := map[uint64]string{}, time.Now()
		for id, stack := range l.src.Stacks() {
			if all[id] = wire.Cut(string(stack), wire.MaxStack); len(all) == maxTasks {
				break
			}
		}
		return all, stopped(began), nil
	})
}

// cleanTask bounds the texts of t, which are the program's own.
func cleanTask(t monitor.Task) monitor.Task {
	t.Name = wire.Cut(t.Name, wire.MaxName)
	t.WaitsFor = wire.Cut(t.WaitsFor, wire.MaxName)
	if len(t.Tasks) > maxHolders {
		t.Tasks = slices.Clone(t.Tasks[:maxHolders])
	}
	return t
}

// find is the place of a task in the listing, or -1.
func (l *listing) find(id uint64) int {
	i, ok := slices.BinarySearchFunc(l.tasks, id, func(t monitor.Task, id uint64) int { return cmp.Compare(t.ID, id) })
	if !ok {
		return -1
	}
	return i
}

func (l *listing) name(id uint64) string {
	if i := l.find(id); i >= 0 {
		return l.tasks[i].Name
	}
	return ""
}

// matches tells whether a task is one that the query asks for.
func (q query) matches(t *monitor.Task) bool {
	if q.state != "" && t.State != q.state {
		return false
	}
	return q.text == "" || contains(t.Name, q.text) || contains(t.WaitsFor, q.text) || contains(t.Site.Function, q.text)
}

func contains(s, lower string) bool { return strings.Contains(strings.ToLower(s), lower) }
