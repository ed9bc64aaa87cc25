package console

import (
	"context"
	"math"

	"github.com/goasyncio/asyncio/console/internal/wire"
)

// span is which entries of a list a client wants.
func (p *params) span() (after uint64, limit int) {
	return p.number("after", 0, 0, math.MaxInt64), p.limit()
}

func timers(ctx context.Context, l *living, p *params) (any, error) {
	after, limit := p.span()
	all, at, err := l.allTimers(ctx)
	some, begin := pageOf(all, at, after, limit)
	return wire.Timers{Page: begin, Timers: some}, err
}

func descriptors(ctx context.Context, l *living, p *params) (any, error) {
	after, limit := p.span()
	all, at, err := l.allDescriptors(ctx)
	some, begin := pageOf(all, at, after, limit)
	return wire.Descriptors{Page: begin, Descriptors: some}, err
}

func threads(ctx context.Context, l *living, p *params) (any, error) {
	after, limit := p.span()
	all, at, err := l.allThreads(ctx)
	some, begin := pageOf(all, at, after, limit)
	return wire.Threads{Page: begin, Threads: some}, err
}

func resources(ctx context.Context, l *living, p *params) (any, error) {
	after, limit := p.span()
	all, at, err := l.allResources(ctx)
	some, begin := pageOf(all, at, after, limit)
	return wire.Resources{Page: begin, Resources: some}, err
}

func failures(ctx context.Context, l *living, p *params) (any, error) {
	after, limit := p.span()
	all, at, err := l.allFailures(ctx)
	some, begin := pageOf(all, at, after, limit)
	return wire.Failures{Page: begin, Failures: some}, err
}
