package netsim

import (
	"fmt"
	"syscall"

	"github.com/goasyncio/asyncio/internal/driver"
)

// A local is a Unix socket. It reaches sockets of its own host alone, at once, and nothing
// is lost on the way. Its name is in a table of the host, also where it is a path: there
// is no file, and the name goes with the socket.
type local struct {
	socket
	name    string
	named   bool
	state   state // closed, listening, established
	peer    *local
	bytes   queue    // what has come, of a stream
	packets inbox    // of another kind
	used    int      // of the own buffer, by what nobody has read
	full    bool     // a writer waits for room
	waiting []*local // connections that nobody has accepted, or writers that wait for this inbox
	most    int
	noRead  bool
	noWrite bool
}

func newLocal() *local {
	l := new(local)
	l.proto = l
	return l
}

// longestName is that of a path, by the size of its place in an address.
const longestName = 108

// bind implements proto. No name stands for one that nobody has.
func (l *local) bind(a driver.Addr) error {
	files := l.host.files
	switch {
	case !a.Unix, len(a.Name) > longestName:
		return syscall.EINVAL
	case a.Name == "" && l.named:
		return nil
	case a.Name == "":
		for i := 0; ; i++ {
			if a.Name = fmt.Sprintf("\x00%05x", i); files[a.Name] == nil {
				break
			}
		}
	case files[a.Name] != nil:
		return syscall.EADDRINUSE
	case l.named:
		return syscall.EINVAL
	}
	l.name, l.named = a.Name, true
	files[a.Name] = l
	return nil
}

// find is the socket of a name, or why there is none.
func (l *local) find(a driver.Addr) (*local, error) {
	if !a.Unix || a.Name == "" || len(a.Name) > longestName {
		return nil, syscall.EINVAL
	}
	to := l.host.files[a.Name]
	switch {
	case to == nil && a.Name[0] == 0:
		return nil, syscall.ECONNREFUSED
	case to == nil:
		return nil, syscall.ENOENT
	case to.kind.Type != l.kind.Type && a.Name[0] == 0:
		return nil, syscall.ECONNREFUSED // another name space
	case to.kind.Type != l.kind.Type:
		return nil, syscall.EPROTOTYPE
	}
	return to, nil
}

// listen implements proto.
func (l *local) listen(n int) error {
	switch {
	case l.kind.Type == driver.Datagram:
		return syscall.EOPNOTSUPP
	case !l.named, l.state == established:
		return syscall.EINVAL
	}
	if n < 0 || n > mostBacklog {
		n = mostBacklog
	}
	l.state, l.most = listening, n
	return nil
}

// connect implements proto. A connection is there at once.
func (l *local) connect(a driver.Addr) error {
	if l.kind.Type == driver.Datagram {
		return l.choose(a)
	}
	to, err := l.find(a)
	switch {
	case err != nil:
		return err
	case to.state != listening, to.noRead:
		return syscall.ECONNREFUSED
	case len(to.waiting) > to.most:
		return syscall.EAGAIN
	case l.state == established:
		return syscall.EISCONN
	case l.state != closed:
		return syscall.EINVAL
	}
	c := newLocal()
	c.host, c.kind, c.fd, c.linger = l.host, l.kind, -1, -1
	c.size()
	c.name, c.peer, c.state = to.name, l, established
	l.peer, l.state = c, established
	to.waiting = append(to.waiting, c)
	l.notify()
	to.notify()
	return nil
}

// accept implements proto.
func (l *local) accept() (*socket, driver.Addr, error) {
	n := l.host.net
	switch {
	case l.kind.Type == driver.Datagram:
		return nil, driver.Addr{}, syscall.EOPNOTSUPP
	case l.state != listening:
		return nil, driver.Addr{}, syscall.EINVAL
	case len(l.waiting) == 0:
		return nil, driver.Addr{}, syscall.EAGAIN
	case n.strikes(n.faults.NoDescriptor, noDescriptor, l.host):
		l.notify()
		return nil, driver.Addr{}, syscall.EMFILE
	}
	c := l.waiting[0]
	l.waiting = l.waiting[1:]
	return &c.socket, c.peerAddr(), nil
}

// connected implements proto.
func (l *local) connected() bool { return l.peer != nil }

func (l *local) localAddr() driver.Addr { return driver.Addr{Unix: true, Name: l.name} }

// peerAddr is the peer's name, also when he is gone.
func (l *local) peerAddr() driver.Addr {
	if l.peer == nil {
		return driver.Addr{Unix: true}
	}
	return l.peer.localAddr()
}

// poll implements proto.
func (l *local) poll() (m mask) {
	if l.err != 0 {
		m |= failed
	}
	if l.noRead {
		m |= readable | peerEnded
	}
	if l.noRead && l.noWrite || l.kind.Type != driver.Datagram && l.state == closed {
		m |= hangup
	}
	if l.bytes.len() > 0 || !l.packets.empty() || l.state == listening && len(l.waiting) > 0 {
		m |= readable
	}
	switch {
	case l.state == listening:
	case 4*l.used > l.out:
		l.full = true
	case l.kind.Type == driver.Datagram && l.peer != nil && l.peer.peer != l && l.peer.crowded():
		l.peer.await(l)
	default:
		m |= writable
	}
	return m
}

// credit gives room back to a writer.
func (l *local) credit(n int) {
	if l.used -= n; l.full && 4*l.used <= l.out {
		l.full = false
		l.notify()
	}
}

// shutdown implements proto.
func (l *local) shutdown(how driver.How) error {
	read, write := how != driver.ShutWrite, how != driver.ShutRead
	l.noRead, l.noWrite = l.noRead || read, l.noWrite || write
	if p := l.peer; p != nil && l.kind.Type != driver.Datagram {
		p.noRead, p.noWrite = p.noRead || write, p.noWrite || read
		p.notify()
	}
	l.notify()
	return nil
}

// close implements proto. The peer of a connection is told, by an error if something was
// not read.
func (l *local) close() {
	if l.named && l.host.files[l.name] == l {
		delete(l.host.files, l.name)
	}
	waiting, unread := l.waiting, l.bytes.len() > 0 || !l.packets.empty()
	l.waiting = nil
	l.empty()
	for _, w := range waiting {
		if l.state == listening {
			w.hangUp(true)
			w.empty()
		} else {
			w.notify()
		}
	}
	if l.kind.Type != driver.Datagram && l.peer != nil {
		l.hangUp(unread)
	}
	l.noRead, l.noWrite, l.fd = true, true, -1
	l.state = closed
}

// hangUp tells the peer of a connection that it is over.
func (l *local) hangUp(unread bool) {
	p := l.peer
	if unread {
		p.err = syscall.ECONNRESET
	}
	p.noRead, p.noWrite = true, true
	p.notify()
}

// empty drops what nobody will read.
func (l *local) empty() {
	m := &l.host.net.pool
	if n := l.bytes.len(); n > 0 {
		l.bytes.drop(m)
		l.peer.credit(n)
	}
	for !l.packets.empty() {
		l.packets.take(m, nil)
	}
}

// vanish implements proto. All that could hear of it vanishes as well.
func (l *local) vanish() {}
