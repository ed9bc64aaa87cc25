package main

import (
	"fmt"
	"strings"

	"github.com/goasyncio/asyncio/bench/network"
)

// An impl is one of the ways in which a job is done.
type impl int

const (
	onLoop       impl = iota // this module
	onGoroutines             // goroutines, channels, sync, time
	onBare                   // a bare iter.Pull loop
	implCount
)

func (i impl) String() string {
	return [...]string{"asyncio", "goroutines", "iter.Pull"}[i]
}

// A side does ops operations of a job in one way, everything included:
// starting the loop, creating the tasks, joining them. It returns an error if
// the work did not come out as it must, so that nothing fast and wrong is
// measured.
type side func(ops int) error

// sides has a nil where a job has no such side.
type sides [implCount]side

// A workload is one row of the table.
type workload struct {
	name   string  // for -only and the benchmarks
	job    string  // what is done, and what one operation is
	ops    int     // operations in one sample
	quick  int     // with -quick
	target float64 // the greatest ratio to goroutines that is good enough; 0: no target
	meter  meter
	sides  sides
}

func (w workload) size(quick bool) int {
	if quick {
		return w.quick
	}
	return w.ops
}

// workloads lists the rows in the order in which they run. The million
// sleepers come late: a runtime that once had a million goroutines keeps their
// descriptors, and each later collection looks at them.
func workloads() []workload {
	return []workload{
		{
			name: "create", job: "create and join a trivial task, in batches of 10,000",
			ops: 1_000_000, quick: 100_000, target: 0.5, meter: wall,
			sides: sides{createTasks, createGoroutines, createBare},
		},
		{
			name: "yield", job: "1,000 tasks yield in turn: one yield",
			ops: 1_000_000, quick: 100_000, target: 1.5, meter: wall,
			sides: sides{yieldTasks, yieldGoroutines, yieldBare},
		},
		{
			name: "handoff", job: "two tasks, two queues of size 1: one round trip",
			ops: 500_000, quick: 50_000, target: 0.9, meter: wall,
			sides: sides{handoffTasks, handoffGoroutines, handoffBare},
		},
		{
			name: "timeout", job: "a 10 s timeout around a wait that is ready",
			ops: 500_000, quick: 50_000, target: 0.25, meter: wall,
			sides: sides{timeoutTasks, timeoutGoroutines, nil},
		},
		{
			name: "queue", job: "4 producers, 4 consumers, queue of 100: one item",
			ops: 4_000_000, quick: 400_000, target: 0.6, meter: wall,
			sides: sides{queueTasks, queueGoroutines, queueBare},
		},
		{
			name: "lock", job: "100 tasks take a lock and yield inside: one turn",
			ops: 1_000_000, quick: 100_000, target: 1.0, meter: wall,
			sides: sides{lockTasks, lockGoroutines, lockBare},
		},
		{
			name: "wake", job: "wake a sleeping loop from a goroutine: round trip",
			ops: 300_000, quick: 30_000, target: 3, meter: wall,
			sides: sides{wakeLoop, wakeGoroutine, nil},
		},
		{
			name: "poller", job: "the same where the loop has a descriptor too",
			ops: 300_000, quick: 30_000, target: 3, meter: wall,
			sides: sides{wakePoller, wakeGoroutine, nil},
		},
		{
			name: "schedules", job: "two tasks in a simulated world, seeded and recorded; goroutines in a bubble of synctest: CPU time of one schedule",
			ops: 200_000, quick: 20_000, target: 1.0, meter: cpuEach,
			sides: sides{updateInWorlds, updateInBubbles, nil},
		},
		{
			name: "heartbeats", job: "ten simulated hosts, 90 connections, a beat on each per second; in a bubble 90 pipes: CPU time of one virtual second",
			ops: 3_000, quick: 300, target: 2.0, meter: cpuEach,
			sides: sides{beatInWorld, beatInBubble, nil},
		},
		{
			name: "sleepers", job: "random sleeps within one second: CPU time of all",
			ops: 1_000_000, quick: 100_000, target: 1.0, meter: cpu,
			sides: sides{sleepTasks, sleepGoroutines, sleepBare},
		},
		{
			name: "memory", job: "one parked task; the goroutine in a bare receive",
			ops: 1_000_000, quick: 100_000, target: 1.15, meter: memory,
			sides: sides{parkTasks, parkGoroutines, parkBare},
		},
		{
			name: "parked", job: "one parked task; the goroutine's wait can be cancelled too",
			ops: 1_000_000, quick: 100_000, target: 1.15, meter: memory,
			sides: sides{parkTasks, parkSelecting, nil},
		},
	}
}

// choose keeps the workloads whose name contains part.
func choose(ws []workload, part string) []workload {
	var chosen []workload
	for _, w := range ws {
		if strings.Contains(w.name, part) {
			chosen = append(chosen, w)
		}
	}
	return chosen
}

// chooseRows does the same for the comparisons of servers.
func chooseRows(rows []network.Row, part string) []network.Row {
	var chosen []network.Row
	for _, r := range rows {
		if strings.Contains(r.Name, part) {
			chosen = append(chosen, r)
		}
	}
	return chosen
}

func names(ws []workload, rows []network.Row) string {
	var list []string
	for _, w := range ws {
		list = append(list, w.name)
	}
	for _, r := range rows {
		list = append(list, r.Name)
	}
	return strings.Join(list, ", ")
}

// share divides ops among n workers: the i-th part, with the remainder spread
// over the first ones.
func share(ops, n, i int) int {
	part := ops / n
	if i < ops%n {
		part++
	}
	return part
}

// mustBe reports work that went wrong.
func mustBe(what string, got, want int) error {
	if got != want {
		return fmt.Errorf("%s: %d, must be %d: the side does not do its job", what, got, want)
	}
	return nil
}
