package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio"
)

// refWorld is the loop of the reference models: rounds of a first-in, first-out ready
// list, in plain slices. A model built on it predicts which task ends when, and how.
type refWorld struct {
	ready []*refTask
	tasks []*refTask
	log   []string
}

// refTask is a task of a model. It waits at most once.
type refTask struct {
	id        int
	cancelled bool
	done      bool
	line      *[]*refTask // where it waits now
	step      func()      // what it does when it runs next
	failed    error       // why it was called, other than to be served
}

// start adds a task that runs body in the next round. As everywhere, a wait that begins
// under a cancellation ends with it.
func (w *refWorld) start(body func(*refTask)) {
	task := &refTask{id: len(w.tasks)}
	task.step = func() {
		if task.cancelled {
			w.finish(task, "cancelled")
		} else {
			body(task)
		}
	}
	w.tasks = append(w.tasks, task)
	w.ready = append(w.ready, task)
}

// park lets a task wait in a line until it is called and then runs resume.
func (w *refWorld) park(task *refTask, line *[]*refTask, resume func(*refTask)) {
	*line = append(*line, task)
	task.line = line
	task.step = func() { resume(task) }
}

// call takes the first task out of a line, to run in the next round.
func (w *refWorld) call(line *[]*refTask) *refTask {
	if len(*line) == 0 {
		return nil
	}
	return w.callThis((*line)[0])
}

func (w *refWorld) callThis(task *refTask) *refTask {
	line := task.line
	i := slices.Index(*line, task)
	*line = slices.Delete(*line, i, i+1)
	task.line = nil
	w.ready = append(w.ready, task)
	return task
}

// cancel cancels a task: one that waits leaves its line at once.
func (w *refWorld) cancel(task *refTask) {
	if task.done {
		return
	}
	task.cancelled = true
	if task.line != nil {
		w.callThis(task)
		task.step = func() { w.finish(task, "cancelled") }
	}
}

// round runs what is ready now.
func (w *refWorld) round() {
	batch := w.ready
	w.ready = nil
	for _, task := range batch {
		task.step()
	}
}

func (w *refWorld) finish(task *refTask, outcome string) {
	task.done = true
	w.log = append(w.log, fmt.Sprintf("%d: %s", task.id, outcome))
}

// realWorld is the same tasks on a loop.
type realWorld struct {
	tasks []*asyncio.Task[struct{}]
	log   []string
}

// start creates a task that runs fn and logs how it ended.
func (w *realWorld) start(ctx context.Context, fn func(context.Context) (any, error)) {
	id := len(w.tasks)
	w.tasks = append(w.tasks, asyncio.Go(ctx, func(ctx context.Context) error {
		v, err := fn(ctx)
		w.log = append(w.log, fmt.Sprintf("%d: %s", id, outcomeOf(v, err)))
		return nil
	}))
}

// outcomeOf writes a result as the models do.
func outcomeOf(v any, err error) string {
	for known, name := range map[error]string{
		context.Canceled:         "cancelled",
		asyncio.ErrWouldBlock:    "would block",
		asyncio.ErrQueueShutDown: "shut down",
		asyncio.ErrBrokenChannel: "broken",
		io.EOF:                   "EOF",
		io.ErrClosedPipe:         "closed",
	} {
		if errors.Is(err, known) {
			return name
		}
	}
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(v)
}

// cancelBoth cancels a task in both worlds.
func cancelBoth(real *realWorld, ref *refWorld, i int) {
	if n := len(ref.tasks); n > 0 {
		real.tasks[i%n].Cancel(nil)
		ref.cancel(ref.tasks[i%n])
	}
}

// roundInBoth runs one round in both worlds and compares what happened.
func roundInBoth(ctx context.Context, t testing.TB, real *realWorld, ref *refWorld) {
	t.Helper()
	inRounds(ctx, t, 1)
	ref.round()
	if !slices.Equal(real.log, ref.log) {
		t.Fatalf("tasks ended as\n%q\nbut must end as\n%q", real.log, ref.log)
	}
}

// finishBoth lets what can run run, cancels the rest, and checks that all tasks ended.
func finishBoth(ctx context.Context, t testing.TB, real *realWorld, ref *refWorld) {
	t.Helper()
	for len(ref.ready) > 0 {
		roundInBoth(ctx, t, real, ref)
	}
	for i := range ref.tasks {
		cancelBoth(real, ref, i)
	}
	for len(ref.ready) > 0 {
		roundInBoth(ctx, t, real, ref)
	}
	for i, task := range real.tasks {
		if !task.Done() {
			t.Errorf("task %d did not end", i)
		}
	}
}

// addRandomScripts adds scripts that a plain go test runs too. They are the same each
// time.
func addRandomScripts(f *testing.F) {
	random := rand.New(rand.NewPCG(3, 14))
	for range 200 {
		script := make([]byte, 1+random.IntN(60))
		for i := range script {
			script[i] = byte(random.IntN(256))
		}
		f.Add(script)
	}
}
