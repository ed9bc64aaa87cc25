package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"
)

// A sample is what the process holds at a moment.
type sample struct {
	at          time.Duration
	rss         float64 // bytes, 0 where the system does not tell
	heap        float64 // bytes that are alive
	descriptors float64 // 0 where the system does not tell
	tasks       float64
	goroutines  float64
}

// look takes a sample; the collector runs for it, so that the heap is what is alive.
func look(tasks int) sample {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s := sample{heap: float64(m.HeapAlloc), tasks: float64(tasks), goroutines: float64(runtime.NumGoroutine())}
	if fds, err := os.ReadDir("/proc/self/fd"); err == nil {
		s.descriptors = float64(len(fds))
	}
	if statm, err := os.ReadFile("/proc/self/statm"); err == nil {
		if fields := bytes.Fields(statm); len(fields) > 1 {
			pages, _ := strconv.Atoi(string(fields[1]))
			s.rss = float64(pages * os.Getpagesize())
		}
	}
	return s
}

// A quantity is one that must stay flat: it may grow by so much of its mean, and some,
// in the whole time that is judged.
type quantity struct {
	name  string
	of    func(sample) float64
	share float64
	some  float64
}

// The bounds are above what chance does and below what a leak does in a minute: one
// object of a hundred bytes in a hundred connections is more than a megabyte in 30
// minutes, and one descriptor of them is hundreds.
var quantities = []quantity{
	{"resident memory", func(s sample) float64 { return s.rss }, 0.20, 16 << 20},
	{"live heap", func(s sample) float64 { return s.heap }, 0.15, 8 << 20},
	{"descriptors", func(s sample) float64 { return s.descriptors }, 0.10, 100},
	{"tasks", func(s sample) float64 { return s.tasks }, 0.10, 100},
	{"goroutines", func(s sample) float64 { return s.goroutines }, 0.10, 100},
}

// flat tells what has grown, from a third of the time on: before that pools and buffers
// come to their sizes.
func flat(samples []sample) error {
	samples = samples[len(samples)/3:]
	if len(samples) < 4 {
		return fmt.Errorf("%d samples are too few to tell whether anything grows: let it run longer", len(samples))
	}
	var errs []error
	for _, q := range quantities {
		growth, mean := trend(samples, q.of)
		if allowed := q.share*mean + q.some; growth > allowed {
			errs = append(errs, fmt.Errorf("%s: grew by %.0f, to which chance adds up to %.0f; the mean is %.0f", q.name, growth, allowed, mean))
		}
	}
	return errors.Join(errs...)
}

// trend is by how much a quantity grows over the samples, by the line of least squares,
// and its mean.
func trend(samples []sample, of func(sample) float64) (growth, mean float64) {
	n := float64(len(samples))
	var t, y, tt, ty float64
	for _, s := range samples {
		at, v := s.at.Seconds(), of(s)
		t, y, tt, ty = t+at, y+v, tt+at*at, ty+at*v
	}
	length := (samples[len(samples)-1].at - samples[0].at).Seconds()
	if spread := n*tt - t*t; spread > 0 {
		growth = (n*ty - t*y) / spread * length
	}
	return growth, y / n
}

// spare is how many descriptors and goroutines the process may keep for good: the poller
// of Go's runtime, its handler of signals, workers of the collector.
const spare = 8

// nothingLeft compares what there is after the loop has ended with what was before.
func nothingLeft(before, after sample) error {
	var errs []error
	if n := after.descriptors - before.descriptors; n > spare {
		errs = append(errs, fmt.Errorf("%.0f descriptors are left", n))
	}
	if n := after.goroutines - before.goroutines; n > spare {
		errs = append(errs, fmt.Errorf("%.0f goroutines are left", n))
	}
	return errors.Join(errs...)
}
