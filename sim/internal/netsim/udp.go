package netsim

import (
	"net/netip"
	"syscall"

	"github.com/goasyncio/asyncio/internal/driver"
)

// A udp is a socket for datagrams.
type udp struct {
	socket
	inbox   inbox
	noRead  bool
	noWrite bool
}

// A datagram is one that has come.
type datagram struct {
	data  []byte
	from  driver.Addr
	owner *local // whose buffer it takes, of a Unix socket
}

// An inbox is datagrams that nobody has read.
type inbox struct {
	list []datagram
	head int
	size int // with what each of them costs besides
}

// each is what a datagram costs besides its bytes.
const each = 256

func (b *inbox) empty() bool { return b.head == len(b.list) }

func (b *inbox) add(d datagram) {
	b.list = append(b.list, d)
	b.size += each + len(d.data)
}

// take copies the first to p.
func (b *inbox) take(m *pool, p []byte) driver.Message {
	d := b.list[b.head]
	b.list[b.head] = datagram{}
	if b.head++; b.head == len(b.list) {
		b.list, b.head = b.list[:0], 0
	}
	b.size -= each + len(d.data)
	n := copy(p, d.data)
	m.put(d.data)
	if d.owner != nil {
		d.owner.credit(each + len(d.data))
	}
	return driver.Message{N: n, Truncated: n < len(d.data), From: d.from}
}

func newUDP() *udp {
	u := new(udp)
	u.proto = u
	return u
}

// bind implements proto.
func (u *udp) bind(a driver.Addr) error { return u.bindIP(a) }

// listen implements proto.
func (u *udp) listen(int) error { return syscall.EOPNOTSUPP }

// accept implements proto.
func (u *udp) accept() (*socket, driver.Addr, error) {
	return nil, driver.Addr{}, syscall.EOPNOTSUPP
}

// connect implements proto: it names the peer.
func (u *udp) connect(a driver.Addr) error {
	to, err := u.destination(a)
	if err != nil {
		return err
	}
	if to.Addr() == broadcast && !u.options.has(driver.Broadcast) {
		return syscall.EACCES
	}
	if err := u.source(to.Addr()); err != nil {
		return err
	}
	u.remote = to
	return nil
}

// connected implements proto.
func (u *udp) connected() bool { return u.remote.IsValid() }

func (u *udp) localAddr() driver.Addr { return ipAddr(u.orUnspecified(u.local)) }

func (u *udp) peerAddr() driver.Addr { return ipAddr(u.remote) }

// poll implements proto. It is always writable: what a link cannot take is lost.
func (u *udp) poll() mask {
	m := writable
	if !u.inbox.empty() {
		m |= readable
	}
	if u.noRead {
		m |= readable | peerEnded
	}
	if u.noRead && u.noWrite {
		m |= hangup
	}
	if u.err != 0 {
		m |= failed
	}
	return m
}

// recvMsg implements proto.
func (u *udp) recvMsg(p []byte) (driver.Message, error) {
	if err := u.fail(); err != nil {
		return driver.Message{}, err
	}
	if u.inbox.empty() {
		return driver.Message{}, syscall.EAGAIN
	}
	return u.inbox.take(&u.host.net.pool, p), nil
}

// read implements proto.
func (u *udp) read(p []byte) (int, error) {
	m, err := u.recvMsg(p)
	return m.N, err
}

// write implements proto.
func (u *udp) write(p []byte) (int, error) { return u.sendMsg(p, driver.Addr{}) }

// writev implements proto: all of it is one datagram.
func (u *udp) writev(bufs [][]byte) (int, error) { return u.write(join(bufs)) }

func join(bufs [][]byte) (all []byte) {
	for _, b := range bufs {
		all = append(all, b...)
	}
	return all
}

// longest is the most that fits into a datagram, behind the headers of both protocols.
const longest = 65507

// broadcast is every host of the network.
var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// sendMsg implements proto.
func (u *udp) sendMsg(p []byte, to driver.Addr) (int, error) {
	if err := u.name(); err != nil {
		return 0, err
	}
	dst, err := u.addressee(to)
	switch {
	case len(p) > longest:
		return 0, syscall.EMSGSIZE
	case err != nil:
		return 0, err
	case dst.Port() == 0:
		return 0, syscall.EINVAL
	case dst.Addr() == broadcast && !u.options.has(driver.Broadcast):
		return 0, syscall.EACCES
	}
	from, err := u.sender(dst.Addr())
	if err != nil {
		return 0, err
	}
	if err := u.fail(); err != nil {
		return 0, err
	}
	if u.noWrite {
		return 0, syscall.EPIPE
	}
	u.route(p, from, dst)
	return len(p), nil
}

// name gives a socket that has no port one, but no address.
func (u *udp) name() error {
	if !u.bound && u.take(u.orUnspecified(u.local)) != nil {
		return syscall.EAGAIN
	}
	return nil
}

// addressee is where a datagram goes. What is sent may have an address of IPv4 where a
// connection may not.
func (u *udp) addressee(to driver.Addr) (netip.AddrPort, error) {
	if to == (driver.Addr{}) {
		if !u.remote.IsValid() {
			return u.remote, syscall.EDESTADDRREQ
		}
		return u.remote, nil
	}
	if ip := to.IP.Addr(); ip.Is4() && u.kind.Family == driver.IPv6 {
		to.IP = netip.AddrPortFrom(netip.AddrFrom16(ip.As16()), to.IP.Port())
	}
	return u.destination(to)
}

// sender is the address from which a datagram to ip goes.
func (u *udp) sender(ip netip.Addr) (netip.AddrPort, error) {
	own := u.local.Addr()
	if own.IsUnspecified() {
		own = u.host.sourceFor(ip)
	}
	switch {
	case !own.IsValid(), own.Unmap().Is4() != ip.Unmap().Is4():
		return u.local, syscall.ENETUNREACH
	case own.Unmap().IsLoopback() && u.host.route(ip) != u.host:
		return u.local, syscall.EINVAL
	}
	return netip.AddrPortFrom(own, u.local.Port()), nil
}

// shutdown implements proto.
func (u *udp) shutdown(how driver.How) error {
	u.noRead = u.noRead || how != driver.ShutWrite
	u.noWrite = u.noWrite || how != driver.ShutRead
	u.notify()
	if !u.remote.IsValid() {
		return syscall.ENOTCONN
	}
	return nil
}

// close implements proto.
func (u *udp) close() { u.inbox = inbox{} }

// vanish implements proto.
func (u *udp) vanish() { u.close() }
