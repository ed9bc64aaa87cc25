//go:build (asyncio_portable && !plan9) || !(linux || darwin || freebsd || openbsd || netbsd || dragonfly || plan9)

package driver

import (
	"sync"
	"syscall"
)

// portable is the driver for systems whose poller this package does not know. Its
// sockets are package net's, each with goroutines that wait for it (see
// portableNet), and its descriptor numbers are its own: it cannot wait for a
// descriptor of the system.
//
// What the goroutines find out goes into a list under the lock and wakes the loop.
// In which order it comes is the scheduler's choice, as it is the kernel's
// elsewhere.
type portable struct {
	sleeper
	goroutines sync.WaitGroup

	mu      sync.Mutex // guards all that follows, and the sockets
	numbers map[int]*socket
	free    []int                // numbers that were given back; the last goes out first
	streams map[*socket]struct{} // those whose goroutines may still write, closed or not
	ready   []*socket
	closed  bool
}

// firstNumber is small, as a system's numbers are: they are indices above. Those of
// the standard streams are left out.
const firstNumber = 3

// New makes the driver for this system.
func New() (Driver, error) {
	p := &portable{numbers: make(map[int]*socket), streams: make(map[*socket]struct{})}
	p.init()
	return p, nil
}

// Network implements Driver.
func (p *portable) Network() Network { return portableNet{p} }

// Wait implements Driver. A Wake that has come already is taken before the list is
// looked at: what is put there later comes with a Wake of its own.
func (p *portable) Wait(events []Event, until Instant) (int, error) {
	if p.pending.Swap(false) {
		p.drain()
		return p.take(events), nil
	}
	if n := p.take(events); n > 0 {
		return n, nil
	}
	p.sleep(until)
	return p.take(events), nil
}

// take moves what the goroutines have found out to the loop.
func (p *portable) take(events []Event) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	taken := 0
	for _, s := range p.ready {
		if n == len(events) {
			break
		}
		taken++
		s.queued = false
		if s.fired != 0 {
			events[n] = Event{s.owner, s.fired}
			n++
			s.fired = 0
		}
	}
	p.ready = append(p.ready[:0], p.ready[taken:]...)
	return n
}

// Arm implements Driver. It is for descriptors of the system, whose numbers have
// nothing to do with those of the sockets here.
func (p *portable) Arm(Handle, Mode) error { return errNoPoller }

// Watch implements Driver.
func (p *portable) Watch(h Handle) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.numbers[h.FD]
	if s == nil {
		return syscall.EBADF
	}
	s.owner, s.watched, s.fired = h, true, 0
	s.announce(s.state())
	return nil
}

// Disarm implements Driver.
func (p *portable) Disarm(h Handle) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.numbers[h.FD]; s != nil && s.owner == h {
		s.watched, s.fired = false, 0
	}
	return nil
}

// Close implements Driver: it ends all sockets and returns when their goroutines
// have ended. Bytes that were accepted for sending, by a socket which may be
// closed already, have a moment to reach the system, which sends them on after
// the end of the program; a peer that does not read does not hold this up longer.
func (p *portable) Close() error {
	p.mu.Lock()
	p.closed = true
	for fd := range p.numbers {
		p.numbers[fd].close()
	}
	for s := range p.streams {
		s.hurry(flushAtTheEnd)
	}
	p.mu.Unlock()
	p.goroutines.Wait()
	return nil
}

// number is a new descriptor number for s. The caller holds the lock.
func (p *portable) number(s *socket) int {
	fd := firstNumber + len(p.numbers)
	if last := len(p.free) - 1; last >= 0 {
		fd, p.free = p.free[last], p.free[:last]
	}
	p.numbers[fd] = s
	return fd
}

// start runs f on a goroutine that Close waits for. The caller holds the lock.
func (p *portable) start(f func()) {
	p.goroutines.Add(1)
	go func() {
		defer p.goroutines.Done()
		f()
	}()
}
