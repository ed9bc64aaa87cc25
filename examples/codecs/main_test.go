package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// Over sockets of this machine.
func Example() {
	fmt.Println(asyncio.Run(context.Background(), demo))
	// Output:
	// by gob: apples 1
	// by json: apples 2
	// by text: apples 3
	// by 3 at the same time: pears 3000
	// <nil>
}

// each runs a test for each protocol, in memory and under a virtual clock.
func each(t *testing.T, test func(t *testing.T, ctx context.Context, name string, near aionet.Stream, dial func(aionet.Stream) client, served *asyncio.Task[struct{}])) {
	t.Helper()
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			asynciotest.Run(t, func(ctx context.Context) {
				near, far := aionet.Pipe(ctx, 16) // small, so that every message comes in pieces
				s := &store{counts: map[string]int{}}
				served := asyncio.Go(ctx, func(ctx context.Context) error {
					defer far.Close()
					return p.serve(ctx, far, s)
				})
				test(t, ctx, p.name, near, p.dial, served)
				near.Close()
				if _, err := served.Await(ctx); err == nil {
					t.Error("the server ended without an error")
				}
			})
		})
	}
}

func TestMessagesThatComeInPiecesAreWhole(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, _ string, near aionet.Stream, dial func(aionet.Stream) client, _ *asyncio.Task[struct{}]) {
		count := dial(near)
		for i := range 20 {
			if n, err := count(strings.Repeat("word", 100), 2); n != 2*(i+1) || err != nil {
				t.Fatalf("counted %d, %v, want %d", n, err, 2*(i+1))
			}
		}
	})
}

func TestAMessageThatDoesNotEndIsGivenUp(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, name string, near aionet.Stream, _ func(aionet.Stream) client, served *asyncio.Task[struct{}]) {
		begin := map[string]string{
			"gob":  "\xfc\x7f\xff\xff\xff", // a length of two billion bytes
			"json": `{"Word":"`,
			"text": "COUNT ",
		}[name]
		sent := 0
		_, err := io.WriteString(near, begin)
		for ; err == nil && sent < 10*maxMessage; sent++ {
			_, err = near.Write([]byte("x"))
		}
		if err == nil || sent > maxMessage+1000 {
			t.Errorf("the server took %d bytes: %v", sent, err)
		}
	})
}

func TestALineThatIsNoRequestIsRefusedAndTheNextIsServed(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		near, far := aionet.Pipe(ctx, 64)
		served := asyncio.Go(ctx, func(ctx context.Context) error {
			return serveText(ctx, far, &store{counts: map[string]int{}})
		})
		lines := aionet.NewReader(near, 0)
		for _, test := range []struct{ say, want string }{
			{"COUNT apple 2", "200 2\r\n"}, {"COUNT apple", "500 say COUNT word number\r\n"}, {"COUNT apple 3", "200 5\r\n"},
		} {
			io.WriteString(near, test.say+"\r\n")
			if got, err := lines.ReadLine(ctx); string(got) != test.want || err != nil {
				t.Errorf("%q was answered by %q, %v, want %q", test.say, got, err, test.want)
			}
		}
		near.Abort() // and nobody takes an answer any more
		if _, err := served.Await(ctx); err == nil {
			t.Error("the server ended without an error")
		}
		far.Close()
	})
}

func TestATimeoutReachesADecoderThatWaits(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		near, far := aionet.Pipe(ctx, 64)
		defer far.Close()
		io.WriteString(far, `{"Word":"half a mess`)
		limit, timeout := asyncio.WithTimeout(ctx, time.Second)
		defer timeout.Cancel()
		var r Request
		if err := json.NewDecoder(aionet.Bind(limit, near)).Decode(&r); !timeout.Caused(err) {
			t.Errorf("the decoder returned %v, want the timeout", err)
		}
		near.Close()
	})
}

func TestACancelledTaskLeavesItsDecoder(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, _ string, near aionet.Stream, _ func(aionet.Stream) client, served *asyncio.Task[struct{}]) {
		asyncio.Yield(ctx) // it waits for a request
		served.Cancel(errors.New("enough"))
		if _, err := served.Await(ctx); !errors.Is(err, asyncio.ErrTaskCancelled) {
			t.Errorf("the server ended with %v, want the cancellation", err)
		}
	})
}
