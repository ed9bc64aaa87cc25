package netsim

import (
	"syscall"

	"github.com/goasyncio/asyncio/internal/driver"
)

// read implements proto.
func (l *local) read(p []byte) (int, error) {
	m, err := l.recvMsg(p)
	return m.N, err
}

// recvMsg implements proto.
func (l *local) recvMsg(p []byte) (driver.Message, error) {
	pool := &l.host.net.pool
	switch stream := l.kind.Type == driver.Stream; {
	case stream && l.state != established:
		return driver.Message{}, syscall.EINVAL
	case l.kind.Type == driver.SeqPacket && l.state != established:
		return driver.Message{}, syscall.ENOTCONN
	case stream && l.bytes.len() > 0:
		return driver.Message{N: l.readSome(p)}, nil
	case stream && len(p) == 0:
		return driver.Message{}, nil
	}
	if err := l.fail(); err != nil {
		return driver.Message{}, err
	}
	if !l.packets.empty() {
		m := l.packets.take(pool, p)
		l.uncrowd()
		return m, nil
	}
	if l.noRead && l.kind.Type != driver.Datagram {
		return driver.Message{}, nil
	}
	return driver.Message{}, syscall.EAGAIN
}

func (l *local) readSome(p []byte) int {
	n := l.host.net
	could := min(l.bytes.len(), len(p))
	k := l.short(n.faults.ShortRead, shortRead, could)
	l.bytes.read(&n.pool, p[:k], k)
	if k < could {
		l.notify()
	}
	l.peer.credit(k)
	return k
}

// write implements proto.
func (l *local) write(p []byte) (int, error) { return l.sendMsg(p, driver.Addr{}) }

// writev implements proto.
func (l *local) writev(bufs [][]byte) (int, error) { return l.write(join(bufs)) }

// sendMsg implements proto.
func (l *local) sendMsg(p []byte, to driver.Addr) (int, error) {
	if l.kind.Type == driver.Datagram {
		return l.post(p, to)
	}
	named := to != (driver.Addr{})
	switch {
	case l.kind.Type == driver.Stream && named && l.state == established:
		return 0, syscall.EISCONN
	case l.kind.Type == driver.Stream && named:
		return 0, syscall.EOPNOTSUPP
	case l.peer == nil:
		return 0, syscall.ENOTCONN
	case l.kind.Type == driver.SeqPacket:
		return l.packet(p)
	case l.noWrite, l.peer.noRead:
		return 0, syscall.EPIPE
	case len(p) == 0:
		return 0, nil
	}
	return l.writeSome(p)
}

func (l *local) writeSome(p []byte) (int, error) {
	room := l.out - l.used
	if room <= 0 {
		l.full = true
		return 0, syscall.EAGAIN
	}
	n := l.host.net
	could := min(room, len(p))
	k := l.short(n.faults.ShortWrite, shortWrite, could)
	l.peer.bytes.write(&n.pool, p[:k])
	l.used += k
	l.peer.notify()
	if k < could {
		l.notify()
	} else if k < len(p) {
		l.full = true
	}
	return k, nil
}

// packet sends one to the peer of a connection.
func (l *local) packet(p []byte) (int, error) {
	if err := l.fits(p); err != nil {
		return 0, err
	}
	if l.noWrite || l.peer.noRead {
		return 0, syscall.EPIPE
	}
	l.give(l.peer, p)
	return len(p), nil
}

// fits tells whether there is room for a packet, and whether there ever is.
func (l *local) fits(p []byte) error {
	const header = 32
	switch {
	case len(p) > l.out-header:
		return syscall.EMSGSIZE
	case l.err != 0:
		return l.fail()
	case l.noWrite:
		return syscall.EPIPE
	case l.used >= l.out:
		l.full = true
		return syscall.EAGAIN
	}
	return nil
}

// give puts a packet into another's inbox.
func (l *local) give(to *local, p []byte) {
	d := datagram{data: append(l.host.net.pool.get(max(len(p), 1)), p...), owner: l}
	if l.kind.Type == driver.Datagram && l.named {
		d.from = l.localAddr()
	}
	l.used += each + len(p)
	to.packets.add(d)
	to.notify()
}

// mostPackets is how many an inbox of datagrams takes.
const mostPackets = 11

func (l *local) crowded() bool { return len(l.packets.list)-l.packets.head >= mostPackets }

// await notes that w is to be told when there is room.
func (l *local) await(w *local) {
	for _, o := range l.waiting {
		if o == w {
			return
		}
	}
	l.waiting = append(l.waiting, w)
}

// uncrowd tells those who wait for room.
func (l *local) uncrowd() {
	if l.kind.Type != driver.Datagram || len(l.waiting) == 0 {
		return
	}
	waiting := l.waiting
	l.waiting = nil
	for _, w := range waiting {
		w.notify()
	}
}

// choose is connect for datagrams: it names the peer.
func (l *local) choose(a driver.Addr) error {
	to, err := l.find(a)
	if err != nil {
		return err
	}
	if !to.takes(l) {
		return syscall.EPERM
	}
	if l.peer != to {
		l.leave()
	}
	l.peer, l.state = to, established
	return nil
}

// leave ends what a socket for datagrams had with its peer: what it has not read is gone,
// and a peer that had it for his own is told.
func (l *local) leave() {
	old := l.peer
	if old == nil {
		return
	}
	l.peer, l.state = nil, closed
	if l.packets.empty() {
		return
	}
	l.empty()
	l.uncrowd()
	if old.fd >= 0 && old.peer == l {
		old.err = syscall.ECONNRESET
		old.notify()
	}
}

// takes tells that l has no other peer than from.
func (l *local) takes(from *local) bool { return l.peer == nil || l.peer == from }

// post sends a datagram.
func (l *local) post(p []byte, a driver.Addr) (int, error) {
	to := l.peer
	if a != (driver.Addr{}) {
		var err error
		if to, err = l.find(a); err != nil {
			return 0, err
		}
	}
	if err := l.fits(p); err != nil {
		return 0, err
	}
	switch {
	case to == nil:
		return 0, syscall.ENOTCONN
	case to.fd < 0:
		if to == l.peer {
			l.leave()
		}
		return 0, syscall.ECONNREFUSED
	case !to.takes(l):
		return 0, syscall.EPERM
	case to.noRead:
		return 0, syscall.EPIPE
	case to != l && to.peer != l && to.crowded():
		if to == l.peer {
			to.await(l)
		}
		return 0, syscall.EAGAIN
	}
	l.give(to, p)
	return len(p), nil
}
