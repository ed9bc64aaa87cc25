package aionet_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// Wherever a cancellation comes, in the handshake, a read, a write or a Close, what was
// received is the beginning of what was sent, and nothing is left of the connection: no
// task, timer or scope.
func TestSweepATLSStream(t *testing.T) {
	const text = "the quick brown fox jumps over the lazy dog"
	for name, buffer := range map[string]int{"with room": aionet.DefaultBuffer, "with little room": 700, "with none": 0} {
		t.Run(name, func(t *testing.T) {
			asynciotest.Sweep(t, func(ctx context.Context, trial *asynciotest.Trial) error {
				a, b := aionet.Pipe(ctx, buffer)
				var sent int
				var got strings.Builder
				trial.After(func() error { return isPrefix(got.String(), text, sent) })
				err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
					g.Go(func(ctx context.Context) error {
						c, err := aionet.TLSClient(ctx, a, clientConfig())
						if err != nil {
							return err
						}
						defer c.Close()
						for sent < len(text) {
							n, err := c.WriteContext(ctx, []byte(text[sent:min(sent+15, len(text))]))
							sent += n
							if err != nil {
								return err
							}
						}
						if err := c.CloseWrite(); err != nil {
							return err
						}
						_, err = readString(ctx, c, 1)
						if err == io.EOF {
							err = nil
						}
						return err
					})
					g.Go(func(ctx context.Context) error {
						s, err := aionet.TLSServer(ctx, b, serverConfig())
						if err != nil {
							return err
						}
						defer s.Close()
						return readInto(ctx, &got, s)
					})
					return nil
				})
				if trial.Undisturbed() && got.String() != text {
					t.Errorf("got %q", got.String())
				}
				return err
			})
		})
	}
}

// A reader that is cancelled at any wait leaves the stream as it was: another goes on.
func TestSweepAReadOfTLSThatAnotherContinues(t *testing.T) {
	const text = "no byte of this is lost or doubled"
	asynciotest.Sweep(t, func(ctx context.Context, trial *asynciotest.Trial) error {
		a, b := aionet.Pipe(ctx, 150)
		var got strings.Builder
		trial.After(func() error { return isPrefix(got.String(), text, len(text)) })
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(func(ctx context.Context) error {
				c, err := aionet.TLSClient(ctx, a, clientConfig())
				if err != nil {
					return err
				}
				defer c.Close()
				for i := 0; i < len(text); i += 10 {
					if _, err := c.WriteContext(ctx, []byte(text[i:min(i+10, len(text))])); err != nil {
						return err
					}
				}
				return nil
			})
			s, err := aionet.TLSServer(ctx, b, serverConfig())
			if err != nil {
				return err
			}
			defer s.Close()
			for range 3 {
				reader := asyncio.CreateTask(ctx, func(ctx context.Context) (struct{}, error) {
					return struct{}{}, readInto(ctx, &got, s)
				})
				if _, err := reader.Join(ctx); err == nil {
					break
				}
			}
			return ctx.Err()
		})
	})
}
