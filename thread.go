package asyncio

import (
	"context"
	"errors"
	"runtime/debug"

	"github.com/goasyncio/asyncio/internal/driver"
)

// A ThreadOption says how ToThread is to work.
type ThreadOption func(*threadConfig)

type threadConfig struct{ limiter *CapacityLimiter }

// ThreadLimiter bounds the call by a limiter of your own instead of the loop's:
// for a resource that bears only so many users.
func ThreadLimiter(l *CapacityLimiter) ThreadOption {
	return func(c *threadConfig) { c.limiter = l }
}

// ErrThreadExited is the error of a ToThread whose function called runtime.Goexit.
var ErrThreadExited = errors.New("asyncio: the function given to ToThread called runtime.Goexit")

// ToThread calls fn on a goroutine of its own, where it may block, and waits for
// it (rule T2). It is the way to every Go library that knows nothing of the loop.
//
// The context that fn gets ends with ctx and carries its values; give it to the
// library. The waits of this package refuse it: fn is not on the loop, and must
// not touch what the loop's tasks use.
//
// If ctx ends while fn is at work ToThread returns its error at once, and fn's
// result is dropped; Run waits for fn to return. Where that is not wanted, wait
// under context.WithoutCancel(ctx). A panic of fn is raised here. The calls of a
// loop that are at work at a time are bounded by [MaxThreads]; further ones wait
// for their turn, in order.
func ToThread[T any](ctx context.Context, fn func(ctx context.Context) (T, error), opts ...ThreadOption) (T, error) {
	var zero T
	if err := Checkpoint(ctx); err != nil {
		return zero, err
	}
	l := RunningLoop(ctx)
	cfg := threadConfig{limiter: l.threadLimiter()}
	for _, o := range opts {
		o(&cfg)
	}
	call := &threadCall[T]{box: l.posts, limiter: cfg.limiter}
	if err := call.limiter.AcquireOnBehalfOf(ctx, call); err != nil {
		return zero, err
	}
	l.threads++
	l.calls.begin(&call.record, l, fn)
	go call.run(threadContext{ctx}, fn)
	if l.explored != nil {
		l.explored.Blocked()
	}
	woken, err := call.waiter.Park(ctx, waitReason("a thread"))
	if !woken {
		call.record.task = 0
		return zero, err // fn goes on without us
	}
	if call.panicked != nil {
		panic(call.panicked)
	}
	return call.value, call.err // even if ctx has ended meanwhile (rule C3)
}

// threadLimiter is the loop's bound on threads.
func (l *Loop) threadLimiter() *CapacityLimiter {
	if l.limiter == nil {
		l.limiter = NewCapacityLimiter(l.maxThreads)
	}
	return l.limiter
}

// threadCall is one call of ToThread.
type threadCall[T any] struct {
	box      *postbox
	limiter  *CapacityLimiter
	waiter   WaitQueue
	value    T
	err      error
	panicked *PanicError
	record   callRecord
}

// run is the goroutine.
func (c *threadCall[T]) run(ctx context.Context, fn func(context.Context) (T, error)) {
	returned := false
	defer func() {
		if !returned {
			c.err = ErrThreadExited
			if v := recover(); v != nil {
				c.panicked = &PanicError{Value: v, Stack: debug.Stack(), Task: "ToThread"}
			}
		}
		c.box.post(c.done)
	}()
	c.value, c.err = fn(ctx)
	returned = true
}

// callList is the calls of ToThread that have not come back, in the order in which they
// began: for consoles.
type callList struct{ first, last *callRecord }

// callRecord is what a console is told of a call.
type callRecord struct {
	task       uint64  // that waits for it
	function   uintptr // its code
	since      driver.Instant
	prev, next *callRecord
}

// begin enters a call of fn by the task that runs.
func (c *callList) begin(r *callRecord, l *Loop, fn any) {
	*r = callRecord{task: l.current.id, function: codeOf(fn), since: l.now, prev: c.last}
	if c.last != nil {
		c.last.next = r
	} else {
		c.first = r
	}
	c.last = r
}

func (c *callList) end(r *callRecord) {
	if r.prev != nil {
		r.prev.next = r.next
	} else {
		c.first = r.next
	}
	if r.next != nil {
		r.next.prev = r.prev
	} else {
		c.last = r.prev
	}
}

// done runs on the loop when fn has returned.
func (c *threadCall[T]) done() {
	c.box.loop.threads--
	c.box.loop.calls.end(&c.record)
	c.limiter.ReleaseOnBehalfOf(c)
	if c.waiter.Wake(1) == 0 && c.panicked != nil {
		c.box.loop.report(Report{Message: "a panic in a thread that nobody waited for any more", Err: c.panicked, Stack: c.panicked.Stack})
	}
}

// threadContext is a task's context for the use off the loop: it hides the loop,
// so that our waits refuse it. Who asks by hiddenKey sees it.
type threadContext struct{ context.Context }

func (c threadContext) Value(key any) any {
	switch key {
	case scopeKey{}:
		return nil
	case hiddenKey{}:
		key = scopeKey{}
	}
	return c.Context.Value(key)
}

type hiddenKey struct{}

// AfterFunc keeps contexts derived from c free of goroutines.
func (c threadContext) AfterFunc(f func()) (stop func() bool) {
	if s, kind := resolve(c.Context); kind == ownScope {
		return s.AfterFunc(f)
	}
	return context.AfterFunc(c.Context, f)
}
