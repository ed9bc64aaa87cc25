package client

import (
	"context"
	"net/url"
	"strconv"

	"github.com/goasyncio/asyncio/console/internal/wire"
)

// Timers asks for timers of a loop, at most limit of them and those behind after, which
// is 0 or what the page before has returned as next; next is 0 at the end. So do the
// other lists.
func (c *Client) Timers(ctx context.Context, loop uint32, after uint64, limit int) (timers []Timer, next uint64, err error) {
	a, err := get[wire.Timers](ctx, c, of(loop, "timers"), span(after, limit))
	return a.Timers, a.Next, err
}

// Descriptors asks for descriptors that a loop watches.
func (c *Client) Descriptors(ctx context.Context, loop uint32, after uint64, limit int) (descriptors []Descriptor, next uint64, err error) {
	a, err := get[wire.Descriptors](ctx, c, of(loop, "descriptors"), span(after, limit))
	return a.Descriptors, a.Next, err
}

// Threads asks for calls of ToThread that have not come back.
func (c *Client) Threads(ctx context.Context, loop uint32, after uint64, limit int) (threads []Thread, next uint64, err error) {
	a, err := get[wire.Threads](ctx, c, of(loop, "threads"), span(after, limit))
	return a.Threads, a.Next, err
}

// Resources asks for locks, queues and the like.
func (c *Client) Resources(ctx context.Context, loop uint32, after uint64, limit int) (resources []Resource, next uint64, err error) {
	a, err := get[wire.Resources](ctx, c, of(loop, "resources"), span(after, limit))
	return a.Resources, a.Next, err
}

// Failures asks for errors that nobody has looked at.
func (c *Client) Failures(ctx context.Context, loop uint32, after uint64, limit int) (failures []Failure, next uint64, err error) {
	a, err := get[wire.Failures](ctx, c, of(loop, "failures"), span(after, limit))
	return a.Failures, a.Next, err
}

// span is which entries of a list are asked for. A limit of 0 is the console's choice.
func span(after uint64, limit int) url.Values {
	v := url.Values{}
	if after > 0 {
		v.Set("after", strconv.FormatUint(after, 10))
	}
	if limit > 0 {
		v.Set("limit", strconv.Itoa(limit))
	}
	return v
}
