package netsim

import (
	"net/netip"
	"slices"
	"syscall"

	"github.com/goasyncio/asyncio/internal/driver"
)

// A Host is the sockets of one machine: a [driver.Network], and what tells of their
// readiness.
type Host struct {
	net     *Net
	name    string
	addrs   []netip.Addr
	loop    *Link
	down    bool
	side    bool      // of a partition
	stopped bool      // all its links are clogged
	boots   uint32    // how often it was started
	table   []*socket // by number
	lowest  int       // no number below it is free
	ports   map[portKey][]*socket
	port    uint16 // the next that is given to a socket that has none
	files   map[string]*local
	ready   []*socket // in the order of their becoming so
	tell    func()
}

var _ driver.Network = (*Host)(nil)

// Name is the name under which the host is known.
func (h *Host) Name() string { return h.name }

// Addrs is its addresses, without loopback.
func (h *Host) Addrs() []netip.Addr { return slices.Clone(h.addrs) }

// firstNumber is that of the first socket: the three before it are taken on every system.
const firstNumber = 3

// add gives s the lowest free number.
func (h *Host) add(s *socket) int {
	i := h.lowest
	for i < len(h.table) && h.table[i] != nil {
		i++
	}
	if i == len(h.table) {
		h.table = append(h.table, nil)
	}
	h.table[i] = s
	h.lowest = i + 1
	s.fd = i + firstNumber
	return s.fd
}

// remove frees the number of s.
func (h *Host) remove(s *socket) {
	i := s.fd - firstNumber
	h.table[i] = nil
	h.lowest = min(h.lowest, i)
	s.fd = -1
}

func (h *Host) socket(fd int) *socket {
	if i := fd - firstNumber; i >= 0 && i < len(h.table) {
		return h.table[i]
	}
	return nil
}

// Socket implements [driver.Network].
func (h *Host) Socket(k driver.Kind) (int, error) {
	if h.net.strikes(h.net.faults.NoDescriptor, noDescriptor, h) {
		return -1, syscall.EMFILE
	}
	s := h.make(k)
	if s == nil {
		return -1, syscall.ESOCKTNOSUPPORT
	}
	return h.add(s), nil
}

// make is a socket without a number.
func (h *Host) make(k driver.Kind) *socket {
	var s *socket
	ip := k.Family == driver.IPv4 || k.Family == driver.IPv6
	switch {
	case ip && k.Type == driver.Stream:
		s = &h.newTCP().socket
	case ip && k.Type == driver.Datagram:
		s = &newUDP().socket
	case k.Family == driver.Unix && k.Type >= driver.Stream && k.Type <= driver.SeqPacket:
		s = &newLocal().socket
	default:
		return nil
	}
	s.host, s.kind, s.fd, s.linger = h, k, -1, -1
	s.size()
	return s
}

// Adopt implements [driver.Network]: a simulated host has no descriptors from elsewhere.
func (h *Host) Adopt(uintptr) (int, driver.Kind, error) {
	return -1, driver.Kind{}, syscall.EBADF
}

// CloseSocket implements [driver.Network].
func (h *Host) CloseSocket(fd int) error {
	s := h.socket(fd)
	if s == nil {
		return syscall.EBADF
	}
	h.remove(s)
	s.subscribed = 0
	s.release()
	s.proto.close()
	return nil
}
