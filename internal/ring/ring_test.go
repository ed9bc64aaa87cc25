package ring_test

import (
	"runtime"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio/internal/ring"
)

func TestBuffer(t *testing.T) {
	t.Run("the zero value is empty", func(t *testing.T) {
		var b ring.Buffer[int]
		if b.Len() != 0 {
			t.Errorf("Len = %d, want 0", b.Len())
		}
	})
	t.Run("values leave the front in the order they came, over many growths and wraps", func(t *testing.T) {
		var b ring.Buffer[int]
		pushed, popped := 0, 0
		for range 200 {
			for range 7 {
				b.PushBack(pushed)
				pushed++
			}
			for range 5 {
				if got := b.PopFront(); got != popped {
					t.Fatalf("PopFront = %d, want %d", got, popped)
				}
				popped++
			}
		}
		if got := b.Len(); got != pushed-popped {
			t.Errorf("Len = %d, want %d", got, pushed-popped)
		}
	})
	t.Run("values leave the back newest first", func(t *testing.T) {
		var b ring.Buffer[string]
		for _, v := range []string{"a", "b", "c"} {
			b.PushBack(v)
		}
		got := []string{b.PopBack(), b.PopFront(), b.PopBack()}
		if want := []string{"c", "a", "b"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	t.Run("Truncate keeps the front", func(t *testing.T) {
		var b ring.Buffer[int]
		for v := range 10 {
			b.PushBack(v)
		}
		b.Truncate(20)
		b.Truncate(2)
		if b.Len() != 2 || b.PopFront() != 0 || b.PopFront() != 1 {
			t.Error("Truncate(2) did not keep the two values at the front")
		}
	})
	t.Run("a cleared buffer can be used again", func(t *testing.T) {
		var b ring.Buffer[int]
		b.PushBack(1)
		b.Clear()
		b.PushBack(2)
		if b.Len() != 1 || b.PopFront() != 2 {
			t.Error("after Clear the buffer did not hold just the new value")
		}
	})
}

func TestPopOfAnEmptyBufferPanics(t *testing.T) {
	for name, pop := range map[string]func(*ring.Buffer[int]) int{
		"PopFront": (*ring.Buffer[int]).PopFront,
		"PopBack":  (*ring.Buffer[int]).PopBack,
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			var b ring.Buffer[int]
			b.PushBack(1)
			pop(&b)
			pop(&b)
		})
	}
}

func TestBufferAllocatesNothingInSteadyState(t *testing.T) {
	var b ring.Buffer[int]
	cycle := func() {
		for v := range 100 {
			b.PushBack(v)
		}
		for range 100 {
			b.PopFront()
		}
	}
	cycle()
	if n := testing.AllocsPerRun(10, cycle); n != 0 {
		t.Errorf("%v allocations in a cycle of pushes and pops, want 0", n)
	}
}

func TestBufferForgetsWhatItGaveAway(t *testing.T) {
	var b ring.Buffer[*[64]byte]
	freed := make(chan struct{}, 3)
	for range 3 {
		v := new([64]byte)
		runtime.AddCleanup(v, func(ch chan struct{}) { ch <- struct{}{} }, freed)
		b.PushBack(v)
	}
	b.PopFront()
	b.PopBack()
	b.Truncate(0)
	for range 3 {
		runtime.GC()
		<-freed // hangs, and so fails, where a slot still holds its value
	}
	runtime.KeepAlive(&b)
}

func FuzzBuffer(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 2, 0, 1})
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 19, 2, 2})
	f.Add([]byte{0, 0, 4, 0, 1, 1, 2})
	f.Fuzz(func(t *testing.T, ops []byte) {
		var b ring.Buffer[int]
		var want []int
		for i, op := range ops {
			want = apply(t, &b, want, op, i)
			if b.Len() != len(want) {
				t.Fatalf("after %v: Len = %d, want %d", ops[:i+1], b.Len(), len(want))
			}
		}
		for _, v := range want {
			if got := b.PopFront(); got != v {
				t.Fatalf("after %v: PopFront = %d, want %d", ops, got, v)
			}
		}
	})
}

// apply does one operation on the buffer and on the plain slice that it must equal.
func apply(t *testing.T, b *ring.Buffer[int], want []int, op byte, v int) []int {
	t.Helper()
	check := func(got, want int) {
		if got != want {
			t.Fatalf("operation %d: got %d, want %d", v, got, want)
		}
	}
	switch n := len(want); {
	case op%5 == 0:
		b.PushBack(v)
		return append(want, v)
	case op%5 == 1 && n > 0:
		check(b.PopFront(), want[0])
		return want[1:]
	case op%5 == 2 && n > 0:
		check(b.PopBack(), want[n-1])
		return want[:n-1]
	case op%5 == 3:
		b.Clear()
		return nil
	case op%5 == 4:
		b.Truncate(int(op / 5))
		return want[:min(n, int(op/5))]
	}
	return want
}
