package explore_test

import (
	"fmt"
	"testing"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

// What a step costs, by strategy and number of alternatives.
func BenchmarkStep(b *testing.B) {
	for _, name := range []string{"fifo", "rw", "urw", "pos", "pct", "mix"} {
		for _, n := range []int{2, 20} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) { benchStep(b, name, n) })
		}
	}
}

func benchStep(b *testing.B, name string, n int) {
	s, err := explore.Named(name)
	if err != nil {
		b.Fatal(err)
	}
	alts := make([]explore.Alt, n)
	for i := range alts {
		alts[i] = explore.Alt{Key: uint64(i), Class: uint32(i)}
	}
	c := explore.NewChooser()
	b.ReportAllocs()
	for k := 0; b.Loop(); k++ {
		if k%1000 == 0 {
			c.End()
			c.Begin(s, 1, k)
		}
		c.Step(alts)
	}
}

// A whole schedule of two tasks with five steps each, apart from what the tasks do.
func BenchmarkSchedule(b *testing.B) {
	for _, name := range []string{"rw", "mix"} {
		b.Run(name, func(b *testing.B) {
			s, _ := explore.Named(name)
			c := explore.NewChooser()
			b.ReportAllocs()
			for k := 0; b.Loop(); k++ {
				twoTasks(c, s, k)
			}
		})
	}
}

func twoTasks(c *explore.Chooser, s explore.Strategy, k int) {
	c.Begin(s, 1, k)
	c.Created(0, 10, 0)
	c.Created(1, 11, 0)
	left := [2]int{5, 5}
	var room [2]explore.Alt
	for left[0]+left[1] > 0 {
		alts := room[:0]
		for i := range left {
			if left[i] > 0 {
				alts = append(alts, explore.Alt{Key: uint64(i), Class: uint32(10 + i)})
			}
		}
		left[alts[c.Step(alts)].Key]--
	}
	c.End()
}
