package coro_test

import (
	"iter"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/internal/coro"
)

// program is a body made of a function; how tells how it ended.
type program struct {
	c     *coro.Coroutine
	f     func(c *coro.Coroutine)
	then  *program // what the coroutine runs next without a switch
	last  bool     // the coroutine is to be closed behind this one
	how   string
	value any
	stack []byte
}

func (p *program) Run()                      { p.f(p.c); p.how = "returned" }
func (p *program) Panicked(v any, st []byte) { p.how, p.value, p.stack = "panicked", v, st }
func (p *program) Exited()                   { p.how = "exited" }

// Ended lets the coroutine go on with the program that was put behind this one.
func (p *program) Ended(c *coro.Coroutine) (coro.Body, bool) {
	if p.then == nil {
		return nil, !p.last
	}
	p.then.c = c
	return p.then, true
}

func start(c *coro.Coroutine, f func(*coro.Coroutine)) *program {
	p := &program{c: c, f: f}
	c.Start(p)
	return p
}

func checkLive(t *testing.T, want int64) {
	t.Helper()
	if got := coro.Live(); got != want {
		t.Errorf("%d coroutines are alive, want %d", got, want)
	}
}

func TestBodyRunsFromResumeToSuspend(t *testing.T) {
	base := coro.Live()
	c := coro.New(7)
	var log []string
	p := start(c, func(c *coro.Coroutine) {
		log = append(log, "a")
		c.Suspend()
		log = append(log, "b")
	})
	if len(log) != 0 {
		t.Fatal("the body ran before the first Resume")
	}
	c.Resume()
	log = append(log, "|")
	c.Resume()
	if got := strings.Join(log, ""); got != "a|b" {
		t.Errorf("order %q, want a|b", got)
	}
	if p.how != "returned" || c.State() != coro.Idle {
		t.Errorf("body %s, state %d; want returned and idle", p.how, c.State())
	}
	c.Close()
	c.Close()
	checkLive(t, base)
}

func TestCoroutineServesOneBodyAfterTheOther(t *testing.T) {
	base := coro.Live()
	c := coro.New(7)
	var seen []int
	for i := range 5 {
		start(c, func(c *coro.Coroutine) {
			c.Suspend()
			seen = append(seen, i)
		})
		c.Resume()
		c.Resume()
	}
	if !slices.Equal(seen, []int{0, 1, 2, 3, 4}) {
		t.Errorf("bodies seen: %v", seen)
	}
	checkLive(t, base+1)
	c.Close()
	checkLive(t, base)
}

func TestABodyIsFollowedByTheNextWithoutASwitch(t *testing.T) {
	c := coro.New(7)
	var log []string
	second := &program{f: func(*coro.Coroutine) { log = append(log, "second") }}
	first := start(c, func(*coro.Coroutine) { log = append(log, "first") })
	first.then = second
	c.Resume()
	if got := strings.Join(log, " "); got != "first second" || second.how != "returned" || c.State() != coro.Idle {
		t.Errorf("ran %q, the second %s, state %d", got, second.how, c.State())
	}
	c.Close()
}

func TestACoroutineThatIsNotKeptIsClosed(t *testing.T) {
	base := coro.Live()
	c := coro.New(7)
	start(c, func(*coro.Coroutine) {}).last = true
	c.Resume()
	if c.State() != coro.Closed {
		t.Errorf("state %d", c.State())
	}
	checkLive(t, base)
	c.Close()
	checkLive(t, base)
}

func culprit() { panic("boom") }

func TestPanicKeepsItsStackAndTheCoroutine(t *testing.T) {
	c := coro.New(7)
	defer c.Close()
	p := start(c, func(*coro.Coroutine) { culprit() })
	c.Resume()
	if p.how != "panicked" || p.value != "boom" {
		t.Fatalf("body %s with %v", p.how, p.value)
	}
	if !strings.Contains(string(p.stack), "coro_test.culprit") {
		t.Errorf("the stack does not show the culprit:\n%s", p.stack)
	}
	if p := start(c, func(*coro.Coroutine) {}); true {
		c.Resume()
		if p.how != "returned" {
			t.Error("the coroutine is of no use after a panic")
		}
	}
}

func TestGoexitDoesNotReachTheResumer(t *testing.T) {
	base, goroutines := coro.Live(), runtime.NumGoroutine()
	c := coro.New(7)
	deferred := false
	p := start(c, func(*coro.Coroutine) {
		defer func() { deferred = true }()
		runtime.Goexit()
	})
	c.Resume() // a Goexit here would end the test without a verdict
	if p.how != "exited" || c.State() != coro.Exiting || !deferred {
		t.Fatalf("body %s, state %d, deferred %v", p.how, c.State(), deferred)
	}
	c.Close()
	checkLive(t, base)
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines, had %d", n, goroutines)
	}
}

