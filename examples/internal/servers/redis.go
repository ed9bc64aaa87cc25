package servers

import (
	"context"
	"path/filepath"

	"github.com/goasyncio/asyncio/aioexec"
	"github.com/goasyncio/asyncio/aionet"
)

// Redis starts a Redis that keeps nothing on the disk. The caller must call Stop.
func Redis(ctx context.Context) (*Server, error) {
	path, err := Find("redis-server", "redis-server")
	if err != nil {
		return nil, err
	}
	s, err := newServer("redis")
	if err != nil {
		return nil, err
	}
	s.Socket = filepath.Join(s.Dir, "socket")
	cmd := aioexec.Command(path, "--port", "0", "--unixsocket", s.Socket, "--dir", s.Dir, "--save", "", "--appendonly", "no")
	if err := s.start(ctx, cmd, s.accepts); err != nil {
		s.Stop(ctx)
		return nil, err
	}
	return s, nil
}

// accepts is nil where the socket takes a connection.
func (s *Server) accepts(ctx context.Context) error {
	c, err := aionet.Dial(ctx, "unix", s.Socket)
	if err != nil {
		return err
	}
	return c.Close()
}
