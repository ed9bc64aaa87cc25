package console

import (
	"context"
	"slices"
	"time"

	"github.com/goasyncio/asyncio/console/internal/wire"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// maxList bounds the lists of everything that is no task.
const maxList = 20_000

// A list is what a loop has of a kind.
type list[T any] struct {
	all       []T
	truncated bool
}

// listOf asks for a list, slice by slice. clean bounds the texts of an entry; order, where
// there is one, sorts the whole.
func listOf[T any](ctx context.Context, l *living, c *cached[list[T]], get func(v monitor.View, after uint64, buf []T) (some []T, next uint64), clean func(*T), order func(a, b T) int) (list[T], time.Time, error) {
	type slice struct {
		some []T
		next uint64
		took time.Duration
	}
	found, at, err := c.get(ctx, l.hub, func(ctx context.Context) (whole list[T], fresh time.Duration, err error) {
		buf, worked := make([]T, 0, sliceSize), time.Duration(0)
		for after := uint64(0); ; {
			s, err := ask(ctx, l.asker, func(v monitor.View) (s slice) {
				began := time.Now()
				s.some, s.next = get(v, after, buf)
				s.took = time.Since(began)
				return s
			})
			if err != nil {
				return whole, 0, err
			}
			worked += s.took
			for i := range s.some {
				clean(&s.some[i])
			}
			whole.all = append(whole.all, s.some...)
			after, whole.truncated = s.next, s.next != 0
			if s.next == 0 || len(whole.all) >= maxList {
				if order != nil {
					slices.SortStableFunc(whole.all, order)
				}
				return whole, longShare * worked, nil
			}
			if err := rest(ctx, s.took); err != nil {
				return whole, 0, err
			}
		}
	})
	if !at.IsZero() {
		err = nil // what was there before is better than nothing, and its age is told
	}
	return found, at, err
}

// counted makes of a list that goes on behind so many entries one that says behind which.
func counted[T any](get func(monitor.View, int, []T) ([]T, bool)) func(monitor.View, uint64, []T) ([]T, uint64) {
	return func(v monitor.View, after uint64, buf []T) (some []T, next uint64) {
		some, more := get(v, int(after), buf)
		if more && len(some) > 0 {
			next = after + uint64(len(some))
		}
		return some, next
	}
}

func (l *living) allTimers(ctx context.Context) (list[monitor.Timer], time.Time, error) {
	return listOf(ctx, l, &l.timers, counted(monitor.View.Timers), func(t *monitor.Timer) { t.What = wire.Cut(t.What, wire.MaxName) },
		func(a, b monitor.Timer) int { return a.When.Compare(b.When) })
}

func (l *living) allDescriptors(ctx context.Context) (list[monitor.Descriptor], time.Time, error) {
	return listOf(ctx, l, &l.fds, counted(monitor.View.Descriptors), func(d *monitor.Descriptor) { d.What = wire.Cut(d.What, wire.MaxName) }, nil)
}

func (l *living) allThreads(ctx context.Context) (list[monitor.Thread], time.Time, error) {
	return listOf(ctx, l, &l.threads, counted(monitor.View.Threads), func(*monitor.Thread) {}, nil)
}

func (l *living) allResources(ctx context.Context) (list[monitor.Resource], time.Time, error) {
	return listOf(ctx, l, &l.things, monitor.View.Resources, func(r *monitor.Resource) {
		r.Kind, r.State = wire.Cut(r.Kind, wire.MaxName), wire.Cut(r.State, wire.MaxName)
		r.Holders = append([]uint64(nil), r.Holders[:min(len(r.Holders), maxHolders)]...)
	}, nil)
}

func (l *living) allFailures(ctx context.Context) (list[monitor.Failure], time.Time, error) {
	return listOf(ctx, l, &l.unseen, counted(monitor.View.Failures), func(f *monitor.Failure) {
		f.Task, f.Error = wire.Cut(f.Task, wire.MaxName), wire.Cut(f.Error, wire.MaxText)
	}, nil)
}

// pageOf is the part of a list that a client wants, and how the answer begins.
func pageOf[T any](all list[T], at time.Time, after uint64, limit int) (some []T, p wire.Page) {
	n := uint64(len(all.all))
	from := min(after, n)
	to := min(from+uint64(limit), n)
	p = wire.Page{At: at, AgeMS: age(at), Total: int(n), Truncated: all.truncated}
	if to < n {
		p.Next = to
	}
	return append([]T{}, all.all[from:to]...), p
}
