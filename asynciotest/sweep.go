package asynciotest

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/coro"
)

// Sweep looks for what a cancellation at the wrong moment breaks, not by luck but at
// every moment that there is. It runs program once under a virtual clock and notes
// each point: the beginning and the end of every step of every task, so that a
// cancellation can come while a task waits, and also between its wake-up and its
// resumption. Then it runs program again for each point and each task that lives at
// it: with that task cancelled there, and, from four tasks on, with all others but
// main cancelled there. And it runs it again for each point with the context of Run
// cancelled there, which closes the loop.
//
// After each run these must hold, or the test fails and says what was cancelled
// where: nobody was left waiting (no deadlock) and nobody had to be ended by force;
// every task ended exactly once; no panic; no goroutine, coroutine, timer, scope,
// handle or watched context is left; the number of steps is bounded; and the checks
// that program gave to [Trial.After] find nothing.
//
// program must make everything that it uses anew in each call, and be small: a
// program of N points and T tasks is run up to 2*N*T times. Undisturbed it must
// return nil; otherwise it may return what it likes. It must not deadlock because
// one of its tasks is cancelled: tasks that need each other belong into a TaskGroup.
//
//	asynciotest.Sweep(t, func(ctx context.Context, trial *asynciotest.Trial) error {
//		var lock asyncio.Lock
//		trial.After(func() error {
//			if lock.Locked() {
//				return errors.New("the lock is still held")
//			}
//			return nil
//		})
//		…
//	})
//
// Sweep is not for tests that run parallel to others, whose goroutines it would
// take for leaks, nor for programs in debug mode.
func Sweep(t testing.TB, program func(ctx context.Context, trial *Trial) error, opts ...asyncio.Option) {
	t.Helper()
	openNetpoll()
	s := &sweep{t: t, program: program, opts: opts}
	s.before, s.goroutines = takeInventory(), runtime.NumGoroutine()
	plan := s.rehearse()
	for _, f := range plan {
		if s.failures == maxFailures {
			t.Errorf("asynciotest: Sweep stops after %d failing runs", maxFailures)
			break
		}
		s.try(f)
	}
	t.Logf("asynciotest: Sweep: %d points, %d runs", s.points, s.runs)
}

// maxFailures is how many failing runs a Sweep shows.
const maxFailures = 5

// A fault is what goes wrong in one run.
type fault struct {
	point int    // from 1; 0 for nothing at all
	task  uint64 // who is cancelled; 0 for the context of Run
	spare bool   // everybody is cancelled but the task, and main
}

func (f fault) String() string {
	switch {
	case f.point == 0:
		return "undisturbed"
	case f.task == 0:
		return fmt.Sprintf("with Run's context cancelled at point %d", f.point)
	case f.spare:
		return fmt.Sprintf("with all tasks but main and task %d cancelled at point %d", f.task, f.point)
	}
	return fmt.Sprintf("with task %d cancelled at point %d", f.task, f.point)
}

// hits tells whether the i-th task that lives is to be cancelled.
func (f fault) hits(i int, id uint64) bool {
	if f.spare {
		return i > 0 && id != f.task
	}
	return id == f.task
}

// sweep is a Sweep under way.
type sweep struct {
	t        testing.TB
	program  func(context.Context, *Trial) error
	opts     []asyncio.Option
	points   int // of the undisturbed run
	steps    int
	runs     int
	failures int

	before     inventory
	goroutines int
}

// rehearse runs the program undisturbed and makes the list of faults to try.
func (s *sweep) rehearse() (plan []fault) {
	s.t.Helper()
	trial := s.newTrial(fault{})
	trial.plan = &plan
	err := trial.run()
	s.points, s.steps = trial.point, trial.steps
	s.judge(trial, err)
	if err != nil {
		s.t.Errorf("asynciotest: Sweep: the undisturbed program returned %v", err)
	}
	if s.t.Failed() {
		return nil
	}
	return plan
}

func (s *sweep) try(f fault) {
	s.t.Helper()
	trial := s.newTrial(f)
	s.judge(trial, trial.run())
}

func (s *sweep) newTrial(f fault) *Trial {
	s.runs++
	limit := 1 << 20
	if s.steps > 0 {
		limit = 10*s.steps + 1000
	}
	return &Trial{sweep: s, fault: f, limit: limit, lives: make(map[uint64]*life)}
}

// judge reports what does not hold after a run.
func (s *sweep) judge(trial *Trial, err error) {
	s.t.Helper()
	wrong := trial.verdict(err)
	if len(wrong) == 0 {
		return
	}
	s.failures++
	s.t.Errorf("asynciotest: Sweep: the program %v%s:", trial.fault, trial.where)
	for _, w := range wrong {
		s.t.Errorf("  %v", w)
	}
}

// leaks tells what runs have left behind. It counts, and looks closely, which takes
// long, only where the count is wrong. What it has told once it does not tell again.
func (s *sweep) leaks() []string {
	if runtime.NumGoroutine() <= s.goroutines && coro.Live() <= s.before.coroutines {
		return nil
	}
	leaks := s.before.leaks()
	if len(leaks) > 0 {
		s.before, s.goroutines = takeInventory(), runtime.NumGoroutine()
	}
	return leaks
}
