package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"

	"github.com/goasyncio/asyncio"
)

// The demo conversation, on real connections of this machine.
func Example() {
	fmt.Println(asyncio.Run(context.Background(), converse))
	// Output:
	// Ann hears: Bob has come
	// Ann hears: Bob: hello from Bob
	// Ann hears: Cem has come
	// Ann hears: Cem: hello from Cem
	// <nil>
}

func TestTheServerEndsWithItsContextAndTellsWhy(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closing := errors.New("closing time")
	err = asyncio.Run(context.Background(), func(ctx context.Context) error {
		ctx, cancel := asyncio.WithCancel(ctx)
		asyncio.CallSoon(ctx, func() { cancel(closing) })
		return (&room{members: map[string]*asyncio.Queue[string]{}}).serve(ctx, l)
	})
	if !errors.Is(err, closing) || !errors.Is(err, context.Canceled) || errors.Is(err, net.ErrClosed) {
		t.Errorf("serve returned %v, want the cancellation with its cause, and nothing of the listener", err)
	}
}

func TestANameIsGivenOnce(t *testing.T) {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			r := &room{members: map[string]*asyncio.Queue[string]{}}
			g.Go(func(ctx context.Context) error { return r.serve(ctx, l) })
			defer g.Cancel(nil)
			ann, err := enter(ctx, l.Addr(), "Ann")
			if err != nil {
				return err
			}
			defer ann.conn.Close()
			other, err := enter(ctx, l.Addr(), "Ann")
			if err != nil {
				return err
			}
			defer other.conn.Close()
			if answer := other.lines.Text(); answer != "this name is taken, or is none" {
				t.Errorf("a second Ann was told %q", answer)
			}
			return nil
		})
	})
	if err != nil {
		t.Error(err)
	}
}
