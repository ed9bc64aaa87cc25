package conformance

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/goasyncio/asyncio"
)

// makers creates an object of each kind. The context is main's: a future
// belongs to a loop, the others find theirs when they are used.
var makers = map[string]func(ctx context.Context, size int) any{
	"lock":           func(context.Context, int) any { return new(asyncio.Lock) },
	"event":          func(context.Context, int) any { return new(asyncio.Event) },
	"condition":      func(context.Context, int) any { return asyncio.NewCondition(nil) },
	"semaphore":      func(_ context.Context, n int) any { return asyncio.NewSemaphore(n) },
	"barrier":        func(_ context.Context, n int) any { return asyncio.NewBarrier(n) },
	"future":         func(ctx context.Context, _ int) any { return asyncio.NewFuture[int64](ctx) },
	"queue":          func(_ context.Context, n int) any { return asyncio.NewQueue[int64](bound(n)) },
	"priority_queue": func(_ context.Context, n int) any { return asyncio.NewPriorityQueue[int64](bound(n)) },
	"lifo_queue":     func(_ context.Context, n int) any { return asyncio.NewLifoQueue[int64](bound(n)) },
}

// sizedKinds are the kinds that are declared with a number.
var sizedKinds = []string{"semaphore", "barrier", "queue", "priority_queue", "lifo_queue"}

// get finds an object by its name. The parser has checked its kind.
func get[T any](a *actor, name string) T { return a.machine.objects[name].(T) }

type lock interface {
	Acquire(ctx context.Context) error
	Release()
}

func parseLock(p *parser, args []json.RawMessage) action {
	return parseHold(p, "lock", args)
}

func parseSemaphore(p *parser, args []json.RawMessage) action {
	return parseHold(p, "semaphore", args)
}

// parseHold makes the block that holds a lock or a permit.
func parseHold(p *parser, kind string, args []json.RawMessage) action {
	name, body := p.object(args[0], kind), p.block(args[1])
	return func(ctx context.Context, a *actor) error {
		l := get[lock](a, name)
		if err := l.Acquire(ctx); err != nil {
			return err
		}
		a.log("%s acquired", name)
		err := body(ctx, a)
		l.Release()
		a.log("%s released", name)
		return err
	}
}

func parseEventWait(p *parser, args []json.RawMessage) action {
	name := p.object(args[0], "event")
	return func(ctx context.Context, a *actor) error {
		if err := get[*asyncio.Event](a, name).Wait(ctx); err != nil {
			return err
		}
		a.log("%s seen", name)
		return nil
	}
}

func parseEventSet(p *parser, args []json.RawMessage) action {
	name := p.object(args[0], "event")
	return at(func(a *actor) { get[*asyncio.Event](a, name).Set() })
}

func parseEventClear(p *parser, args []json.RawMessage) action {
	name := p.object(args[0], "event")
	return at(func(a *actor) { get[*asyncio.Event](a, name).Clear() })
}

func parseConditionWait(p *parser, args []json.RawMessage) action {
	name := p.object(args[0], "condition")
	return func(ctx context.Context, a *actor) error {
		c := get[*asyncio.Condition](a, name)
		if err := c.Acquire(ctx); err != nil {
			return err
		}
		defer c.Release()
		if err := c.Wait(ctx); err != nil {
			return err
		}
		a.log("%s woken", name)
		return nil
	}
}

func parseConditionNotify(p *parser, args []json.RawMessage) action {
	name, n := p.object(args[0], "condition"), int(p.num(args[1]))
	return func(ctx context.Context, a *actor) error {
		c := get[*asyncio.Condition](a, name)
		if err := c.Acquire(ctx); err != nil {
			return err
		}
		defer c.Release()
		c.Notify(n)
		return nil
	}
}

func parseBarrier(p *parser, args []json.RawMessage) action {
	name := p.object(args[0], "barrier")
	return func(ctx context.Context, a *actor) error {
		i, err := get[*asyncio.Barrier](a, name).Wait(ctx)
		switch {
		case errors.Is(err, asyncio.ErrBrokenBarrier):
			a.log("%s broken", name)
		case err != nil:
			return err
		default:
			a.log("%s passed %d", name, i)
		}
		return nil
	}
}

func parseBarrierAbort(p *parser, args []json.RawMessage) action {
	name := p.object(args[0], "barrier")
	return func(ctx context.Context, a *actor) error { return get[*asyncio.Barrier](a, name).Abort(ctx) }
}

// parseAwaitFuture makes asyncio's await: a cancellation takes the future along.
// The generator drops the cases in which one task does that to another, but a
// group whose child fails does it to its body.
func parseAwaitFuture(p *parser, args []json.RawMessage) action {
	name := p.object(args[0], "future")
	return func(ctx context.Context, a *actor) error {
		v, err := get[*asyncio.Future[int64]](a, name).Join(ctx)
		return a.settle(ctx, "future "+name, v, err)
	}
}

func parseSetResult(p *parser, args []json.RawMessage) action {
	name, v := p.object(args[0], "future"), p.num(args[1])
	return at(func(a *actor) { a.once(name, get[*asyncio.Future[int64]](a, name).SetResult(v)) })
}

func parseSetError(p *parser, args []json.RawMessage) action {
	name, f := p.object(args[0], "future"), &failure{p.str(args[1])}
	return at(func(a *actor) { a.once(name, get[*asyncio.Future[int64]](a, name).SetError(f)) })
}

// once logs that a future was set before.
func (a *actor) once(name string, err error) {
	if err != nil {
		a.log("%s %s", name, describe(err))
	}
}
