package conformance

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/goasyncio/asyncio"
)

func parseLog(p *parser, args []json.RawMessage) action {
	text := p.str(args[0])
	return at(func(a *actor) { a.log("%s", text) })
}

func parseSleep(p *parser, args []json.RawMessage) action {
	d := ticks(p.num(args[0]))
	return func(ctx context.Context, _ *actor) error { return asyncio.Sleep(ctx, d) }
}

func parseCallSoon(p *parser, args []json.RawMessage) action {
	text := p.str(args[0])
	return func(ctx context.Context, a *actor) error {
		asyncio.CallSoon(ctx, func() { a.machine.log(loop, text) })
		return nil
	}
}

func parseCallLater(p *parser, args []json.RawMessage) action {
	d, text := ticks(p.num(args[0])), p.str(args[1])
	return func(ctx context.Context, a *actor) error {
		asyncio.CallLater(ctx, d, func() { a.machine.log(loop, text) })
		return nil
	}
}

func parseReturn(p *parser, args []json.RawMessage) action {
	v := p.num(args[0])
	return func(context.Context, *actor) error { return &returned{v} }
}

func parseRaise(p *parser, args []json.RawMessage) action {
	name := p.str(args[0])
	return func(context.Context, *actor) error { return &failure{name} }
}

// parseTry makes Python's try and finally. The second block runs under a
// context of its own (rule C4): Go's cancellation is level-triggered, so each
// wait of the cleanup would fail at once otherwise.
func parseTry(p *parser, args []json.RawMessage) action {
	body, cleanup := p.block(args[0]), p.block(args[1])
	return func(ctx context.Context, a *actor) error {
		err := body(ctx, a)
		if late := cleanup(context.WithoutCancel(ctx), a); late != nil {
			return late // as an exception in a finally block replaces the one before
		}
		return err
	}
}

func parseCatch(p *parser, args []json.RawMessage) action {
	body := p.block(args[0])
	return func(ctx context.Context, a *actor) error {
		err := body(ctx, a)
		if f, ok := err.(*failure); ok {
			a.log("caught %s", describe(f))
			return nil
		}
		return err
	}
}

func parseRepeat(p *parser, args []json.RawMessage) action {
	n, body := p.num(args[0]), p.block(args[1])
	return func(ctx context.Context, a *actor) error {
		for range n {
			if err := body(ctx, a); err != nil {
				return err
			}
		}
		return nil
	}
}

func parseTimeout(p *parser, args []json.RawMessage) action {
	n, body := p.num(args[0]), p.block(args[1])
	return func(ctx context.Context, a *actor) error {
		inner, timeout := asyncio.WithTimeout(ctx, ticks(n))
		err := body(inner, a)
		timeout.Cancel()
		switch {
		case err == nil:
			a.log("timeout %d met", n)
			return nil
		case timeout.Caused(err):
			a.log("timeout %d expired", n)
			return nil
		}
		return err
	}
}

// parseGroup makes a task group: children first, then the body, then the end
// that waits for all of them.
func parseGroup(p *parser, args []json.RawMessage) action {
	children, body := p.children(args[0]), p.block(args[1])
	return func(ctx context.Context, a *actor) error {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for _, c := range children {
				a.machine.adopt(g, c.name, c.coro)
			}
			return body(ctx, a)
		})
		if err == nil {
			a.log("group -> ok")
			return nil
		}
		if group, ok := err.(*asyncio.GroupError); ok {
			a.log("group -> %s", describe(group))
			return nil
		}
		return err
	}
}

type child struct{ name, coro string }

func (p *parser) children(raw json.RawMessage) (children []child) {
	for _, r := range p.list(raw) {
		pair := p.list(r)
		if len(pair) != 2 {
			p.fail("a child is [task, coro], got %s", r)
			return nil
		}
		children = append(children, child{p.str(pair[0]), p.coro(pair[1])})
	}
	return children
}

// returned ends a body with a value, as a statement in any depth of blocks.
type returned struct{ value int64 }

func (r *returned) Error() string { return fmt.Sprintf("return %d", r.value) }

// failure is the language's own error.
type failure struct{ name string }

func (f *failure) Error() string { return "error:" + f.name }
