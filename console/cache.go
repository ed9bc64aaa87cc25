package console

import (
	"context"
	"errors"
	"sync"
	"time"
)

// freshness is how old an answer may be that is given to a second client. A hundred
// clients cost a loop what one costs it.
const freshness = patience

// A cached value is asked for by one goroutine at a time and shared by all who want it.
type cached[T any] struct {
	mu    sync.Mutex
	value T
	at    time.Time // when value was asked for; zero where there is none
	fresh time.Time // until when it is given without asking again
	err   error     // of the last time that it was asked for
	busy  chan struct{}
}

// get returns the value and when it was asked for, asking for it where what is there is
// not fresh. Where that fails, or takes long, it returns the last value there is; at is
// zero, and err says why, where there is none. fetch says for how long its value is
// fresh. It runs on a goroutine of the hub, and goes on when ctx ends.
func (c *cached[T]) get(ctx context.Context, h *hub, fetch func(context.Context) (T, time.Duration, error)) (value T, at time.Time, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Now().Before(c.fresh) {
		return c.value, c.at, c.err
	}
	if c.busy == nil {
		busy := make(chan struct{})
		if !h.spawn(func() { c.fill(h.ctx, busy, fetch) }) {
			return c.value, c.at, errClosed
		}
		c.busy = busy
	}
	busy, late := c.busy, (<-chan time.Time)(nil)
	if !c.at.IsZero() { // there is something to show
		timer := time.NewTimer(2 * patience)
		defer timer.Stop()
		late = timer.C
	}
	c.mu.Unlock()
	select {
	case <-busy:
	case <-late:
	case <-ctx.Done():
		err = ctx.Err()
	}
	c.mu.Lock()
	return c.value, c.at, errors.Join(err, c.err)
}

func (c *cached[T]) fill(ctx context.Context, busy chan struct{}, fetch func(context.Context) (T, time.Duration, error)) {
	at := time.Now()
	value, fresh, err := fetch(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.value, c.at = value, at
	}
	c.err, c.busy = err, nil
	c.fresh = time.Now().Add(max(fresh, freshness))
	close(busy)
}

// last is the value that is there, without asking for another one.
func (c *cached[T]) last() (value T, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.value, c.at
}
