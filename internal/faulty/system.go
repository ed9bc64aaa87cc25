package faulty

import (
	"io"
	"os"

	"github.com/goasyncio/asyncio/internal/driver"
)

// system is a network that is the system's.
type system struct {
	*network
	inner driver.System
}

func (s *system) Pair(t driver.Type) (a, b int, err error) {
	if out := s.try(Pair, -1, 0); out.Err != nil {
		return -1, -1, out.Err
	}
	a, b, err = s.inner.Pair(t)
	s.opened(a, err)
	s.opened(b, err)
	return a, b, err
}

func (s *system) Take(c io.Closer) (int, driver.Kind, error) {
	if out := s.try(Take, -1, 0); out.Err != nil {
		return -1, driver.Kind{}, out.Err
	}
	fd, k, err := s.inner.Take(c)
	_, err = s.opened(fd, err)
	return fd, k, err
}

func (s *system) File(fd int, name string) (*os.File, error) {
	if out := s.try(File, fd, 0); out.Err != nil {
		return nil, out.Err
	}
	return s.inner.File(fd, name)
}

func (s *system) Duplicate(fd int) (int, error) {
	if out := s.try(Duplicate, fd, 0); out.Err != nil {
		return -1, out.Err
	}
	return s.opened(s.inner.Duplicate(fd))
}

func (s *system) SendFiles(fd int, p []byte, files []int) (int, error) {
	out := s.try(SendFiles, fd, len(p))
	if out.Err != nil {
		return 0, out.Err
	}
	defer s.tell(fd)
	return s.inner.SendFiles(fd, cut(p, out.Max), files)
}

func (s *system) RecvFiles(fd int, p []byte, max int) (int, []int, bool, error) {
	out := s.try(RecvFiles, fd, len(p))
	if out.Err != nil {
		return 0, nil, false, out.Err
	}
	defer s.tell(fd)
	return s.inner.RecvFiles(fd, cut(p, out.Max), max)
}

func (s *system) Credentials(fd int) (driver.Credentials, error) {
	if out := s.try(Credentials, fd, 0); out.Err != nil {
		return driver.Credentials{}, out.Err
	}
	return s.inner.Credentials(fd)
}

// SendFile may be called on a thread.
func (s *system) SendFile(to int, from uintptr, count int) (int, error) {
	out := s.enter(SendFile, to, count)
	if out.Err != nil {
		return 0, out.Err
	}
	if out.Max > 0 {
		count = min(count, out.Max)
	}
	return s.inner.SendFile(to, from, count)
}

func (s *system) Channel() (driver.Channel, error) {
	if out := s.try(Channel, -1, 0); out.Err != nil {
		return nil, out.Err
	}
	c, err := s.inner.Channel()
	if err != nil {
		return nil, err
	}
	return &channel{c, s.network}, nil
}

// channel is one of a system.
type channel struct {
	driver.Channel
	network *network
}

func (c *channel) Fill(from, count int) (int, error) {
	out := c.network.try(Fill, from, count)
	if out.Err != nil {
		return 0, out.Err
	}
	if out.Max > 0 {
		count = min(count, out.Max)
		defer c.network.tell(from)
	}
	return c.Channel.Fill(from, count)
}

// Drain cannot be made shorter: the driver gives what it holds.
func (c *channel) Drain(to int) (int, error) {
	if out := c.network.try(Drain, to, 0); out.Err != nil {
		return 0, out.Err
	}
	return c.Channel.Drain(to)
}
