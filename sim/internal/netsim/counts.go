package netsim

// A fault is one kind of what goes wrong.
type fault uint8

const (
	lost fault = iota
	lateTail
	duplicated
	reordered
	broken
	halfOpen
	refusedConnect
	blackHoled
	clogged
	swizzled
	partitioned
	oneWay
	cutOff
	shortRead
	shortWrite
	smallBuffers
	noDescriptor
	aborted
	lookupFailed
	lookupSlow
	timedOut
	deadPeer
	crashedSilent
	crashedLoud
)

var faultNames = [...]string{
	lost:           "packet lost",
	lateTail:       "very long delay",
	duplicated:     "datagram doubled",
	reordered:      "datagram overtaken",
	broken:         "connection reset",
	halfOpen:       "connection half open",
	refusedConnect: "connect refused",
	blackHoled:     "connect swallowed",
	clogged:        "link clogged",
	swizzled:       "hosts swizzled",
	partitioned:    "partition",
	oneWay:         "partition one way",
	cutOff:         "packet cut off by a partition",
	shortRead:      "short read",
	shortWrite:     "short write",
	smallBuffers:   "small buffers",
	noDescriptor:   "no descriptor left",
	aborted:        "accepted connection aborted",
	lookupFailed:   "name not found",
	lookupSlow:     "name found slowly",
	timedOut:       "connection timed out",
	deadPeer:       "dead peer found by keep-alive",
	crashedSilent:  "machine crashed",
	crashedLoud:    "process crashed",
}

// A Count is how often something has happened.
type Count struct {
	Name string
	N    uint64
}

// Counts is how often each fault has really happened, in a fixed order, those included
// that never did.
func (n *Net) Counts() []Count {
	all := make([]Count, len(faultNames))
	for i, name := range faultNames {
		all[i] = Count{name, n.counts[i]}
	}
	return all
}
