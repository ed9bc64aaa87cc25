package conformance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/goasyncio/asyncio"
)

const (
	tick = time.Millisecond
	reap = 300    // the tick at which what still runs is cancelled, in creation order
	loop = "loop" // who logs from a callback
)

// ticks is n units of time; far more than a case can last is cut to what a
// Duration can hold.
func ticks(n int64) time.Duration {
	const most = int64(1<<63-1) / int64(tick)
	return time.Duration(max(-most, min(n, most))) * tick
}

type task = asyncio.Task[int64]

// errAsked is the cause of every cancellation that a program asks for.
var errAsked = errors.New("the case cancels this task")

// machine is one run of a program. All of it belongs to the loop.
type machine struct {
	program *Program
	ctx     context.Context // main's, for the clock
	start   time.Time
	trace   []Row
	objects map[string]any
	tasks   map[string]*task
	order   []*task // as created
	broken  error   // a *misuse: the case is wrong, not the runtime
}

// actor is a task's view of the machine.
type actor struct {
	machine *machine
	name    string
}

func newMachine(ctx context.Context, p *Program) *machine {
	m := &machine{program: p, ctx: ctx, start: asyncio.Now(ctx), objects: map[string]any{}, tasks: map[string]*task{}}
	for _, o := range p.objects {
		m.objects[o.name] = makers[o.kind](ctx, o.size)
	}
	return m
}

func (m *machine) log(who, text string) {
	m.trace = append(m.trace, Row{int64(asyncio.Now(m.ctx).Sub(m.start) / tick), who, text})
}

func (a *actor) log(format string, args ...any) {
	a.machine.log(a.name, fmt.Sprintf(format, args...))
}

// main runs the program's main, then an orderly end: what is left is awaited,
// with the reaper's help, and everybody's outcome is logged.
func (m *machine) main() error {
	asyncio.CallLater(m.ctx, ticks(reap), m.reap)
	a := &actor{m, "main"}
	a.log("start")
	if err := m.end(a, m.program.main(m.ctx, a)); err != nil {
		return err
	}
	if left := m.unfinished(); len(left) > 0 {
		if _, _, err := asyncio.Wait(m.ctx, asyncio.AllCompleted, left...); err != nil {
			return err
		}
	}
	for _, t := range m.order {
		a.log("%s = %s", t.Name(), outcome(t))
	}
	a.log("end")
	return m.broken
}

// end keeps a return and logs an error of main's statements: main goes on to
// its orderly end after both.
func (m *machine) end(a *actor, err error) error {
	switch err := err.(type) {
	case *returned:
		return nil
	case *failure:
		a.log("end %s", describe(err))
		return nil
	}
	return err
}

func (m *machine) unfinished() (left []*task) {
	for _, t := range m.order {
		if !t.Done() {
			left = append(left, t)
		}
	}
	return left
}

func (m *machine) reap() {
	for _, t := range m.order {
		if !t.Done() {
			m.log(loop, "reap "+t.Name())
			t.Cancel(errAsked)
		}
	}
}

// spawn creates a task that does not end with its creator: asyncio's tasks do
// not, ours do unless they are detached (rule C6).
func (m *machine) spawn(ctx context.Context, name, coro string) {
	m.keep(name, func() *task {
		return asyncio.CreateTask(context.WithoutCancel(ctx), m.body(name, coro), asyncio.TaskName(name))
	})
}

// adopt creates a task in a group.
func (m *machine) adopt(g *asyncio.TaskGroup, name, coro string) {
	m.keep(name, func() *task {
		return asyncio.CreateTaskIn(g, m.body(name, coro), asyncio.TaskName(name))
	})
}

func (m *machine) keep(name string, create func() *task) {
	if m.tasks[name] != nil {
		m.broken = &misuse{fmt.Sprintf("two tasks are called %q", name)}
		return
	}
	t := create()
	m.tasks[name] = t
	m.order = append(m.order, t)
}

// body is what a task runs: the coro's statements, and how they began and ended.
func (m *machine) body(name, coro string) func(context.Context) (int64, error) {
	return func(ctx context.Context) (int64, error) {
		a := &actor{m, name}
		a.log("start")
		err := m.program.coros[coro](ctx, a)
		if r, ok := err.(*returned); ok {
			a.log("return %d", r.value)
			return r.value, nil
		}
		if err != nil {
			a.log("end %s", describe(err))
			return 0, err
		}
		a.log("end")
		return 0, nil
	}
}

// other finds a task, unless it is missing or the asking one: nobody waits for
// himself.
func (a *actor) other(name string) *task {
	if name == a.name {
		return nil
	}
	return a.machine.tasks[name]
}

func (a *actor) others(names []string) (tasks []*task) {
	for _, name := range names {
		if t := a.other(name); t != nil {
			tasks = append(tasks, t)
		}
	}
	return tasks
}
