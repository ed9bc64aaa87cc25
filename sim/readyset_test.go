package sim

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestTheReadySetGivesItsNumbersFromAnyOneOnInACircle(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		n := 1 + r.IntN(200)
		var s readySet
		in := make([]bool, n)
		for range r.IntN(2 * n) {
			i := r.IntN(n)
			if in[i] = r.IntN(3) > 0; in[i] {
				s.add(i)
			} else if i/64 < len(s) {
				s.remove(i)
			}
		}
		first := r.IntN(n)
		var want []int
		for k := range n {
			if i := (first + k) % n; in[i] {
				want = append(want, i)
			}
		}
		if got := slices.Collect(s.from(first)); !slices.Equal(got, want) {
			t.Fatalf("from %d: %v, want %v", first, got, want)
		}
	}
}

func TestAWalkThroughTheReadySetCanBeLeft(t *testing.T) {
	var s readySet
	for _, i := range []int{3, 70, 140} {
		s.add(i)
	}
	for _, most := range []int{1, 2, 3} {
		var got []int
		for i := range s.from(70) {
			if got = append(got, i); len(got) == most {
				break
			}
		}
		if want := []int{70, 140, 3}[:most]; !slices.Equal(got, want) {
			t.Errorf("the first %d: %v, want %v", most, got, want)
		}
	}
}
