package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
)

// Timers asks for timers of a loop, those after the first after ones; more tells that
// there are further ones. So do the other lists.
func (c *Client) Timers(ctx context.Context, loop uint32, after, limit int) (timers []Timer, more bool, err error) {
	return list[Timer](ctx, c, loop, "timers", after, limit)
}

// Descriptors asks for descriptors that a loop watches.
func (c *Client) Descriptors(ctx context.Context, loop uint32, after, limit int) (descriptors []Descriptor, more bool, err error) {
	return list[Descriptor](ctx, c, loop, "descriptors", after, limit)
}

// Threads asks for calls of ToThread that have not come back.
func (c *Client) Threads(ctx context.Context, loop uint32, after, limit int) (threads []Thread, more bool, err error) {
	return list[Thread](ctx, c, loop, "threads", after, limit)
}

// Resources asks for locks, queues and the like.
func (c *Client) Resources(ctx context.Context, loop uint32, after, limit int) (resources []Resource, more bool, err error) {
	return list[Resource](ctx, c, loop, "resources", after, limit)
}

// Failures asks for errors that nobody has looked at.
func (c *Client) Failures(ctx context.Context, loop uint32, after, limit int) (failures []Failure, more bool, err error) {
	return list[Failure](ctx, c, loop, "failures", after, limit)
}

// list asks for a page of a list, which comes under its own name.
func list[T any](ctx context.Context, c *Client, loop uint32, what string, after, limit int) (items []T, more bool, err error) {
	v := url.Values{"after": {strconv.Itoa(after)}}
	if limit > 0 {
		v.Set("limit", strconv.Itoa(limit))
	}
	answer, err := get[map[string]json.RawMessage](ctx, c, of(loop, what), v)
	if err != nil {
		return nil, false, err
	}
	for key, to := range map[string]any{what: &items, "more": &more} {
		if raw, ok := answer[key]; ok {
			if err := json.Unmarshal(raw, to); err != nil {
				return nil, false, fmt.Errorf("%w: %v", ErrNoConsole, err)
			}
		}
	}
	return items, more, nil
}
