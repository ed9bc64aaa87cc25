package main

import (
	"math"
	"strings"
	"testing"
	"time"
)

// series is samples a second apart, each of which f makes from the one before it was
// given.
func series(n int, f func(i int, s *sample)) (all []sample) {
	for i := range n {
		s := sample{at: time.Duration(i) * time.Second, rss: 100 << 20, heap: 40 << 20, descriptors: 4000, tasks: 3500, goroutines: 3600}
		f(i, &s)
		all = append(all, s)
	}
	return all
}

func TestFlat(t *testing.T) {
	for _, c := range []struct {
		what string
		grow func(i int, s *sample)
		want string // of the error; empty for none
	}{
		{"what stays is flat", func(int, *sample) {}, ""},
		{"what shrinks is flat", func(i int, s *sample) { s.heap -= float64(i) * (1 << 19) }, ""},
		{"what goes up and down is flat", func(i int, s *sample) { s.rss += 20e6 * math.Sin(float64(i)) }, ""},
		{"what grows in the first third and then stays is flat", func(i int, s *sample) { s.tasks += 100 * float64(min(i, 20)) }, ""},
		{"a descriptor for a hundred connections is a leak", func(i int, s *sample) { s.descriptors += 15 * float64(i) }, "descriptors"},
		{"1 KB for each connection is a leak", func(i int, s *sample) { s.heap += 1e6 * float64(i) }, "live heap"},
		{"tasks that do not end are a leak", func(i int, s *sample) { s.tasks += 15 * float64(i) }, "tasks"},
		{"memory outside of the heap counts", func(i int, s *sample) { s.rss += 3e6 * float64(i) }, "resident memory"},
	} {
		t.Run(c.what, func(t *testing.T) {
			err := flat(series(60, c.grow))
			switch {
			case err == nil && c.want != "":
				t.Errorf("no error; want one about %s", c.want)
			case err != nil && (c.want == "" || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n")):
				t.Errorf("error %v; want one about %q", err, c.want)
			}
		})
	}
	t.Run("few samples tell nothing", func(t *testing.T) {
		if flat(series(4, func(int, *sample) {})) == nil {
			t.Error("no error")
		}
	})
}

func TestTrendIsThatOfALine(t *testing.T) {
	growth, mean := trend(series(11, func(i int, s *sample) { s.tasks = 100 + 3*float64(i) }), func(s sample) float64 { return s.tasks })
	if math.Abs(growth-30) > 1e-6 || math.Abs(mean-115) > 1e-6 {
		t.Errorf("grows by %v, mean %v; want 30 and 115", growth, mean)
	}
}

func TestNothingLeft(t *testing.T) {
	before := sample{descriptors: 10, goroutines: 3}
	if err := nothingLeft(before, sample{descriptors: 10 + spare, goroutines: 3 + spare}); err != nil {
		t.Errorf("what a process keeps: %v", err)
	}
	err := nothingLeft(before, sample{descriptors: 100, goroutines: 200})
	if err == nil || !strings.Contains(err.Error(), "90 descriptors") || !strings.Contains(err.Error(), "197 goroutines") {
		t.Errorf("got %v", err)
	}
}
