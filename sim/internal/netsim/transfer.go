package netsim

import (
	"syscall"

	"github.com/goasyncio/asyncio/internal/driver"
)

// Read implements [driver.Network].
func (h *Host) Read(fd int, p []byte) (int, error) {
	s := h.socket(fd)
	switch {
	case s == nil:
		return 0, syscall.EBADF
	case len(p) == 0:
		return 0, nil // without a look, as read(2) has it
	}
	return s.proto.read(p)
}

// Recv implements [driver.Network].
func (h *Host) Recv(fd int, p []byte) (int, error) {
	if s := h.socket(fd); s != nil {
		return s.proto.read(p)
	}
	return 0, syscall.EBADF
}

// Write implements [driver.Network].
func (h *Host) Write(fd int, p []byte) (int, error) {
	if s := h.socket(fd); s != nil {
		return s.proto.write(p)
	}
	return 0, syscall.EBADF
}

// Send implements [driver.Network].
func (h *Host) Send(fd int, p []byte) (int, error) { return h.Write(fd, p) }

// Writev implements [driver.Network].
func (h *Host) Writev(fd int, bufs [][]byte) (int, error) {
	if s := h.socket(fd); s != nil {
		return s.proto.writev(bufs)
	}
	return 0, syscall.EBADF
}

// RecvMsg implements [driver.Network]. There is never anything beside the data.
func (h *Host) RecvMsg(fd int, p, _ []byte) (driver.Message, error) {
	if s := h.socket(fd); s != nil {
		return s.proto.recvMsg(p)
	}
	return driver.Message{}, syscall.EBADF
}

// SendMsg implements [driver.Network]. What is beside the data is refused.
func (h *Host) SendMsg(fd int, p, oob []byte, to driver.Addr) (int, error) {
	s := h.socket(fd)
	switch {
	case s == nil:
		return 0, syscall.EBADF
	case len(oob) > 0:
		return 0, syscall.EOPNOTSUPP
	}
	return s.proto.sendMsg(p, to)
}

// short decides whether a call moves less than the n bytes that it could.
func (s *socket) short(rate float64, f fault, n int) int {
	if n <= 1 || !s.host.net.strikes(rate, f, s.host) {
		return n
	}
	const steps = 16
	return n - 1 - (n-2)*s.host.net.env.Draw(steps, faultNames[f])/(steps-1)
}
