package sim_test

import (
	"context"
	"slices"

	"github.com/goasyncio/asyncio"
)

// handingQueue gives an item to the getter that waits, before that has run.
type handingQueue struct {
	repaired bool
	items    []int
	getters  oldLine
}

func (q *handingQueue) put(item int) {
	if p := q.getters.waiting(); p != nil {
		p.item, p.woken = item, true
		p.queue.Wake(1)
		return
	}
	q.items = append(q.items, item)
}

func (q *handingQueue) get(ctx context.Context) (int, error) {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return 0, err
	}
	if len(q.items) > 0 {
		item := q.items[0]
		q.items = q.items[1:]
		return item, nil
	}
	p, err := q.getters.wait(ctx, "handing queue")
	if err == nil {
		return p.item, nil
	}
	if q.repaired && p.woken {
		if next := q.getters.waiting(); next != nil {
			next.item, next.woken = p.item, true
			next.queue.Wake(1)
		} else {
			q.items = slices.Insert(q.items, 0, p.item)
		}
	}
	return 0, err
}

func itemDiesWithGetter(p *play, repaired bool) {
	q, got := &handingQueue{repaired: repaired}, 0
	getter := p.task("getter", func(ctx context.Context) error {
		_, err := q.get(ctx)
		if err == nil {
			got++
		}
		return err
	})
	p.task("putter", func(ctx context.Context) error {
		idle(ctx, 2)
		q.put(1)
		return nil
	})
	p.canceller(3, getter)
	p.end()
	if got+len(q.items) != 1 {
		p.fail("%d items were got and %d are left, and one was put", got, len(q.items))
	}
}

// wakingQueue has room for one item and wakes those for whom there may be room or an
// item.
type wakingQueue struct {
	repaired         bool
	items            []int
	putters, getters oldLine
}

const room = 1

func (q *wakingQueue) put(ctx context.Context, item int) error {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return err
	}
	for len(q.items) == room {
		if _, err := q.putters.wait(ctx, "room"); err != nil {
			if q.repaired && len(q.items) < room {
				q.putters.wake()
			}
			return err
		}
	}
	q.items = append(q.items, item)
	q.getters.wake()
	return nil
}

func (q *wakingQueue) get(ctx context.Context) (int, error) {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return 0, err
	}
	for len(q.items) == 0 {
		if _, err := q.getters.wait(ctx, "an item"); err != nil {
			if len(q.items) > 0 {
				q.getters.wake()
			}
			return 0, err
		}
	}
	item := q.items[0]
	q.items = q.items[1:]
	q.putters.wake()
	return item, nil
}

func wakeDiesWithPutter(p *play, repaired bool) {
	q := &wakingQueue{repaired: repaired, items: []int{0}}
	put := func(item int) func(ctx context.Context) error {
		return func(ctx context.Context) error { return q.put(ctx, item) }
	}
	first := p.task("first putter", put(1))
	p.task("second putter", put(2))
	p.task("getter", func(ctx context.Context) error {
		idle(ctx, 2)
		for range 2 {
			if _, err := q.get(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	p.canceller(4, first)
}

// orderedQueue has room for one item. Before it was repaired a putter for whom there
// had become room was overtaken by one who came later.
type orderedQueue struct {
	repaired         bool
	items            []int
	came, got        []int // items, in the order in which their putters came and in which they left
	putters, getters oldLine
}

func (q *orderedQueue) put(ctx context.Context, item int) error {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return err
	}
	q.came = append(q.came, item)
	for len(q.items) == room || q.repaired && len(q.putters) > 0 {
		if _, err := q.putters.wait(ctx, "room"); err != nil {
			return err
		}
		if q.repaired {
			break // the room is kept for the first in line
		}
	}
	q.items = append(q.items, item)
	q.getters.wake()
	return nil
}

func (q *orderedQueue) get(ctx context.Context) error {
	for len(q.items) == 0 {
		if _, err := q.getters.wait(ctx, "an item"); err != nil {
			return err
		}
	}
	q.got = append(q.got, q.items[0])
	q.items = q.items[1:]
	q.putters.wake()
	return nil
}

func puttersOvertake(p *play, repaired bool) {
	q := &orderedQueue{repaired: repaired, items: []int{0}, came: []int{0}}
	for i, before := range []int{0, 4} {
		p.task("putter", func(ctx context.Context) error {
			idle(ctx, before)
			return q.put(ctx, 1+i)
		})
	}
	p.task("getter", func(ctx context.Context) error {
		idle(ctx, 2)
		for range 3 {
			if err := q.get(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	p.end()
	if !slices.Equal(q.came, q.got) {
		p.fail("items came in the order %v and left in the order %v", q.came, q.got)
	}
}
