package asyncio

import (
	"slices"
	"testing"
)

// FuzzReadyQueue pushes, pops and sorts: the reference is a slice.
func FuzzReadyQueue(f *testing.F) {
	f.Add([]byte{1, 1, 1, 0, 0, 1, 1, 2, 0, 0, 0})
	f.Add([]byte{4, 7, 10, 1, 3, 2, 0, 0, 0, 0, 0})
	f.Add(slices.Repeat([]byte{1, 4, 0, 7}, 100))
	f.Fuzz(func(t *testing.T, ops []byte) {
		var (
			q     readyQueue
			model []*numbered
		)
		pop := func() {
			want := model[0]
			model = model[1:]
			if got := q.pop().(*numbered); got != want {
				t.Fatalf("popped entry %d, want %d", got.id, want.id)
			}
		}
		for i, op := range ops {
			switch {
			case op%3 == 1:
				e := &numbered{id: i, priority: int8(op/3%5) - 2}
				q.push(e)
				model = append(model, e)
			case op%3 == 2:
				q.sortBatch()
				slices.SortStableFunc(model, func(a, b *numbered) int { return int(b.priority) - int(a.priority) })
			case len(model) > 0:
				pop()
			}
			if q.n != len(model) {
				t.Fatalf("%d entries, want %d", q.n, len(model))
			}
		}
		for len(model) > 0 {
			pop()
		}
		for i, e := range q.ring {
			if e != nil {
				t.Fatalf("the empty queue still holds an entry at %d", i)
			}
		}
	})
}

func TestTheReadyQueueGivesTheMemoryOfAPeakBack(t *testing.T) {
	const peak = 8 * manyEntries
	for _, left := range []int{0, 1, manyEntries / 2} {
		var q readyQueue
		next := 0 // to pop
		for i := range peak + 10 {
			if i == 10 { // from here on the entries go round the end of the ring
				for ; next < 10; next++ {
					q.pop()
				}
			}
			q.push(&numbered{id: i})
		}
		for ; q.n > left; next++ {
			q.pop()
		}
		if q.batch(); len(q.ring) > manyEntries {
			t.Errorf("%d entries are left in a ring of %d", left, len(q.ring))
		}
		for ; q.n > 0; next++ {
			if got := q.pop().(*numbered).id; got != next {
				t.Fatalf("popped entry %d, want %d", got, next)
			}
		}
		if next != peak+10 {
			t.Errorf("%d entries came out, %d went in", next, peak+10)
		}
	}
}

func TestTheReadyQueueKeepsTheMemoryThatItNeeds(t *testing.T) {
	var q readyQueue
	for i := range 2 * manyEntries {
		q.push(&numbered{id: i})
	}
	before := len(q.ring)
	for q.n > before/8 {
		q.pop()
	}
	if q.batch(); len(q.ring) != before {
		t.Errorf("a ring of %d with %d entries was made one of %d", before, q.n, len(q.ring))
	}
}
