package netsim

import (
	"net/netip"
	"syscall"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// A tcp is a socket for connections: one that listens, or one end of a connection.
type tcp struct {
	socket
	state      state
	connecting bool // Connect has not yet told the outcome
	spoilt     bool // it was shut down after it had failed to connect
	ended      bool // the peer has said that it will send no more
	orphan     bool // the program has closed it
	gone       bool // and the machine has forgotten it: what comes for it is answered by a reset
	noRead     bool // shut down by the program, or the end
	noWrite    bool
	peer       *tcp
	send       flow     // what goes to the peer; that of the peer is what comes
	backlog    *backlog // of one that listens
	dial       *attempt // while it connects
	keep       *keeper  // while its peer may be dead
	active     driver.Instant
	boot       uint32 // of the host, when it was made
}

type state uint8

const (
	closed state = iota
	listening
	synSent
	synReceived
	established
)

func (h *Host) newTCP() *tcp {
	t := &tcp{boot: h.boots}
	t.proto = t
	t.send.from = t
	return t
}

// coming is what the peer sends. It is there only with a peer.
func (t *tcp) coming() *flow { return &t.peer.send }

// bind implements proto.
func (t *tcp) bind(a driver.Addr) error { return t.bindIP(a) }

// connected implements proto.
func (t *tcp) connected() bool {
	return t.peer != nil && t.remote.IsValid() && (t.state == established || t.state == synReceived)
}

// localAddr implements proto.
func (t *tcp) localAddr() driver.Addr { return ipAddr(t.orUnspecified(t.local)) }

func (t *tcp) peerAddr() driver.Addr { return ipAddr(t.remote) }

// orUnspecified is what the address of a socket is before it has one.
func (s *socket) orUnspecified(a netip.AddrPort) netip.AddrPort {
	switch {
	case a.IsValid():
		return a
	case s.kind.Family == driver.IPv4:
		return netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
	}
	return netip.AddrPortFrom(netip.IPv6Unspecified(), 0)
}

// poll implements proto.
func (t *tcp) poll() (b mask) {
	if t.state == listening {
		if t.backlog.first < len(t.backlog.waiting) {
			b = readable
		}
		return b
	}
	if t.noRead {
		b |= readable | peerEnded
	}
	if t.noRead && t.noWrite || t.state == closed {
		b |= hangup
	}
	if t.err != 0 {
		b |= failed
	}
	if t.state == synSent {
		return b
	}
	if t.peer != nil && t.coming().ready() > 0 {
		b |= readable
	}
	if t.noWrite || t.send.roomy() {
		b |= writable
	} else {
		t.send.lack()
	}
	return b
}

// reset ends t because of err, in the middle of everything. What has come can still be
// read; what was to go is lost.
func (t *tcp) reset(err syscall.Errno) {
	if t.gone {
		return
	}
	if t.state == synReceived {
		t.forget()
	}
	t.err = err
	t.die()
	t.notify()
}

// dead tells that the machine has no such connection, or has been started anew since.
func (t *tcp) dead() bool { return t.gone || t.boot != t.host.boots }

// die makes the machine forget the connection.
func (t *tcp) die() {
	t.state, t.gone = closed, true
	t.returnPort()
	t.noRead, t.noWrite = true, true
	t.send.stop()
	t.keep.stop()
	t.keep = nil
	if t.peer != nil && !t.send.parted {
		t.peer.suspect()
	}
}

// returnPort gives back a port that nobody has asked for. Its number can still be seen.
func (t *tcp) returnPort() {
	if t.given {
		t.release()
	}
}

// vanish implements proto.
func (t *tcp) vanish() {
	if t.dial != nil {
		t.dial.stop()
	}
	t.backlog = nil
	t.die()
	t.dropComing()
}

// dropComing frees what nobody will read.
func (t *tcp) dropComing() {
	if t.peer != nil {
		t.coming().buf.drop(&t.host.net.pool)
	}
}

// close implements proto.
func (t *tcp) close() {
	t.orphan = true
	switch t.state {
	case listening:
		t.closeBacklog()
		t.die()
	case synSent:
		t.dial.stop()
		t.die()
	case established:
		t.closeConnection()
	default:
		t.die()
	}
}

// closeConnection says goodbye: politely, if everything was read and the linger time
// is not 0.
func (t *tcp) closeConnection() {
	unread := t.coming().ready() > 0
	t.dropComing()
	if unread || t.linger == 0 {
		t.sendReset()
		t.die()
		return
	}
	t.noRead = true
	t.endWriting()
}

// sendReset tells the peer that the connection is no more.
func (t *tcp) sendReset() {
	t.host.net.event(simenv.Reset, t.host, t.peer.host, "", 0, 0)
	t.send.discard()
	t.send.transmit(segment{start: t.send.arrived, end: t.send.arrived, kind: resetting})
}

// shutdown implements proto.
func (t *tcp) shutdown(how driver.How) error {
	read, write := how != driver.ShutWrite, how != driver.ShutRead
	switch t.state {
	case closed:
		t.noRead, t.noWrite = t.noRead || read, t.noWrite || write
		t.connecting, t.spoilt = false, t.spoilt || t.connecting
		t.notify()
		return syscall.ENOTCONN
	case listening:
		if read {
			t.closeBacklog()
			t.state, t.backlog = closed, nil
			t.noRead, t.noWrite = false, false
			t.returnPort()
			t.notify()
		}
		return nil
	case synSent:
		t.dial.stop()
		t.dial, t.state, t.connecting = nil, closed, false
		t.noRead, t.noWrite = false, false
		t.returnPort()
		t.notify()
		return nil
	}
	t.noRead = t.noRead || read
	if write {
		t.endWriting()
	}
	t.notify()
	return nil
}

// endWriting sends the end of the stream, when what was written before has gone.
func (t *tcp) endWriting() {
	if t.noWrite {
		return
	}
	t.noWrite = true
	t.send.ending = true
	t.send.push()
}

// finish is called when an end has arrived: with both ends there is nothing more.
func (t *tcp) finish() {
	if t.send.ended && t.peer.send.ended {
		t.state, t.peer.state = closed, closed
		for _, e := range [...]*tcp{t, t.peer} {
			if !e.gone {
				e.die()
			}
		}
	}
}
