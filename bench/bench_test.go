package main

import (
	"errors"
	"os"
	"runtime"
	"testing"

	"github.com/goasyncio/asyncio/bench/network"
)

// TestMain is one core for all, as in the command, and the door for the child
// processes that measure memory and that serve.
func TestMain(m *testing.M) {
	if network.RunServer() || runChild(os.Stdout) {
		return
	}
	runtime.GOMAXPROCS(1)
	os.Exit(m.Run())
}

// BenchmarkCore is the table for benchstat: the rows are workloads, and
// -col /impl puts the sides beside each other.
func BenchmarkCore(b *testing.B) {
	for _, w := range workloads() {
		b.Run("workload="+w.name, func(b *testing.B) {
			for by, run := range w.sides {
				if run != nil {
					b.Run("impl="+impl(by).String(), func(b *testing.B) { w.benchmark(b, impl(by)) })
				}
			}
		})
	}
}

// benchmark does b.N operations where an operation takes its own time. A
// sleeper and a parked task do not: one iteration is then the whole -quick
// sample, and the metric has the meter's unit.
func (w workload) benchmark(b *testing.B, by impl) {
	b.ReportAllocs()
	if w.meter.unit == wall.unit {
		err := w.sides[by](b.N)
		if errors.Is(err, errNotHere) {
			b.Skip(err)
		}
		if err != nil {
			b.Fatal(err)
		}
		return
	}
	var sum float64
	for b.Loop() {
		v, err := w.meter.measure(w, by, w.quick)
		if err != nil {
			b.Fatal(err)
		}
		sum += v
	}
	b.ReportMetric(sum/float64(b.N), w.meter.metric)
}
