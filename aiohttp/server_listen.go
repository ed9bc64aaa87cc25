package aiohttp

import (
	"context"

	"github.com/goasyncio/asyncio/aionet"
)

// ListenAndServe listens on an address of a network, as aionet.Listen does, and
// serves; see [Server.Serve]. It is a wait.
func (s *Server) ListenAndServe(ctx context.Context, network, address string) error {
	l, err := aionet.Listen(ctx, network, address)
	if err != nil {
		return err
	}
	return s.Serve(ctx, l)
}
