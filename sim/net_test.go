package sim_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/sim"
)

// serveEcho is the main of a host: it sends back what comes.
func serveEcho(ctx context.Context) error {
	l, err := aionet.Listen(ctx, "tcp", ":7")
	for err != nil { // no descriptor is left, for example
		if err := asyncio.Sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
		l, err = aionet.Listen(ctx, "tcp", ":7")
	}
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		for {
			c, err := l.Accept()
			if err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				continue // no descriptor is left, for example
			}
			g.Go(func(ctx context.Context) error {
				defer c.Close()
				_, _ = io.Copy(c, c)
				return nil
			})
		}
	})
}

// echo sends a word to a server and tells what comes back.
func echo(ctx context.Context, address, word string) (string, error) {
	ctx, limit := asyncio.WithTimeout(ctx, 5*time.Second)
	defer limit.Cancel()
	c, err := aionet.Dial(ctx, "tcp", address)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if _, err := c.WriteContext(ctx, []byte(word)); err != nil {
		return "", err
	}
	back := make([]byte, len(word))
	for n := 0; n < len(back); {
		k, err := c.ReadContext(ctx, back[n:])
		if n += k; err != nil {
			return string(back[:n]), err
		}
	}
	return string(back), nil
}

func TestProgramsOnTwoHostsTalkOverSockets(t *testing.T) {
	sim.Check(t, func(w *sim.World) {
		w.Host("server", serveEcho)
		asyncio.Sleep(w.Context(), time.Second)
		for _, word := range []string{"hello", "world"} {
			if back, err := echo(w.Context(), "server:7", word); err != nil || back != word {
				w.Fatalf("sent %q, got %q, %v", word, back, err)
			}
		}
	}, sim.WithFaults(sim.Faults{}))
}

func TestWhatAClientGetsBackIsWhatItHasSentWhateverGoesWrong(t *testing.T) {
	sim.Check(t, func(w *sim.World) {
		server := w.Host("server", serveEcho, sim.Mortal())
		ctx := w.Context()
		for range 5 {
			back, err := echo(ctx, "server:7", "hello")
			if err == nil && back != "hello" {
				w.Fatalf("it got %q", back)
			}
			asyncio.Sleep(ctx, 100*time.Millisecond)
		}
		w.Quiet()
		w.Eventually(time.Minute, "the server answers", func() error {
			_, err := echo(ctx, server.Addr().String()+":7", "hello")
			return err
		})
	})
}
