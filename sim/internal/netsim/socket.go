package netsim

import (
	"net/netip"
	"syscall"

	"github.com/goasyncio/asyncio/internal/driver"
)

// A socket is what all of them have in common.
type socket struct {
	proto   proto
	host    *Host
	fd      int // -1 when it was closed
	kind    driver.Kind
	local   netip.AddrPort // as the socket's family writes it
	remote  netip.AddrPort
	err     syscall.Errno // what the next call reports
	bound   bool          // it is in the table of ports
	given   bool          // nobody has asked for its port
	options options
	linger  int // seconds; -1 is off
	in      int // size of the buffer for what has come
	out     int // and for what is to go

	handle     driver.Handle
	subscribed mask // that the poller tells of
	once       bool // it tells one time
	queued     bool // in the host's list of those that are ready
}

// A proto is what makes a socket one of its kind. Its calls are those of
// [driver.Network].
type proto interface {
	bind(a driver.Addr) error
	listen(backlog int) error
	accept() (*socket, driver.Addr, error)
	connect(a driver.Addr) error
	read(p []byte) (int, error)
	write(p []byte) (int, error)
	writev(bufs [][]byte) (int, error)
	recvMsg(p []byte) (driver.Message, error)
	sendMsg(p []byte, to driver.Addr) (int, error)
	shutdown(how driver.How) error
	// close is called when the number is gone already.
	close()
	// vanish is the end of the machine: nobody is told.
	vanish()
	// connected tells whether there is a peer.
	connected() bool
	localAddr() driver.Addr
	peerAddr() driver.Addr
	poll() mask
}

// mask is what a poller knows of a descriptor.
type mask uint8

const (
	readable mask = 1 << iota
	writable
	peerEnded // it will send no more
	hangup    // both directions have ended
	failed
)

// fail is the error that is kept for the next call, which takes it.
func (s *socket) fail() error {
	if err := s.err; err != 0 {
		s.err = 0
		return err
	}
	return nil
}

func ipAddr(a netip.AddrPort) driver.Addr { return driver.Addr{IP: a} }

// SocketError implements [driver.Network].
func (h *Host) SocketError(fd int) error {
	s := h.socket(fd)
	if s == nil {
		return syscall.EBADF
	}
	if err := s.fail(); err != nil {
		return err
	}
	if !s.proto.connected() {
		return syscall.EINPROGRESS
	}
	return nil
}

// LocalAddr implements [driver.Network].
func (h *Host) LocalAddr(fd int) (driver.Addr, error) {
	s := h.socket(fd)
	if s == nil {
		return driver.Addr{}, syscall.EBADF
	}
	return s.proto.localAddr(), nil
}

// PeerAddr implements [driver.Network].
func (h *Host) PeerAddr(fd int) (driver.Addr, error) {
	s := h.socket(fd)
	switch {
	case s == nil:
		return driver.Addr{}, syscall.EBADF
	case !s.proto.connected():
		return driver.Addr{}, syscall.ENOTCONN
	}
	return s.proto.peerAddr(), nil
}

// Bind implements [driver.Network].
func (h *Host) Bind(fd int, a driver.Addr) error {
	if s := h.socket(fd); s != nil {
		return s.proto.bind(a)
	}
	return syscall.EBADF
}

// Listen implements [driver.Network].
func (h *Host) Listen(fd, backlog int) error {
	if s := h.socket(fd); s != nil {
		return s.proto.listen(backlog)
	}
	return syscall.EBADF
}

// Connect implements [driver.Network].
func (h *Host) Connect(fd int, a driver.Addr) error {
	if s := h.socket(fd); s != nil {
		return s.proto.connect(a)
	}
	return syscall.EBADF
}

// Accept implements [driver.Network].
func (h *Host) Accept(fd int) (int, driver.Addr, error) {
	s := h.socket(fd)
	if s == nil {
		return -1, driver.Addr{}, syscall.EBADF
	}
	conn, peer, err := s.proto.accept()
	if err != nil {
		return -1, driver.Addr{}, err
	}
	return h.add(conn), peer, nil
}

// Shutdown implements [driver.Network].
func (h *Host) Shutdown(fd int, how driver.How) error {
	if s := h.socket(fd); s != nil {
		return s.proto.shutdown(how)
	}
	return syscall.EBADF
}
