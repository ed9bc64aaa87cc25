package netsim

// weather decides whether something happens to the links at the moment in which a packet
// takes one.
func (n *Net) weather(l *Link) {
}

// breaks decides whether a connection breaks when it sends.
func (n *Net) breaks(f *flow) bool { return false }
