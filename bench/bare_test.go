package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestFIFO(t *testing.T) {
	t.Run("behaves like a slice at random", func(t *testing.T) {
		var f fifo[int]
		var model []int
		r := rand.New(rand.NewPCG(3, 4))
		for i := range 10_000 {
			if len(model) > 0 && r.IntN(100) < 45 {
				if got := f.pop(); got != model[0] {
					t.Fatalf("step %d: got %d, not %d", i, got, model[0])
				}
				model = model[1:]
			} else {
				f.push(i)
				model = append(model, i)
			}
			if f.len() != len(model) {
				t.Fatalf("step %d: length %d, not %d", i, f.len(), len(model))
			}
		}
	})
}

func TestBareLoopRunsTasksInTurn(t *testing.T) {
	var l bareLoop
	var order []string
	for _, name := range []string{"a", "b"} {
		l.spawn(func(t *bareTask) {
			for i := range 3 {
				order = append(order, fmt.Sprint(name, i))
				t.pause()
			}
		})
	}
	l.run()
	want := []string{"a0", "b0", "a1", "b1", "a2", "b2"}
	if !slices.Equal(order, want) {
		t.Errorf("order %v, not %v", order, want)
	}
}

func TestBareTasksThatNeverWaitShareACoroutine(t *testing.T) {
	var l bareLoop
	for range 100 {
		l.spawn(func(task *bareTask) {
			if n := len(l.idle); n != 0 {
				t.Errorf("%d coroutines idle while one runs: more than one was made", n)
			}
		})
	}
	l.run()
}

func TestBareQueueIsBoundedAndKeepsOrder(t *testing.T) {
	var l bareLoop
	q := bareQueue{size: 2}
	most := 0
	var got []int
	l.spawn(func(t *bareTask) {
		for i := range 10 {
			q.put(t, i)
			most = max(most, q.items.len())
		}
	})
	l.spawn(func(t *bareTask) {
		for range 10 {
			got = append(got, q.get(t))
		}
	})
	l.run()
	if most != 2 || !slices.Equal(got, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
		t.Errorf("got %v, at most %d in the queue", got, most)
	}
}
