package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
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

// inARoom runs a test with a server in memory and under a virtual clock.
func inARoom(t *testing.T, test func(ctx context.Context, enter func(name string) *client)) {
	t.Helper()
	asynciotest.Run(t, func(ctx context.Context) {
		l := aionet.ListenMemory(ctx, "room", 1, 256)
		server := newServer()
		server.OnError = func(r asyncio.Report) { t.Errorf("%s: %v", r.Message, r.Err) }
		serving := asyncio.Go(ctx, func(ctx context.Context) error { return server.Serve(ctx, l) })
		test(ctx, func(name string) *client {
			c, err := enter(ctx, func() (aionet.Stream, error) { return l.Dial(ctx) }, name)
			if err != nil {
				t.Fatal(err)
			}
			return c
		})
		server.Close()
		if _, err := serving.Await(ctx); !errors.Is(err, aionet.ErrServerClosed) {
			t.Errorf("Serve returned %v", err)
		}
	})
}

// hears fails the test where the client hears something else next.
func (c *client) hears(ctx context.Context, t *testing.T, want string) {
	t.Helper()
	if got, err := nextLine(ctx, c.lines); got != want || err != nil {
		t.Errorf("heard %q, %v, want %q", got, err, want)
	}
}

func TestTheServerEndsWithItsContextAndTellsWhy(t *testing.T) {
	closing := errors.New("closing time")
	asynciotest.Run(t, func(ctx context.Context) {
		ctx, cancel := asyncio.WithCancel(ctx)
		asyncio.CallLater(ctx, time.Second, func() { cancel(closing) })
		err := newServer().Serve(ctx, aionet.ListenMemory(ctx, "room", 1, 0))
		if !errors.Is(err, closing) || !errors.Is(err, context.Canceled) || errors.Is(err, net.ErrClosed) {
			t.Errorf("Serve returned %v, want the cancellation with its cause, and nothing of the listener", err)
		}
	})
}

func TestANameIsGivenOnceAndFreeAgainWhenItsOwnerHasLeft(t *testing.T) {
	inARoom(t, func(ctx context.Context, enter func(name string) *client) {
		bob, ann := enter("Bob"), enter("Ann")
		bob.hears(ctx, t, "Ann has come")
		if other := enter("Ann"); other.told != "this name is taken, or is none" {
			t.Errorf("a second Ann was told %q", other.told)
		}
		ann.conn.Close()
		bob.hears(ctx, t, "Ann has left")
		if again := enter("Ann"); again.told != "Ann has come" {
			t.Errorf("Ann came back and was told %q", again.told)
		}
	})
}

func TestWhoDoesNotReadIsPutOutAndHoldsUpNobody(t *testing.T) {
	inARoom(t, func(ctx context.Context, enter func(name string) *client) {
		ann := enter("Ann")
		enter("Deaf") // and never reads
		ann.hears(ctx, t, "Deaf has come")
		began := asyncio.Now(ctx)
		for range 10 * backlog {
			if err := ann.say(ctx, "hello"); err != nil {
				t.Fatal(err)
			}
			got, err := nextLine(ctx, ann.lines)
			if got == "Deaf has left" {
				return
			}
			if got != "Ann: hello" || err != nil {
				t.Fatalf("heard %q, %v", got, err)
			}
		}
		t.Errorf("Deaf is still there after %v", asyncio.Now(ctx).Sub(began))
	})
}

func TestWhoIsSilentForAnHourIsPutOut(t *testing.T) {
	inARoom(t, func(ctx context.Context, enter func(name string) *client) {
		began := asyncio.Now(ctx)
		ann := enter("Ann")
		if _, err := nextLine(ctx, ann.lines); err != io.EOF {
			t.Errorf("Ann's connection gave %v, want its end", err)
		}
		if took := asyncio.Now(ctx).Sub(began); took != time.Hour {
			t.Errorf("she was put out after %v", took)
		}
	})
}

func TestALineWithoutEndIsRefused(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		near, far := aionet.Pipe(ctx, 4*maxLine)
		io.WriteString(near, strings.Repeat("x", 2*maxLine))
		err := (&room{}).attend(ctx, far)
		if limit := (*aionet.LimitError)(nil); !errors.As(err, &limit) {
			t.Errorf("attend returned %v, want the limit", err)
		}
		near.Close()
		far.Close()
	})
}
