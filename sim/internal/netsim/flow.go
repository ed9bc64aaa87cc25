package netsim

import (
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// A flow is one direction of a connection. Its bytes are counted from the first: those
// before read have been read, those before arrived can be, those before sent are under
// way or lost, and those before written wait for room at the other end.
//
// The sender knows of the receiver what the receiver has told, with packets of its own or
// beside data that goes the other way: so far acked has arrived, and so far limit may be
// sent. To save packets that would change nothing, the receiver tells only where the
// sender lacks room.
type flow struct {
	from *tcp
	buf  queue // from read to written

	read, arrived, sent, written uint64
	acked, limit                 uint64

	under    segments // way
	last     driver.Instant
	flying   bool // arrive will be called
	full     bool // the writer waits for room
	corked   bool // more is coming
	waiting  bool // nothing goes until again is called
	held     bool // nothing goes until a clog ends
	owed     bool // a packet goes even if it is empty
	ending   bool // after written comes the end
	endSent  bool
	ended    bool // it has arrived
	acking   bool // onAck will be called
	parted   bool // a reset is on its way
	tries    uint8
	ackTo    uint64
	ackLimit uint64
	timer    simenv.Timer // of again

	arrive, again, onAck func()
}

// A segment is a packet under way.
type segment struct {
	start, end uint64
	ack, limit uint64 // of the other direction
	at         driver.Instant
	id         uint64
	kind       segmentKind
}

type segmentKind uint8

const (
	plain     segmentKind = iota
	final                 // the end of the stream comes with it
	resetting             // the connection is no more
)

// segments are packets in the order in which they arrive.
type segments struct {
	list []segment
	head int
}

func (s *segments) push(x segment) { s.list = append(s.list, x) }

func (s *segments) first() *segment {
	if s.head < len(s.list) {
		return &s.list[s.head]
	}
	return nil
}

func (s *segments) pop() segment {
	x := s.list[s.head]
	if s.head++; s.head == len(s.list) {
		s.head, s.list = 0, s.list[:0]
	}
	return x
}

func (f *flow) to() *tcp  { return f.from.peer }
func (f *flow) net() *Net { return f.from.host.net }

// way and back are the links of the packets, and of what is told about them.
func (f *flow) way() *Link  { return f.net().link(f.from.host, f.to().host) }
func (f *flow) back() *Link { return f.net().link(f.to().host, f.from.host) }

// ready is how much can be read.
func (f *flow) ready() int { return int(f.arrived - f.read) }

// room is how much can be written.
func (f *flow) room() int { return max(0, f.from.out-int(f.written-f.acked)) }

// roomy tells that a writer who found no room should try again: not for every byte.
func (f *flow) roomy() bool { return 3*int(f.written-f.acked) <= 2*f.from.out }

// push sends what may be sent.
func (f *flow) push() {
	if f.waiting || f.held || f.corked || f.from.dead() || f.to() == nil {
		return
	}
	end := max(f.sent, min(f.written, f.limit))
	s := segment{start: f.sent, end: end}
	if f.ending && end == f.written && !f.endSent {
		s.kind = final
	}
	if end > f.sent || s.kind == final || f.owed {
		f.transmit(s)
	}
	if f.sent < f.written {
		f.news() // the other end may have made room meanwhile
	}
}

// transmit puts a packet on its way.
func (f *flow) transmit(s segment) {
	n, l := f.net(), f.way()
	n.weather(l)
	if l.Clogged() {
		f.hold(l, s)
		return
	}
	if s.kind != resetting {
		n.breaks(f)
	}
	size := int(s.end - s.start)
	n.packet++
	s.id = n.packet
	n.event(simenv.Sent, l.from, l.to, s.kind.String(), s.id, size)
	if l.drops() {
		n.event(simenv.Dropped, l.from, l.to, s.kind.String(), s.id, size)
		f.lose()
		f.to().suspect() // the last word may be lost
		return
	}
	if s.kind == resetting {
		f.parted = true
	} else {
		f.sent, f.endSent, f.owed = s.end, f.endSent || s.kind == final, false
	}
	other := &f.to().send
	s.ack, s.limit = other.arrived, other.window()
	f.last = max(f.last, n.now().Add(l.delay(size)))
	s.at = f.last
	f.under.push(s)
	f.fly()
}

// fly makes arrive be called for the first packet under way.
func (f *flow) fly() {
	s := f.under.first()
	if f.flying || s == nil {
		return
	}
	if f.arrive == nil {
		f.arrive = f.arrival
	}
	f.flying = true
	f.net().env.After(s.at.Sub(f.net().now()), "packet", f.arrive)
}

// hold keeps a packet until the clog of its link ends.
func (f *flow) hold(l *Link, s segment) {
	if s.kind == resetting {
		f.parted = true
		l.held = append(l.held, func() { f.transmit(s) })
		return
	}
	f.held = true
	l.held = append(l.held, func() {
		f.held = false
		f.push()
	})
}

// discard forgets what has not been sent.
func (f *flow) discard() {
	f.stop()
	f.waiting = false
}

// stop is the end of the sender: what is under way arrives, and nothing else.
func (f *flow) stop() {
	if f.timer != nil {
		f.timer.Stop()
		f.timer = nil
	}
}

// The times after which TCP sends a packet again, as Linux has them: the first, and the
// longest after it has doubled often enough.
const (
	firstRetry = 200 * time.Millisecond
	lastRetry  = 120 * time.Second
	retries    = 15
)

// lose is called when a packet, or the answer to it, never arrives. The sender finds out
// by waiting.
func (f *flow) lose() {
	if f.waiting || f.from.dead() {
		return
	}
	f.waiting = true
	if f.again == nil {
		f.again = f.retry
	}
	wait := min(firstRetry<<min(f.tries, 16), lastRetry)
	f.timer = f.net().env.After(wait, "retransmission", f.again)
}

// retry sends from the first byte on that has not arrived.
func (f *flow) retry() {
	f.timer, f.waiting = nil, false
	if f.from.dead() || f.ended && f.arrived == f.written {
		return
	}
	most := f.net().faults.Retries
	if most == 0 {
		most = retries
	}
	if f.tries++; int(f.tries) > most {
		f.net().count(timedOut, f.from.host)
		f.from.timeOut()
		return
	}
	f.sent, f.endSent, f.owed = f.arrived, f.ended, true
	f.push()
}

// hurry sends at once what would be sent again later.
func (f *flow) hurry() {
	if f.timer == nil || f.from.dead() {
		return
	}
	f.timer.Stop()
	f.tries = 0
	f.timer = f.net().env.After(0, "retransmission", f.again)
}

// String is what kind of packet it is.
func (k segmentKind) String() string {
	return [...]string{"data", "end", "reset"}[k]
}
