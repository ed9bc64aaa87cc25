package client

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"time"

	"github.com/goasyncio/asyncio/console/internal/wire"
)

// Program asks who it is and which loops it has.
func (c *Client) Program(ctx context.Context) (Program, error) {
	return get[Program](ctx, c, "program", nil)
}

// TasksQuery is which tasks of a loop are asked for. The zero value is the first page of
// all of them, by ID.
type TasksQuery struct {
	State  string // only those in this state: "ready", "running", "waiting"
	Match  string // only those whose name or wait contains this
	Sort   string // "id", "name", "state", "since", "steps", "busy"
	Desc   bool
	After  uint64 // only those with a higher ID: the way from page to page where Sort is empty
	Offset int    // how many to pass over: that way where Sort is given
	Limit  int    // at most 1,000; 0 is the console's choice
}

func (q TasksQuery) values() url.Values {
	v := url.Values{}
	set := func(key, value string) {
		if value != "" && value != "0" {
			v.Set(key, value)
		}
	}
	set("state", q.State)
	set("q", q.Match)
	set("sort", q.Sort)
	if q.Desc {
		set("desc", "1")
	}
	set("after", strconv.FormatUint(q.After, 10))
	set("offset", strconv.Itoa(q.Offset))
	set("limit", strconv.Itoa(q.Limit))
	return v
}

// Tasks asks for a page of the tasks of a loop.
func (c *Client) Tasks(ctx context.Context, loop uint32, q TasksQuery) (Tasks, error) {
	return get[Tasks](ctx, c, of(loop, "tasks"), q.values())
}

// Task asks for everything that is known of a task.
func (c *Client) Task(ctx context.Context, loop uint32, id uint64) (Detail, error) {
	return get[Detail](ctx, c, of(loop, "tasks/"+strconv.FormatUint(id, 10)), nil)
}

// Tree asks who has started whom, from root downwards, or from all tasks without a
// parent where it is 0. A depth or a limit of 0 is the console's choice.
func (c *Client) Tree(ctx context.Context, loop uint32, root uint64, depth, limit int) (Tree, error) {
	v := url.Values{}
	for key, n := range map[string]uint64{"root": root, "depth": uint64(max(depth, 0)), "limit": uint64(max(limit, 0))} {
		if n > 0 {
			v.Set(key, strconv.FormatUint(n, 10))
		}
	}
	return get[Tree](ctx, c, of(loop, "tree"), v)
}

// Graph asks who waits for whom.
func (c *Client) Graph(ctx context.Context, loop uint32) (Graph, error) {
	return get[Graph](ctx, c, of(loop, "graph"), nil)
}

// Histograms asks how late timers were and how long steps took.
func (c *Client) Histograms(ctx context.Context, loop uint32) (Histograms, error) {
	return get[Histograms](ctx, c, of(loop, "histograms"), nil)
}

// Warnings asks what the program should look at.
func (c *Client) Warnings(ctx context.Context, loop uint32) ([]Warning, error) {
	answer, err := get[wire.Warnings](ctx, c, of(loop, "warnings"), nil)
	return answer.Warnings, err
}

// Stats asks for the numbers of a loop.
func (c *Client) Stats(ctx context.Context, loop uint32) (Now, error) {
	return get[Now](ctx, c, of(loop, "stats"), nil)
}

// Stacks asks for a text with the stack of every task. Close it.
func (c *Client) Stacks(ctx context.Context, loop uint32) (io.ReadCloser, error) {
	return c.open(ctx, of(loop, "stacks"), nil, "text/plain")
}

// RecordingQuery is what a recording shall be.
type RecordingQuery struct {
	Format string        // "asyncio", "perfetto"; empty for the first
	Detail string        // "coarse", "exact", "stacks"; empty for the console's choice
	For    time.Duration // 0: what a flight recorder has now, in its own detail; a StatusError where none is on
}

// Recording asks for a recording, which the console makes from now on. It comes while it
// is made, or at its end. Close it.
func (c *Client) Recording(ctx context.Context, loop uint32, q RecordingQuery) (io.ReadCloser, error) {
	v := url.Values{"for": {q.For.String()}}
	if q.Format != "" {
		v.Set("format", q.Format)
	}
	if q.Detail != "" {
		v.Set("detail", q.Detail)
	}
	return c.open(ctx, of(loop, "recording"), v, "")
}

func of(loop uint32, what string) string { return fmt.Sprintf("loops/%d/%s", loop, what) }
