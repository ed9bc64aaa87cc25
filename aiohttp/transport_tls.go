package aiohttp

import (
	"context"
	"crypto/tls"
	"math"
	"net"
	"net/http/httptrace"

	"github.com/goasyncio/asyncio/aionet"
)

// secure makes the connection one with TLS to the host at addr. Where it fails the
// stream is the caller's to close. HTTP/1.1 is all that we offer (RFC 7301).
func (t *Transport) secure(ctx context.Context, s aionet.Stream, addr string) (aionet.Stream, *tls.ConnectionState, error) {
	cfg := new(tls.Config)
	if t.TLSClientConfig != nil {
		cfg = t.TLSClientConfig.Clone()
	}
	if cfg.ServerName == "" {
		cfg.ServerName, _, _ = net.SplitHostPort(addr)
	}
	cfg.NextProtos = []string{"http/1.1"}
	trace := httptrace.ContextClientTrace(ctx)
	if trace != nil && trace.TLSHandshakeStart != nil {
		trace.TLSHandshakeStart()
	}
	limit := orDefault(t.TLSHandshakeTimeout, defaultTLSHandshakeTimeout)
	if limit < 0 {
		limit = math.MaxInt64
	}
	secured, err := aionet.TLSClient(ctx, s, cfg, aionet.HandshakeTimeout(limit))
	var state tls.ConnectionState
	if err == nil {
		state = secured.ConnectionState()
	}
	if trace != nil && trace.TLSHandshakeDone != nil {
		trace.TLSHandshakeDone(state, err)
	}
	if err != nil {
		return nil, nil, err
	}
	return secured, &state, nil
}
