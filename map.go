package asyncio

import (
	"context"
	"fmt"
	"iter"
)

// Map calls fn for each element of seq, in tasks of which at most limit are at
// work at a time, and yields the results in the order of seq. It takes the next
// element when there is room, so that seq may be endless. seq may wait, as the
// All of a queue does; the results wait meanwhile.
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
		m := mapping[In, Out]{fn: fn, yield: yield, limit: limit}
		err := WithTaskGroup(ctx, func(ctx context.Context, g *TaskGroup) error {
			m.run(ctx, g, seq)
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
	fn      func(context.Context, In) (Out, error)
	yield   func(Out, error) bool
	limit   int
	flying  []*Task[Settled[Out]] // in the order of the elements
	working int
	room    WaitQueue // where the iteration waits for a call to end
	over    bool      // the iteration has had its last result
}

// run ranges over seq in the task that iterates, and not through iter.Pull: a
// wait inside seq is then an ordinary wait of this task.
func (m *mapping[In, Out]) run(ctx context.Context, g *TaskGroup, seq iter.Seq[In]) {
	if err := Checkpoint(ctx); err != nil {
		m.end(g, err)
		return
	}
	for in := range seq {
		m.start(g, in)
		for len(m.flying) > 0 && (m.full() || m.flying[0].done) {
			if !m.deliver(ctx, g) {
				return
			}
		}
	}
	for len(m.flying) > 0 {
		if !m.deliver(ctx, g) {
			return
		}
	}
	m.over = true
}

// full tells that there is no room for another call. Results that wait for an
// earlier one take room as well, so that nothing piles up.
func (m *mapping[In, Out]) full() bool {
	return m.working >= m.limit || len(m.flying)/2 >= m.limit
}

// start calls fn in a task of the group.
func (m *mapping[In, Out]) start(g *TaskGroup, in In) {
	m.working++
	t := CreateTaskIn(g, func(ctx context.Context) (Settled[Out], error) {
		v, err := m.fn(ctx, in)
		return Settled[Out]{v, err}, nil
	}, writtenAs(m.fn))
	t.onDone(func() {
		m.working--
		m.room.WakeAll()
	})
	m.flying = append(m.flying, t)
}

// deliver yields the next result in order, or waits until a call has ended. It
// returns false where the iteration is over.
func (m *mapping[In, Out]) deliver(ctx context.Context, g *TaskGroup) bool {
	if err := Checkpoint(ctx); err != nil { // also where a result is ready (rule C1)
		m.end(g, err)
		return false
	}
	t := m.flying[0]
	if !t.done {
		_, err := m.room.Park(ctx, &t.taskCore)
		if err != nil {
			m.end(g, err)
		}
		return err == nil
	}
	m.flying = m.flying[1:]
	r, err := t.Result()
	if err == nil {
		err = r.Err
	}
	if err != nil {
		m.end(g, err)
		return false
	}
	if !m.yield(r.Value, nil) {
		m.over = true
		g.Cancel(nil)
		return false
	}
	return true
}

// end yields the error with which the iteration ends.
func (m *mapping[In, Out]) end(g *TaskGroup, err error) {
	m.over = true
	var zero Out
	m.yield(zero, err)
	g.Cancel(nil)
}
