package asynciotest

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A Trial is one run of a program in a [Sweep].
type Trial struct {
	sweep *sweep
	fault fault
	limit int      // of the steps
	plan  *[]fault // in the undisturbed run: what there is to try
	where string   // what happened at the fault's point
	stop  func()   // cancels the context of Run
	main  context.Context

	point  int
	steps  int
	order  []uint64 // the tasks, in order of creation
	lives  map[uint64]*life
	checks []func() error
	wrong  []error
}

func init() {
	inside.NewTrial = func(disturbed bool) (any, func() error) {
		tr := &Trial{}
		if disturbed {
			tr.fault.point = 1
		}
		return tr, func() error {
			var errs []error
			for _, check := range tr.checks {
				errs = append(errs, check())
			}
			return errors.Join(errs...)
		}
	}
}

// life is what is known of a task.
type life struct {
	name string
	ends int
}

// After makes Sweep call check when the run has ended, also if it was disturbed, and
// fail with its error: for what must hold then, such as "items put = items got +
// items left". Checks are called in the order in which they were given.
func (tr *Trial) After(check func() error) { tr.checks = append(tr.checks, check) }

// Undisturbed reports whether this is a run in which nothing is cancelled: for checks
// of results that only such a run must have.
func (tr *Trial) Undisturbed() bool { return tr.fault.point == 0 }

// run runs the program on a loop of its own.
func (tr *Trial) run() (err error) {
	ctx := inside.WithAudit(Context(context.Background()), func(b inside.Books) { tr.fail(b.Err()) })
	if tr.fault.point > 0 && tr.fault.task == 0 {
		ctx, tr.stop = context.WithCancel(ctx)
		defer tr.stop()
	}
	opts := append([]asyncio.Option{
		asyncio.LoopName(tr.sweep.t.Name()), asyncio.Observe(tr), asyncio.OnError(tr.reported),
	}, tr.sweep.opts...)
	defer func() {
		if v := recover(); v != nil {
			tr.fail(fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
		}
	}()
	return asyncio.Run(ctx, func(ctx context.Context) error {
		tr.main = ctx
		return tr.sweep.program(ctx, tr)
	}, opts...)
}

// reported gets what the loop has to say. An error that nobody looked at is no
// wonder where a task was cancelled.
func (tr *Trial) reported(r asyncio.Report) {
	var p *asyncio.PanicError
	if tr.Undisturbed() || errors.Is(r.Err, asyncio.ErrNotEnded) || errors.As(r.Err, &p) {
		tr.fail(fmt.Errorf("%s: task %q: %w\n%s", r.Message, r.Task, r.Err, r.Stack))
	}
}

func (tr *Trial) fail(err error) {
	if err != nil {
		tr.wrong = append(tr.wrong, err)
	}
}

// Observe implements [asyncio.Observer].
func (tr *Trial) Observe(e asyncio.LoopEvent) {
	switch e.Kind {
	case asyncio.EventCreated:
		tr.order = append(tr.order, e.Task)
		tr.lives[e.Task] = &life{name: e.Name}
	case asyncio.EventDone:
		tr.lives[e.Task].ends++
	case asyncio.EventStepBegin:
		tr.steps++
		if tr.steps == tr.limit {
			tr.fail(fmt.Errorf("the program spins: %d steps, where it takes %d undisturbed", tr.steps, tr.sweep.steps))
			inside.EndByForce(tr.main, "and took far more steps than without a fault")
		}
		if tr.lives[e.Task].ends > 0 {
			tr.fail(fmt.Errorf("task %d %q took a step after its end", e.Task, e.Name))
		}
		tr.pass(e)
	case asyncio.EventStepEnd:
		tr.pass(e)
	}
}

// pass is called at each point.
func (tr *Trial) pass(e asyncio.LoopEvent) {
	tr.point++
	if tr.plan != nil {
		tr.note()
	}
	if tr.point == tr.fault.point {
		tr.where = fmt.Sprintf(" (%v of task %d %q)", e.Kind, e.Task, e.Name)
		tr.disturb()
	}
}

// note adds what can go wrong at this point to the plan.
func (tr *Trial) note() {
	*tr.plan = append(*tr.plan, fault{point: tr.point})
	if tr.main == nil {
		return // main has not begun: there is nothing yet by which to reach the loop
	}
	var living []uint64
	for _, id := range tr.order {
		if tr.lives[id].ends == 0 {
			living = append(living, id)
		}
	}
	for i, id := range living {
		*tr.plan = append(*tr.plan, fault{point: tr.point, task: id})
		if i > 0 && len(living) >= 4 {
			*tr.plan = append(*tr.plan, fault{point: tr.point, task: id, spare: true})
		}
	}
}

// disturb does what is to go wrong. That an observer calls into the loop is against
// the rules; here it is at the seam between two steps, where the loop is in order.
func (tr *Trial) disturb() {
	if tr.fault.task == 0 {
		tr.stop()
		return
	}
	for i, task := range asyncio.AllTasks(tr.main) {
		if tr.fault.hits(i, task.ID()) {
			tr.where += fmt.Sprintf("\n  cancelled: %v", task.Info())
			task.Cancel(errSweep)
		}
	}
}

// errSweep is the cause of the cancellations.
var errSweep = errors.New("asynciotest: cancelled by Sweep")

// verdict tells what does not hold after the run.
func (tr *Trial) verdict(err error) []error {
	if errors.Is(err, asyncio.ErrDeadlock) || errors.Is(err, asyncio.ErrNotEnded) {
		tr.fail(err)
	}
	for _, id := range tr.order {
		if l := tr.lives[id]; l.ends != 1 {
			tr.fail(fmt.Errorf("task %d %q ended %d times", id, l.name, l.ends))
		}
	}
	for _, check := range tr.checks {
		tr.fail(check())
	}
	for _, leak := range tr.sweep.leaks() {
		tr.fail(fmt.Errorf("leaked: %s", leak))
	}
	return tr.wrong
}
