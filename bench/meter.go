package main

import (
	"errors"
	"fmt"
	"runtime"
	"time"
)

// A meter says what is measured of a side.
type meter struct {
	unit    string
	metric  string                                              // of a benchmark
	measure func(w workload, by impl, ops int) (float64, error) // in unit
}

var (
	// wall is time on the clock per operation.
	wall = meter{unit: "ns/op", metric: "ns/op", measure: measureWall}
	// cpu is the processor time of the process, in seconds, for all operations
	// together: a sleeper takes no time of its own.
	cpu = meter{unit: "s", metric: "cpu-s/op", measure: measureCPU}
	// cpuEach is the processor time of the process per operation.
	cpuEach = meter{unit: "ns/op", metric: "ns/op", measure: measureCPUEach}
	// memory is what one more parked task takes.
	memory = meter{unit: "B/task", metric: "B/task", measure: measureInChild}
)

// errNotHere means that a row cannot be measured on this system.
var errNotHere = errors.New("not on this system")

// settle collects garbage so that no side pays for what the side before left.
// Twice, because the first collection only hands dead stacks and pooled
// objects over to the second.
func settle() {
	runtime.GC()
	runtime.GC()
}

func measureWall(w workload, by impl, ops int) (float64, error) {
	settle()
	begin := time.Now()
	err := w.sides[by](ops)
	return float64(time.Since(begin)) / float64(ops), err
}

func measureCPU(w workload, by impl, ops int) (float64, error) {
	settle()
	begin, err := cpuTime()
	if err != nil {
		return 0, err
	}
	if err := w.sides[by](ops); err != nil {
		return 0, err
	}
	end, err := cpuTime()
	return (end - begin).Seconds(), err
}

func measureCPUEach(w workload, by impl, ops int) (float64, error) {
	v, err := measureCPU(w, by, ops)
	return v * 1e9 / float64(ops), err
}

// compare runs the sides in turn, A B C A B C, and puts their samples together.
func (w workload) compare(rounds, ops int) (result, error) {
	res := result{Name: w.name, Job: w.job, Ops: ops, Unit: w.meter.unit, Target: w.target}
	for range rounds {
		for by, run := range w.sides {
			if run == nil {
				continue
			}
			v, err := w.meter.measure(w, impl(by), ops)
			if errors.Is(err, errNotHere) {
				res.Skipped = err.Error()
				return res, nil
			}
			if err != nil {
				return res, fmt.Errorf("%v: %w", impl(by), err)
			}
			res.add(impl(by), v)
		}
	}
	return res, nil
}