// The panic is recovered, but the Goexit goes on after that.
func TestPanicInADeferredCallOfAGoexitDoesNotReachTheResumer(t *testing.T) {
	base, goroutines := coro.Live(), runtime.NumGoroutine()
	c := coro.New(7)
	p := start(c, func(*coro.Coroutine) {
		defer culprit()
		runtime.Goexit()
	})
	c.Resume()
	if p.how != "panicked" || p.value != "boom" || c.State() != coro.Exiting {
		t.Fatalf("body %s with %v, state %d; want panicked and exiting", p.how, p.value, c.State())
	}
	c.Close()
	checkLive(t, base)
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines, had %d", n, goroutines)
	}
}

func TestCloseBeforeTheFirstBodyLeaksNothing(t *testing.T) {
	base := coro.Live()
	coro.New(7).Close()
	c := coro.New(7)
	start(c, func(*coro.Coroutine) {})
	c.Resume()
	c.Close()
	checkLive(t, base)
}

func TestResumeFromAnotherGoroutine(t *testing.T) {
	c := coro.New(7)
	p := start(c, func(c *coro.Coroutine) { c.Suspend() })
	c.Resume()
	done := make(chan struct{})
	go func() { c.Resume(); close(done) }()
	<-done
	if p.how != "returned" {
		t.Errorf("body %s", p.how)
	}
	c.Close()
}

func parkedHere(c *coro.Coroutine) { c.Suspend() }

func TestStackIsThatOfTheRightCoroutine(t *testing.T) {
	a, b := coro.New(7), coro.New(7)
	a.SetNumber(1 << 40)
	b.SetNumber(2)
	start(a, parkedHere)
	start(b, func(c *coro.Coroutine) { c.Suspend() })
	a.Resume()
	b.Resume()
	stack := func(n uint64) string { return string(coro.Stacks(7)[n]) }
	if st := stack(1 << 40); !strings.Contains(st, "parkedHere") {
		t.Errorf("stack of a:\n%s", st)
	}
	if st := stack(2); st == "" || strings.Contains(st, "parkedHere") {
		t.Errorf("stack of b:\n%s", st)
	}
	for n, st := range coro.Stacks(7) {
		if got := coro.Number(7, st); got != n {
			t.Errorf("Number says that this is the stack of %d:\n%s", got, st)
		}
	}
	a.Resume()
	b.Resume()
	if got := coro.Stacks(8); len(got) != 0 {
		t.Errorf("%d stacks of another owner", len(got))
	}
	if st := stack(1 << 40); st != "" {
		t.Errorf("stack of an idle coroutine:\n%s", st)
	}
	a.Close()
	b.Close()
}

func TestRunningIsWhatIsNotSuspended(t *testing.T) {
	const owner = 1234
	parked, c := coro.New(owner), coro.New(owner)
	start(parked, parkedHere)
	parked.Resume()
	if st := coro.Running(owner); st != nil {
		t.Errorf("nothing runs, but Running shows\n%s", st)
	}
	var inside, outside []byte
	start(c, func(*coro.Coroutine) { inside = coro.Running(owner) })
	coro.Mark(owner, func() {
		outside = coro.Running(owner)
		c.Resume()
	})
	if !strings.Contains(string(inside), "coro.(*Coroutine).run") {
		t.Errorf("on the coroutine Running shows\n%s", inside)
	}
	if n := coro.Number(owner, outside); n != 0 {
		t.Errorf("the loop's goroutine has the number %d of a coroutine", n)
	}
	if !strings.Contains(string(outside), "coro.Mark") {
		t.Errorf("on the loop's goroutine Running shows\n%s", outside)
	}
	parked.Resume()
	parked.Close()
	c.Close()
}

// lookFromASequence goes through a sequence of iter.Pull, which looks at what runs.
func lookFromASequence(owner uint32) (running []byte) {
	next, stop := iter.Pull(func(yield func([]byte) bool) { yield(coro.Running(owner)) })
	defer stop()
	running, _ = next()
	return running
}

