package aiohttp_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiohttp"
)

// A thousand clients send a byte of a header every ten seconds, which no timeout on
// single reads would notice, and take every place there is.
func TestReliabilityE11_ClientsThatAreSlowOnPurposeDoNotKeepTheirPlaces(t *testing.T) {
	const attackers = 1000
	s := &aiohttp.Server{Handler: http.HandlerFunc(greet), MaxConns: attackers}
	withService(t, s, func(ctx context.Context, s *service) {
		cutOff := 0
		group := asyncio.Go(ctx, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
				for range attackers {
					k := s.dial()
					g.Go(func(ctx context.Context) error {
						defer k.Close()
						for {
							if _, err := k.Write([]byte("G")); err != nil {
								cutOff++
								return nil
							}
							if err := asyncio.Sleep(ctx, 10*time.Second); err != nil {
								return err
							}
						}
					})
				}
				return nil
			})
		})
		asyncio.Sleep(ctx, time.Second)
		start := asyncio.Now(ctx)
		k := s.dial() // there is no place for it yet
		k.SetDeadline(start.Add(time.Minute))
		k.get("/").want(t, http.StatusOK, "hello")
		if d := asyncio.Now(ctx).Sub(start); d > 10*time.Second {
			t.Errorf("an honest client was served after %v", d)
		}
		k.Close()
		if _, err := group.Await(ctx); err != nil || cutOff != attackers {
			t.Errorf("%d of %d attackers were cut off, error %v", cutOff, attackers, err)
		}
	})
}
