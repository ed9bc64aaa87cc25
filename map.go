package asyncio

import (
	"context"
	"fmt"
	"iter"
)

// Map calls fn for each element of seq, in tasks of which at most limit are at
// work at a time, and yields the results in the order of seq. It takes the next
// element when there is room, so that seq may be endless.
//
// The first error, in this order, is yielded and ends the iteration. Where the
// iteration ends early, for that or because the loop was broken off, the calls
// under way are cancelled and their ends awaited.
//
//	for page, err := range asyncio.Map(ctx, 10, slices.Values(urls), fetch) {
func Map[In, Out any](ctx context.Context, limit int, seq iter.Seq[In], fn func(ctx context.Context, in In) (Out, error)) iter.Seq2[Out, error] {
	if limit < 1 {
		panic(fmt.Sprintf("asyncio: Map with room for %d calls: it needs room for at least one", limit))
	}
	return func(yield func(Out, error) bool) {
		next, stop := iter.Pull(seq)
		defer stop()
		m := mapping[In, Out]{next: next, fn: fn, limit: limit}
		err := WithTaskGroup(ctx, func(ctx context.Context, g *TaskGroup) error {
			m.run(ctx, g, yield)
			return nil
		})
		if err != nil && !m.over {
			var zero Out
			yield(zero, err)
		}
	}
}

// mapping is a Map under way.
type mapping[In, Out any] struct {
	next    func() (In, bool)
	fn      func(context.Context, In) (Out, error)
	limit   int
	flying  []*Task[Settled[Out]] // in the order of the elements
	working int
	over    bool // the iteration has had its last result
}

func (m *mapping[In, Out]) run(ctx context.Context, g *TaskGroup, yield func(Out, error) bool) {
	room := &WaitQueue{}
	m.fill(g, room)
	for len(m.flying) > 0 {
		t := m.flying[0]
		for !t.done { // wait for this one, and meanwhile keep the others coming
			if _, err := room.Park(ctx, &t.taskCore); err != nil {
				m.end(g, yield, err)
				return
			}
			m.fill(g, room)
		}
		m.flying = m.flying[1:]
		r, err := t.Result()
		if err == nil {
			err = r.Err
		}
		if err != nil {
			m.end(g, yield, err)
			return
		}
		if !yield(r.Value, nil) {
			m.over = true
			g.Cancel(nil)
			return
		}
		m.fill(g, room)
	}
	m.over = true
}

// end yields the error with which the iteration ends.
func (m *mapping[In, Out]) end(g *TaskGroup, yield func(Out, error) bool, err error) {
	m.over = true
	var zero Out
	yield(zero, err)
	g.Cancel(nil)
}

// fill starts calls until there is no room or no element. Results that wait for an
// earlier one take room as well, so that nothing piles up.
func (m *mapping[In, Out]) fill(g *TaskGroup, room *WaitQueue) {
	for m.next != nil && m.working < m.limit && len(m.flying) < 2*m.limit {
		in, ok := m.next()
		if !ok {
			m.next = nil
			return
		}
		m.working++
		t := CreateTaskIn(g, func(ctx context.Context) (Settled[Out], error) {
			v, err := m.fn(ctx, in)
			return Settled[Out]{v, err}, nil
		})
		t.onDone(func() {
			m.working--
			room.WakeAll()
		})
		m.flying = append(m.flying, t)
	}
}
