//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package faulty_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/coro"
	"github.com/goasyncio/asyncio/internal/faulty"
	"github.com/goasyncio/asyncio/internal/inside"
)

// hang is how long a run may take. Undisturbed they take milliseconds.
const hang = 20 * time.Second

// A program is small, makes all that it uses anew, and returns nil only where
// everything that was sent has arrived. Its tasks are in groups, so that one that fails
// ends the others. It keeps its files in dir.
type program struct {
	name string
	main func(ctx context.Context, dir string) error
}

// Each system call that a program makes fails once, with each error that it can give.
// Whatever happens: the program ends, nothing is left of it, no descriptor is used or
// closed that is not its own, and what was received is the beginning of what was sent.
// Where the system has said no more than "not now" the program succeeds.
func TestEachCallFailsOnceInEachWay(t *testing.T) {
	warmUp()
	total := 0
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			s := &sweep{t: t, program: p}
			s.rehearse()
			for _, f := range s.plan() {
				s.try(f)
				if t.Failed() {
					return // the next would fail likewise
				}
			}
			t.Logf("%d calls, %d runs", s.calls(), s.runs)
			total += s.runs
		})
	}
	t.Logf("%d runs in all", total)
}

// warmUp opens what the process keeps: the poller of Go's runtime.
func warmUp() {
	if r, w, err := os.Pipe(); err == nil {
		r.Close()
		w.Close()
	}
}

// A fault is what goes wrong in a run: one call, the n-th of its verb.
type fault struct {
	verb    faulty.Verb
	n       int
	outcome faulty.Outcome
}

func (f fault) String() string {
	if f.outcome.Event {
		return fmt.Sprintf("%s number %d would block (%v), and then not", f.verb, f.n, f.outcome.Err)
	}
	return fmt.Sprintf("%s number %d fails: %v", f.verb, f.n, f.outcome.Err)
}

// sweep is a program under test.
type sweep struct {
	t       *testing.T
	program program
	made    map[faulty.Verb]int // calls of the undisturbed run
	runs    int
	// spurious makes events come that are not true.
	spurious bool
}

func (s *sweep) calls() (n int) {
	for _, made := range s.made {
		n += made
	}
	return n
}

// rehearse runs the program undisturbed.
func (s *sweep) rehearse() {
	s.t.Helper()
	r := s.run(nil, false)
	if r.err != nil {
		s.t.Fatalf("undisturbed: %v", r.err)
	}
	s.made = r.world.Calls()
	s.judge("undisturbed", r)
}

// most is how many calls of a verb are made to fail: the first, and some of those that
// follow, which are much alike.
func most() int {
	if testing.Short() {
		return 2
	}
	return 6
}

// plan is what there is to try.
func (s *sweep) plan() (plan []fault) {
	for _, verb := range slices.Sorted(maps.Keys(s.made)) {
		ways := failures(verb)
		for i, n := range spread(s.made[verb], most()) {
			if testing.Short() { // each way once, if not at each call
				ways = failures(verb)[i*len(failures(verb))/most():][:(len(failures(verb))+most()-1)/most()]
			}
			for _, way := range ways {
				plan = append(plan, fault{verb, n, way})
			}
		}
	}
	return plan
}

// spread is up to k numbers from 1 to n, the first and the last among them.
func spread(n, k int) (all []int) {
	for i := range min(n, k) {
		all = append(all, 1+i*(n-1)/max(1, min(n, k)-1))
	}
	return all
}

func (s *sweep) try(f fault) {
	s.t.Helper()
	hit := false
	r := s.run(func(c faulty.Call) faulty.Outcome {
		if c.Verb != f.verb || c.N != f.n {
			return faulty.Outcome{}
		}
		hit = true
		return f.outcome
	}, true)
	if r.err != nil && (!hit || f.outcome.Event) {
		s.t.Errorf("%v: %v", f, r.err)
	}
	s.judge(f.String(), r)
}

// A result is what is known after a run.
type result struct {
	world *faulty.World
	err   error
	wrong []error
}

// run runs the program in a world of its own.
func (s *sweep) run(plan func(faulty.Call) faulty.Outcome, disturbed bool) *result {
	s.t.Helper()
	s.runs++
	before := holdings()
	r := s.perform(plan, disturbed)
	for pause := 10 * time.Microsecond; ; pause *= 2 { // a goroutine may need a moment to end
		after := holdings()
		if after.goroutines <= before.goroutines && after.descriptors <= before.descriptors && after.coroutines <= before.coroutines {
			return r
		}
		if pause > time.Second {
			r.wrong = append(r.wrong, fmt.Errorf("left: %+v, before: %+v\n%s", after, before, coro.AllStacks()))
			return r
		}
		time.Sleep(pause)
	}
}

func (s *sweep) perform(plan func(faulty.Call) faulty.Outcome, disturbed bool) (r *result) {
	s.t.Helper()
	world, err := faulty.New()
	if err != nil {
		s.t.Fatal(err)
	}
	r = &result{world: world}
	world.Plan, world.Spurious = s.bounded(plan, r), s.spurious
	dir := s.t.TempDir()
	ctx := inside.WithAudit(world.Context(context.Background()), func(b inside.Books) { r.fail(b.Err()) })
	defer func() {
		if v := recover(); v != nil {
			r.fail(fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
		}
	}()
	r.err = asyncio.Run(ctx, func(ctx context.Context) error {
		timed, timeout := asyncio.WithTimeout(ctx, hang)
		defer timeout.Cancel()
		err := s.program.main(timed, dir)
		if timeout.Expired() {
			r.fail(fmt.Errorf("it hangs: %w", err))
		}
		return err
	}, asyncio.OnError(func(report asyncio.Report) {
		var p *asyncio.PanicError
		if !disturbed || errors.Is(report.Err, asyncio.ErrNotEnded) || errors.As(report.Err, &p) || report.Stack != nil {
			r.fail(fmt.Errorf("reported: %s: %w\n%s", report.Message, report.Err, report.Stack))
		}
	}))
	r.fail(world.Err())
	if errors.Is(r.err, errWrongByte) {
		r.fail(r.err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		r.fail(fmt.Errorf("files are left: %v, %v", left, err))
	}
	return r
}

// bounded is plan for a program that must not spin.
func (s *sweep) bounded(plan func(faulty.Call) faulty.Outcome, r *result) func(faulty.Call) faulty.Outcome {
	limit, made := 1<<20, 0
	if s.made != nil {
		limit = 20*s.calls() + 2000
	}
	return func(c faulty.Call) faulty.Outcome {
		if made++; made == limit {
			r.fail(fmt.Errorf("it spins: %d calls, where undisturbed it makes %d", made, s.calls()))
		}
		switch {
		case made >= limit:
			return faulty.Outcome{Err: syscall.EIO}
		case plan == nil:
			return faulty.Outcome{}
		}
		return plan(c)
	}
}

func (r *result) fail(err error) {
	if err != nil {
		r.wrong = append(r.wrong, err)
	}
}

// judge reports what does not hold after a run.
func (s *sweep) judge(when string, r *result) {
	s.t.Helper()
	for _, err := range r.wrong {
		s.t.Errorf("%s: %v", when, err)
	}
}

// holding is what the process has.
type holding struct {
	goroutines, descriptors int
	coroutines              int64
}

func holdings() holding {
	h := holding{goroutines: runtime.NumGoroutine(), coroutines: coro.Live()}
	if fds, err := os.ReadDir("/proc/self/fd"); err == nil {
		h.descriptors = len(fds)
	}
	return h
}
