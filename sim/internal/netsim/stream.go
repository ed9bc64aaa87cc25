package netsim

import (
	"syscall"

	"github.com/goasyncio/asyncio/internal/driver"
)

// read implements proto.
func (t *tcp) read(p []byte) (int, error) {
	if t.state == listening {
		return 0, syscall.ENOTCONN
	}
	if t.peer != nil && t.coming().ready() > 0 {
		return t.readSome(p), nil
	}
	switch err := t.err; {
	case t.ended:
		return 0, nil
	case err != 0:
		return 0, t.fail()
	case t.noRead:
		return 0, nil
	case t.state == closed:
		return 0, syscall.ENOTCONN
	}
	return 0, syscall.EAGAIN
}

func (t *tcp) readSome(p []byte) int {
	f, n := t.coming(), t.host.net
	could := min(f.ready(), len(p))
	k := t.short(n.faults.ShortRead, shortRead, could)
	f.buf.read(&n.pool, p[:k], k)
	f.read += uint64(k)
	if k < could {
		t.notify() // who got less than it asked for waits for that
	}
	if !f.from.dead() {
		f.news()
	}
	return k
}

// write implements proto.
func (t *tcp) write(p []byte) (int, error) {
	if err := t.writeError(); err != nil {
		return 0, err
	}
	if len(p) == 0 {
		return 0, nil
	}
	f, n := &t.send, t.host.net
	room := f.room()
	if room == 0 {
		f.lack()
		return 0, syscall.EAGAIN
	}
	could := min(room, len(p))
	k := t.short(n.faults.ShortWrite, shortWrite, could)
	f.buf.write(&n.pool, p[:k])
	f.written += uint64(k)
	f.push()
	switch {
	case k < could:
		t.notify()
	case could < len(p):
		f.lack()
	case 2*k > room && f.arrived > f.acked && !f.to().dead():
		f.acknowledge() // before the writer has to wait for it
	}
	return k, nil
}

// lack notes that the writer may have to wait for room.
func (f *flow) lack() {
	f.full = true
	if t := f.to(); t != nil && !t.dead() {
		f.news()
	}
}

// writeError tells why nothing can be written.
func (t *tcp) writeError() error {
	switch {
	case t.state == synSent && t.err == 0:
		return syscall.EAGAIN
	case t.err != 0:
		return t.fail()
	case t.state != established || t.noWrite:
		return syscall.EPIPE
	}
	return nil
}

// writev implements proto: what fits goes in one packet.
func (t *tcp) writev(bufs [][]byte) (total int, err error) {
	t.send.corked = true
	defer func() {
		t.send.corked = false
		t.send.push()
	}()
	for _, p := range bufs {
		if len(p) == 0 {
			continue
		}
		n, err := t.write(p)
		total += n
		if err != nil && total == 0 {
			return 0, err
		}
		if err != nil || n < len(p) {
			break
		}
	}
	if total == 0 {
		return 0, t.writeError()
	}
	return total, nil
}

// recvMsg implements proto: of a stream it is a read.
func (t *tcp) recvMsg(p []byte) (driver.Message, error) {
	n, err := t.read(p)
	return driver.Message{N: n}, err
}

// sendMsg implements proto. A stream ignores where to, once it is connected.
func (t *tcp) sendMsg(p []byte, to driver.Addr) (int, error) {
	if to != (driver.Addr{}) && t.peer != nil {
		return 0, syscall.EISCONN
	}
	return t.write(p)
}
