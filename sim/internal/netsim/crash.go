package netsim

// Crash ends the program of the host, and with it all its sockets. What the others see of
// it is a choice. Either it is the program alone, and the system that goes on says
// goodbye for it: with the end of each stream, or with a reset where something was not
// read; who connects is refused. Or it is the whole machine: then nobody is told, and
// what is sent there is lost, until Restart.
func (h *Host) Crash() {
	n := h.net
	if n.env.Draw(2, "the program crashes, or the machine") == 0 {
		n.count(crashedLoud, h)
		h.Kill()
		return
	}
	n.count(crashedSilent, h)
	h.PowerOff()
}

// Kill is a Crash of the program alone.
func (h *Host) Kill() {
	h.empty(func(s *socket) { s.proto.close() })
}

// PowerOff is a Crash of the whole machine.
func (h *Host) PowerOff() {
	if h.down {
		return
	}
	h.down = true
	h.boots++
	h.empty(func(s *socket) { s.proto.vanish() })
	h.net.suspect()
}

// empty frees all numbers.
func (h *Host) empty(end func(*socket)) {
	table := h.table
	h.table, h.lowest, h.ready = nil, 0, nil
	for _, s := range table {
		if s != nil {
			s.fd = -1
			s.release()
			end(s)
		}
	}
	h.files = map[string]*local{}
}

// Restart makes a host that has crashed one that can be reached again. It has no sockets.
// Who still sends to one of those that it had is answered by a reset.
func (h *Host) Restart() {
	h.down = false
}
