package fast

import "crypto/tls"

// secured is a connection over TLS: fasthttp asks it for what the handshake, which is
// over, has agreed on.
type secured struct {
	*conn
	state tls.ConnectionState
}

// Handshake has nothing left to do.
func (s *secured) Handshake() error { return nil }

func (s *secured) ConnectionState() tls.ConnectionState { return s.state }
