package fetch

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/goasyncio/asyncio"
)

// limits bounds how many downloads are at work, overall and for each host. Hosts are made
// when they are first named. Tasks of one loop share it without a lock.
type limits struct {
	all     *asyncio.Semaphore
	perHost int
	hosts   map[string]*host
}

// host is one server: its places, and when it wants to be asked again.
type host struct {
	places *asyncio.Semaphore
	quiet  time.Time // nobody asks before; set by a Retry-After
}

func newLimits(all, perHost int) *limits {
	return &limits{all: asyncio.NewSemaphore(all), perHost: perHost, hosts: map[string]*host{}}
}

// host returns the host of u. Another port is another server.
func (l *limits) host(u *url.URL) *host {
	key := strings.ToLower(u.Host)
	h := l.hosts[key]
	if h == nil {
		h = &host{places: asyncio.NewSemaphore(l.perHost)}
		l.hosts[key] = h
	}
	return h
}

// place is the right to talk to one host.
type place struct {
	limits *limits
	host   *host
}

// enter waits for a place at the host of u, then for one overall. Never the other way
// round: who waits for a slow host would keep others from fast ones. A cancellation
// leaves neither taken.
func (l *limits) enter(ctx context.Context, u *url.URL) (*place, error) {
	h := l.host(u)
	if err := h.places.Acquire(ctx); err != nil {
		return nil, err
	}
	if err := h.waitQuiet(ctx); err != nil {
		h.places.Release()
		return nil, err
	}
	if err := l.all.Acquire(ctx); err != nil {
		h.places.Release()
		return nil, err
	}
	return &place{l, h}, nil
}

// waitQuiet waits until the host may be asked. It looks again afterwards: others may have
// been told of a later time meanwhile.
func (h *host) waitQuiet(ctx context.Context) error {
	for asyncio.Now(ctx).Before(h.quiet) {
		if err := asyncio.SleepUntil(ctx, h.quiet); err != nil {
			return err
		}
	}
	return nil
}

// keepQuiet makes everybody who asks the host wait until t.
func (h *host) keepQuiet(t time.Time) {
	if t.After(h.quiet) {
		h.quiet = t
	}
}

// leave gives the place back. It may be called twice.
func (p *place) leave() {
	if p.host != nil {
		p.limits.all.Release()
		p.host.places.Release()
		p.host = nil
	}
}

// move goes to the host of u, as a redirect wants. It leaves first: two tasks that each
// wait for the other's place would wait for ever. After an error there is no place.
func (p *place) move(ctx context.Context, u *url.URL) error {
	if p.limits.host(u) == p.host {
		return nil
	}
	p.leave()
	next, err := p.limits.enter(ctx, u)
	if err != nil {
		return err
	}
	*p = *next
	return nil
}
