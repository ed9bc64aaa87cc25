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

// taskSized is a bare task with as much memory as a Task has, and with two links that
// are written when it is made and when it ends, as those of a task's context are.
type taskSized struct {
	bareTask
	next, prev *taskSized
	result     int
	_          [18]*int
}

func (t *taskSized) join(list *taskSized) {
	t.prev, t.next = list.prev, list
	list.prev.next = t
	list.prev = t
}

func (t *taskSized) leave() {
	t.prev.next, t.next.prev = t.next, t.prev
	t.prev, t.next = nil, nil
}

// BenchmarkBareCreate tells how much of "create" is the memory of the tasks: the same
// bare loop with tasks that are forgotten at once, with tasks that are kept until all
// of a batch have ended, as those must be that somebody joins, and with kept tasks of
// the size of a Task. With GOGC=off the difference is gone.
func BenchmarkBareCreate(b *testing.B) {
	b.Run("forgotten", func(b *testing.B) { benchmarkSpawn(b, func(l *bareLoop, _ int) { l.spawn(func(*bareTask) {}) }) })
	b.Run("kept", func(b *testing.B) {
		kept := make([]*bareTask, batch)
		benchmarkSpawn(b, func(l *bareLoop, i int) { kept[i] = l.spawn(func(*bareTask) {}) })
	})
	b.Run("kept, of the size of a task", func(b *testing.B) {
		kept := make([]*taskSized, batch)
		list := new(taskSized)
		list.next, list.prev = list, list
		benchmarkSpawn(b, func(l *bareLoop, i int) {
			t := &taskSized{}
			t.loop = l
			t.fn = func(*bareTask) {
				t.result = i
				t.leave()
			}
			t.join(list)
			l.ready.push(&t.bareTask)
			kept[i] = t
		})
	})
}

// benchmarkSpawn makes b.N tasks in batches; spawn is told which of its batch a task is.
func benchmarkSpawn(b *testing.B, spawn func(l *bareLoop, i int)) {
	b.ReportAllocs()
	var l bareLoop
	err := inBatches(b.N, func(n int) error {
		for i := range n {
			spawn(&l, i)
		}
		l.run()
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}
