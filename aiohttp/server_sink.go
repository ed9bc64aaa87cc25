package aiohttp

import (
	"fmt"
)

// A sink is the connection as its bufio.Writer sees it.
type sink struct {
	conn    *serverConn
	writing bool  // a task waits in Write: the buffer above must be left alone
	err     error // nothing can be written any more
}

// Write ends the request's context where it fails: nobody reads the response.
func (s *sink) Write(p []byte) (int, error) {
	s.writing = true
	n, err := s.conn.stream.Write(p)
	s.writing = false
	if err != nil && s.err == nil {
		s.err = err
		if x := s.conn.response; x != nil {
			x.cancel(fmt.Errorf("aiohttp: the response could not be sent: %w", err))
		}
	}
	return n, err
}
