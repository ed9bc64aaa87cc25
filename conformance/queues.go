package conformance

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/goasyncio/asyncio"
)

// queue is what the three kinds of queue have in common.
type queue interface {
	Put(ctx context.Context, v int64) error
	Get(ctx context.Context) (int64, error)
	TryPut(v int64) error
	TryGet() (int64, error)
	Shutdown(immediate bool)
}

var queueKinds = []string{"queue", "priority_queue", "lifo_queue"}

// bound translates asyncio's size 0, which means without a bound.
func bound(maxsize int) int {
	if maxsize == 0 {
		return asyncio.Unbounded
	}
	return maxsize
}

func parsePut(p *parser, args []json.RawMessage) action {
	name, v := p.object(args[0], queueKinds...), p.num(args[1])
	return func(ctx context.Context, a *actor) error {
		err := get[queue](a, name).Put(ctx, v)
		return a.queued(name, "put", "put", v, err)
	}
}

func parseGet(p *parser, args []json.RawMessage) action {
	name := p.object(args[0], queueKinds...)
	return func(ctx context.Context, a *actor) error {
		v, err := get[queue](a, name).Get(ctx)
		return a.queued(name, "get", "got", v, err)
	}
}

func parsePutNowait(p *parser, args []json.RawMessage) action {
	name, v := p.object(args[0], queueKinds...), p.num(args[1])
	return at(func(a *actor) {
		err := get[queue](a, name).TryPut(v)
		_ = a.queued(name, "put_nowait", "put_nowait", v, err)
	})
}

func parseGetNowait(p *parser, args []json.RawMessage) action {
	name := p.object(args[0], queueKinds...)
	return at(func(a *actor) {
		v, err := get[queue](a, name).TryGet()
		_ = a.queued(name, "get_nowait", "get_nowait", v, err)
	})
}

func parseShutdown(p *parser, args []json.RawMessage) action {
	name, immediate := p.object(args[0], queueKinds...), p.yes(args[1])
	return at(func(a *actor) {
		get[queue](a, name).Shutdown(immediate)
		a.log("%s shutdown", name)
	})
}

// queued logs an operation that is through, or what the queue answered
// instead; a cancellation goes on upwards.
func (a *actor) queued(name, op, past string, v int64, err error) error {
	switch {
	case err == nil:
		a.log("%s %s %d", name, past, v)
	case errors.Is(err, asyncio.ErrQueueFull), errors.Is(err, asyncio.ErrQueueEmpty), errors.Is(err, asyncio.ErrQueueShutDown):
		a.log("%s %s %s", name, op, describe(err))
	default:
		return err
	}
	return nil
}
