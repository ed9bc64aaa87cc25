package aiohttp

import (
	"context"
	"crypto/tls"
	"fmt"
	"slices"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

const (
	protoHTTP2 = "h2"
	protoHTTP1 = "http/1.1"
)

// handshake does that of TLS where the server is to, and looks at the outcome of one
// that the listener has done. It reports false where the connection is of no use.
func (c *serverConn) handshake(ctx context.Context) bool {
	if s, ok := c.stream.(aionet.Stream); ok && c.server.TLSConfig != nil {
		c.entry.Idle()
		t, err := aionet.TLSServer(ctx, s, c.server.tlsConfig(), aionet.HandshakeTimeout(c.server.handshakeTimeout()))
		c.entry.Active()
		if err != nil {
			c.server.handshakeFailed(c, err)
			return false
		}
		c.stream, c.entry.Conn = t, t
	}
	if t, ok := c.stream.(interface{ ConnectionState() tls.ConnectionState }); ok {
		state := t.ConnectionState()
		c.tls = &state
	}
	return true
}

// tlsConfig is the server's, with the protocols that it speaks.
func (s *Server) tlsConfig() *tls.Config {
	if s.tls != nil {
		return s.tls
	}
	s.tls = s.TLSConfig.Clone()
	if len(s.tls.NextProtos) == 0 {
		s.tls.NextProtos = []string{protoHTTP1}
		if s.HTTP2 {
			s.tls.NextProtos = slices.Insert(s.tls.NextProtos, 0, protoHTTP2)
		}
	}
	return s.tls
}

// handshakeFailed reports a handshake unless the client has just gone, as port
// scanners do.
func (s *Server) handshakeFailed(c *serverConn, err error) {
	if !isGone(err) && !s.conns.Closing() {
		s.report(asyncio.Report{Message: fmt.Sprintf("TLS handshake with %v failed", c.stream.RemoteAddr()), Err: err})
	}
}