func TestRunningIsFoundThroughASequence(t *testing.T) {
	const owner = 1235
	c := coro.New(owner)
	c.SetNumber(77)
	var inside []byte
	start(c, func(*coro.Coroutine) { inside = lookFromASequence(owner) })
	coro.Mark(owner, c.Resume)
	for _, function := range []string{"lookFromASequence.func", "coro_test.lookFromASequence("} {
		if !strings.Contains(string(inside), function) {
			t.Errorf("there is no %s in\n%s", function, inside)
		}
	}
	if n := coro.Number(owner, inside); n != 77 {
		t.Errorf("it is called number %d", n)
	}
	c.Close()
}

func TestWhatRunsForOneThatRunsInsideAnotherRunsForBoth(t *testing.T) {
	const above, below = 1236, 1237
	outer := coro.New(above)
	outer.SetNumber(5)
	var ofOuter, ofInner []byte
	start(outer, func(*coro.Coroutine) {
		inner := coro.New(below)
		inner.SetNumber(6)
		start(inner, func(*coro.Coroutine) { ofOuter, ofInner = coro.Running(above), coro.Running(below) })
		coro.Mark(below, inner.Resume)
		inner.Close()
	})
	coro.Mark(above, outer.Resume)
	if a, b := coro.Number(above, ofOuter), coro.Number(below, ofInner); a != 5 || b != 6 {
		t.Errorf("numbers %d and %d in\n%s\nand\n%s", a, b, ofOuter, ofInner)
	}
	outer.Close()
}

func TestMisuseIsRefused(t *testing.T) {
	refused := func(what string, f func()) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Errorf("%s was not refused", what)
			}
		}()
		f()
	}
	c := coro.New(7)
	start(c, func(c *coro.Coroutine) { c.Suspend() })
	c.Resume()
	refused("Start in the middle of a body", func() { start(c, func(*coro.Coroutine) {}) })
	refused("Close in the middle of a body", c.Close)
	c.Resume()
	c.Close()
}

func TestGoroutineIDTellsGoroutinesApart(t *testing.T) {
	here := coro.GoroutineID()
	there := make(chan uint64)
	go func() { there <- coro.GoroutineID() }()
	if other := <-there; here == 0 || other == 0 || here == other {
		t.Errorf("ids %d and %d", here, other)
	}
}

func BenchmarkResume(b *testing.B) {
	c := coro.New(7)
	on := true
	start(c, func(c *coro.Coroutine) {
		for on {
			c.Suspend()
		}
	})
	for b.Loop() {
		c.Resume()
	}
	on = false
	c.Resume()
	c.Close()
}

func TestADumpOfManyGoroutinesIsBounded(t *testing.T) {
	many := make([]*coro.Coroutine, 40_000)
	for i := range many {
		many[i] = coro.New(1)
		start(many[i], parkedHere)
		many[i].Resume()
	}
	if n := len(coro.AllStacks()); n > 16<<20 {
		t.Errorf("the dump has %d bytes: for a million goroutines it would take minutes", n)
	}
	for _, c := range many {
		c.Resume()
		c.Close()
	}
}

func TestPulledByTellsWhoseSequenceThisIs(t *testing.T) {
	me := coro.GoroutineID()
	pull := func(f func()) {
		next, stop := iter.Pull(func(yield func(int) bool) { f(); yield(0) })
		defer stop()
		next()
	}
	var once, twice, otherwise bool
	pull(func() {
		once = coro.PulledBy(me)
		pull(func() { twice, otherwise = coro.PulledBy(me), coro.PulledBy(me+1<<32) })
	})
	elsewhere := make(chan bool)
	go func() { elsewhere <- coro.PulledBy(me) }()
	if !once || !twice || otherwise || <-elsewhere || coro.PulledBy(me) {
		t.Errorf("in a sequence %v, in one inside that %v, of another goroutine %v", once, twice, otherwise)
	}
}

func TestOwnerIsWhomTheGoroutineRunsFor(t *testing.T) {
	if o := coro.Owner(); o != 0 {
		t.Errorf("outside: %d", o)
	}
	coro.Mark(77, func() {
		if o := coro.Owner(); o != 77 {
			t.Errorf("under Mark: %d", o)
		}
	})
	if o := coro.Owner(); o != 0 {
		t.Errorf("after Mark: %d", o)
	}
}

func TestATracebackTellsTheNumberOfItsCoroutine(t *testing.T) {
	for _, garbage := range []string{"", "goroutine 1 [running]:\nmain.main()", "coro.mark({0xa5c01f0ec0de0001, 0x7, 0x1, 0x"} {
		if n := coro.Number(7, []byte(garbage)); n != 0 {
			t.Errorf("%q has number %d", garbage, n)
		}
	}
}
