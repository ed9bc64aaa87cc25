package main

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/gomodule/redigo/redis"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/examples/internal/servers"
)

// withRedis runs a test on a loop, with a Redis of its own.
func withRedis(t *testing.T, test func(ctx context.Context, socket string) error) {
	t.Helper()
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		server, err := servers.Redis(ctx)
		if err != nil {
			return err
		}
		defer server.Stop(ctx)
		return test(ctx, server.Socket)
	})
	if servers.Missing(err) {
		t.Skip(err)
	}
	if err != nil {
		t.Error(err)
	}
}

func TestEveryNumberIsCountedAndHeardOnce(t *testing.T) {
	withRedis(t, func(ctx context.Context, socket string) error {
		var heard []int
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			_, err := asyncio.StartIn(ctx, g, func(ctx context.Context, started func(struct{})) (err error) {
				heard, err = listen(ctx, "unix", socket, func() { started(struct{}{}) })
				return err
			})
			for range tasks {
				g.Go(func(ctx context.Context) error { return count(ctx, "unix", socket) })
			}
			return err
		})
		seen := map[int]bool{}
		for _, n := range heard {
			if n < 1 || n > tasks*rounds || seen[n] {
				t.Errorf("heard of %d, twice or out of range", n)
			}
			seen[n] = true
		}
		return err
	})
}

func TestACancelledTaskStopsToWaitForRedis(t *testing.T) {
	withRedis(t, func(ctx context.Context, socket string) error {
		waiting := asyncio.Go(ctx, func(ctx context.Context) error {
			c, err := connect(ctx, "unix", socket)
			if err != nil {
				return err
			}
			defer c.Close()
			_, err = c.Do("BLPOP", "nothing", 0) // for ever
			return err
		})
		c, err := connect(ctx, "unix", socket)
		if err != nil {
			return err
		}
		defer c.Close()
		for blocked := 0; blocked == 0; { // Redis knows of the one that waits
			info, err := redis.String(c.Do("INFO", "clients"))
			if err != nil {
				return err
			}
			if blocked = field(info, "blocked_clients"); blocked == 0 {
				asyncio.Yield(ctx)
			}
		}
		waiting.Cancel(errors.New("enough"))
		if _, err := waiting.Await(ctx); !errors.Is(err, asyncio.ErrTaskCancelled) && !errors.Is(err, context.Canceled) {
			t.Errorf("the wait ended with %v", err)
		}
		return nil
	})
}

// field is a number of what INFO says.
func field(info, name string) (n int) {
	for line := range strings.Lines(info) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), name+":"); ok {
			n, _ = strconv.Atoi(value)
		}
	}
	return n
}
