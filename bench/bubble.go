package main

import (
	"flag"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Worlds and bubbles are for tests, and ask for one. A program that is none borrows it
// from package testing, which is started for that, with a test that never ends.

// lent is the test in which this program runs anyway, where it does.
var lent *testing.T

var borrowing = sync.OnceValue(func() chan func(t *testing.T) {
	jobs := make(chan func(t *testing.T))
	testing.Init()
	_ = flag.CommandLine.Parse(nil) // the arguments of the program are none of package testing's
	serve := func(t *testing.T) {
		for job := range jobs {
			job(t)
		}
	}
	match := func(string, string) (bool, error) { return true, nil }
	go testing.Main(match, []testing.InternalTest{{Name: "bench", F: serve}}, nil, nil)
	return jobs
})

// inTest calls f with a test.
func inTest(f func(t *testing.T) error) (err error) {
	switch {
	case lent != nil:
		return f(lent)
	case testing.Testing():
		return errNotHere // a benchmark of package testing has no test to lend
	}
	done := make(chan struct{})
	borrowing() <- func(t *testing.T) {
		defer close(done)
		err = f(t)
	}
	<-done
	return err
}

// updateInBubbles is a bubble for each schedule, in which two goroutines read a number,
// give way, and write it. In which order they run is the runtime's business: there is
// no seed, no record, and hardly a schedule in which they meet.
func updateInBubbles(ops int) error {
	return inTest(func(t *testing.T) error {
		var done int
		for range ops {
			synctest.Test(t, func(*testing.T) {
				var x atomic.Int64
				var both sync.WaitGroup
				for range 2 {
					both.Go(func() {
						v := x.Load()
						runtime.Gosched()
						x.Store(v + 1)
					})
				}
				both.Wait()
				if v := x.Load(); v == 1 || v == 2 {
					done++
				}
			})
		}
		return mustBe("schedules", done, ops)
	})
}

// beatInBubble is the cluster of beatInWorld in one bubble. A bubble has no network; a
// net.Pipe is what comes nearest, and a goroutine that reads it and one that writes.
func beatInBubble(ops int) error {
	return inTest(func(t *testing.T) error {
		var heard atomic.Int64
		synctest.Test(t, func(*testing.T) {
			var all sync.WaitGroup
			for range clusterSize * (clusterSize - 1) {
				a, b := net.Pipe()
				all.Go(func() {
					defer a.Close()
					for range ops {
						time.Sleep(beat)
						if _, err := a.Write(alive); err != nil {
							return
						}
					}
				})
				all.Go(func() {
					buf := make([]byte, len(alive))
					for {
						if _, err := io.ReadFull(b, buf); err != nil {
							return
						}
						heard.Add(1)
					}
				})
			}
			all.Wait()
		})
		return mustBe("heartbeats", int(heard.Load()), ops*clusterSize*(clusterSize-1))
	})
}
