package netsim

// A keeper finds out that a peer is dead.
type keeper struct{}

func (k *keeper) stop() {}

// suspect is called when one host cannot hear another any more.
func (n *Net) suspect(from, to *Host) {}

// hurry does at once what s would do after waiting.
func (s *socket) hurry() {
	if t, ok := s.proto.(*tcp); ok {
		t.send.hurry()
		if t.dial != nil {
			t.dial.hurry()
		}
	}
}
