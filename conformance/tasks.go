package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/goasyncio/asyncio"
)

func parseSpawn(p *parser, args []json.RawMessage) action {
	name, coro := p.str(args[0]), p.coro(args[1])
	return func(ctx context.Context, a *actor) error {
		a.machine.spawn(ctx, name, coro)
		return nil
	}
}

func parseCancel(p *parser, args []json.RawMessage) action {
	name := p.str(args[0])
	return at(func(a *actor) {
		if t := a.machine.tasks[name]; t != nil {
			a.log("cancel %s %t", name, t.Cancel(errAsked))
			return
		}
		a.log("cancel %s missing", name)
	})
}

func parseOnDone(p *parser, args []json.RawMessage) action {
	name := p.str(args[0])
	return at(func(a *actor) {
		if t := a.machine.tasks[name]; t != nil {
			t.AddDoneCallback(func(t *task) { a.machine.log(loop, "done "+name+" "+outcome(t)) })
		}
	})
}

func parseAwait(p *parser, args []json.RawMessage) action {
	name := p.str(args[0])
	return func(ctx context.Context, a *actor) error {
		t := a.other(name)
		if t == nil {
			return nil
		}
		v, err := t.Await(ctx)
		return a.settle(ctx, "await "+name, v, err)
	}
}

func parseWaitFor(p *parser, args []json.RawMessage) action {
	name, d := p.str(args[0]), ticks(p.num(args[1]))
	return func(ctx context.Context, a *actor) error {
		t := a.other(name)
		if t == nil {
			return nil
		}
		if d <= 0 {
			return a.cancelNow(ctx, "wait_for "+name, t)
		}
		v, err := asyncio.WaitFor(ctx, d, t.Join)
		if _, late := err.(*asyncio.TimeoutError); late && ctx.Err() == nil {
			a.log("wait_for %s -> timeout", name)
			return nil
		}
		return a.settle(ctx, "wait_for "+name, v, err)
	}
}

// cancelNow is a wait_for without any time, a case of its own in asyncio: it
// takes the result of a task that is done, and cancels one that is not. Our
// WaitFor does not call its function then.
func (a *actor) cancelNow(ctx context.Context, label string, t *task) error {
	late := t.Cancel(errAsked)
	if late {
		if _, _, err := asyncio.Wait(ctx, asyncio.AllCompleted, t); err != nil {
			return err
		}
	}
	if late && t.Cancelled() {
		a.log("%s -> timeout", label)
		return nil
	}
	v, err := t.Result()
	return a.settle(ctx, label, v, err)
}

func parseGather(p *parser, args []json.RawMessage) action {
	names, settled := p.names(args[0]), p.yes(args[1])
	return func(ctx context.Context, a *actor) error {
		tasks := a.others(names)
		if len(tasks) == 0 {
			return nil
		}
		results, err := gather(ctx, settled, tasks)
		label := "gather " + list(tasks, (*task).Name)
		if err == nil {
			a.log("%s -> [%s]", label, strings.Join(results, ","))
			return nil
		}
		return a.failed(ctx, label, err)
	}
}

// gather gives the outcomes in the order of the tasks, in either form.
func gather(ctx context.Context, settled bool, tasks []*task) (outcomes []string, err error) {
	if settled {
		all, err := asyncio.GatherSettled(ctx, tasks...)
		for _, s := range all {
			outcomes = append(outcomes, result(s.Value, s.Err))
		}
		return outcomes, err
	}
	values, err := asyncio.Gather(ctx, tasks...)
	for _, v := range values {
		outcomes = append(outcomes, result(v, nil))
	}
	return outcomes, err
}

var returnWhen = map[string]asyncio.ReturnWhen{
	"FIRST_COMPLETED": asyncio.FirstCompleted,
	"FIRST_EXCEPTION": asyncio.FirstException,
	"ALL_COMPLETED":   asyncio.AllCompleted,
}

func parseWait(p *parser, args []json.RawMessage) action {
	names, word := p.names(args[0]), p.str(args[1])
	when, known := returnWhen[word]
	if !known {
		p.fail("%q is not FIRST_COMPLETED, FIRST_EXCEPTION or ALL_COMPLETED", word)
	}
	wait := func(ctx context.Context, tasks []*task) (done, pending []*task, err error) {
		return asyncio.Wait(ctx, when, tasks...)
	}
	if !null(args[2]) {
		d := ticks(p.num(args[2]))
		wait = func(ctx context.Context, tasks []*task) (done, pending []*task, err error) {
			return asyncio.WaitUpTo(ctx, d, when, tasks...)
		}
	}
	return func(ctx context.Context, a *actor) error {
		tasks := a.others(names)
		if len(tasks) == 0 {
			return nil
		}
		done, pending, err := wait(ctx, tasks)
		if err != nil {
			return err
		}
		a.log("wait %s -> done=[%s] pending=[%s]", list(tasks, (*task).Name),
			list(done, func(t *task) string { return t.Name() + "=" + outcome(t) }), list(pending, (*task).Name))
		return nil
	}
}

func parseAsCompleted(p *parser, args []json.RawMessage) action {
	names := p.names(args[0])
	return func(ctx context.Context, a *actor) error {
		for t, err := range asyncio.AsCompleted(ctx, a.others(names)...) {
			if err != nil {
				return err // the wait's own cancellation
			}
			v, err := t.Result()
			if err := a.settle(ctx, "as_completed", v, err); err != nil {
				return err
			}
		}
		return nil
	}
}

// list joins what say says of each, with commas.
func list(tasks []*task, say func(*task) string) string {
	words := make([]string, len(tasks))
	for i, t := range tasks {
		words[i] = say(t)
	}
	return strings.Join(words, ",")
}

// settle logs how a wait for somebody else ended. A cancellation of the waiter
// itself is no outcome (rule C5): it goes on upwards.
func (a *actor) settle(ctx context.Context, label string, value int64, err error) error {
	if err != nil {
		return a.failed(ctx, label, err)
	}
	a.log("%s -> %s", label, result(value, nil))
	return nil
}

func (a *actor) failed(ctx context.Context, label string, err error) error {
	if ctx.Err() != nil && describe(err) == cancelled {
		return err
	}
	a.log("%s -> %s", label, describe(err))
	return nil
}

// result is the OUTCOME of the language.
func result(value int64, err error) string {
	if err != nil {
		return describe(err)
	}
	return fmt.Sprintf("ok:%d", value)
}

// outcome looks at a task that is done.
func outcome(t *task) string { return result(t.Result()) }
