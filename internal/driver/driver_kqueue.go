//go:build (darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package driver

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// kqueue waits for descriptors by a kqueue, one-shot, and is woken through a pipe.
//
// A filter belongs to a descriptor and goes away when that is closed, so a stale
// event can only be one that was fetched before; the generation drops it.
//
// The queue is made when the first handle is armed. Until then the loop sleeps on
// a channel.
type kqueue struct {
	sleeper
	fd     int // -1 until the first Arm
	wakeR  int
	wakeW  int
	owners map[int]armed
	buf    [128]unix.Kevent_t
	opened chan struct{} // closed when wakeW can be used
}

// armed is what was asked for a descriptor, and for whom.
type armed struct {
	gen  uint32
	mode Mode
}

// New makes the driver for this system.
func New() (Driver, error) {
	k := &kqueue{fd: -1, owners: make(map[int]armed), opened: make(chan struct{})}
	k.init()
	return k, nil
}

func (k *kqueue) open() error {
	fd, err := unix.Kqueue()
	if err != nil {
		return os.NewSyscallError("kqueue", err)
	}
	unix.CloseOnExec(fd)
	var pipe [2]int
	if err := unix.Pipe(pipe[:]); err != nil {
		unix.Close(fd)
		return os.NewSyscallError("pipe", err)
	}
	for _, p := range pipe {
		unix.CloseOnExec(p)
		unix.SetNonblock(p, true)
	}
	k.fd, k.wakeR, k.wakeW = fd, pipe[0], pipe[1]
	if err := k.change(k.wakeR, unix.EVFILT_READ, unix.EV_ADD); err != nil {
		k.Close()
		return err
	}
	close(k.opened)
	return nil
}

func (k *kqueue) change(fd, filter, flags int) error {
	var ev [1]unix.Kevent_t
	unix.SetKevent(&ev[0], fd, filter, flags)
	_, err := unix.Kevent(k.fd, ev[:], nil, nil)
	return os.NewSyscallError("kevent", err)
}

// Arm implements Driver.
func (k *kqueue) Arm(h Handle, m Mode) error {
	if k.fd < 0 {
		if err := k.open(); err != nil {
			return err
		}
	}
	was := k.owners[h.FD]
	if was.gen != h.Gen {
		was.mode = 0 // the filters of an earlier owner went away with its descriptor
	}
	k.owners[h.FD] = armed{h.Gen, m}
	for _, f := range [...]struct {
		mode   Mode
		filter int
	}{{Readable, unix.EVFILT_READ}, {Writable, unix.EVFILT_WRITE}} {
		var err error
		switch {
		case m&f.mode != 0:
			err = k.change(h.FD, f.filter, unix.EV_ADD|unix.EV_ONESHOT)
		case was.mode&f.mode != 0:
			k.change(h.FD, f.filter, unix.EV_DELETE) // gone already if it has fired
		}
		if err != nil {
			delete(k.owners, h.FD)
			return err
		}
	}
	return nil
}

// Disarm implements Driver.
func (k *kqueue) Disarm(h Handle) error {
	if was, ok := k.owners[h.FD]; !ok || was.gen != h.Gen {
		return nil
	}
	err := k.Arm(h, 0)
	delete(k.owners, h.FD)
	return err
}

// Wake implements Driver.
func (k *kqueue) Wake() {
	if k.pending.Swap(true) {
		return
	}
	select {
	case k.wake <- struct{}{}:
	default:
	}
	select {
	case <-k.opened:
		unix.Write(k.wakeW, []byte{0}) // a full pipe wakes as well
	default:
	}
}

// Wait implements Driver.
func (k *kqueue) Wait(events []Event, until Instant) (int, error) {
	if k.fd < 0 {
		k.sleep(until)
		return 0, nil
	}
	defer k.pending.Store(false)
	defer k.drain()
	n, err := unix.Kevent(k.fd, nil, k.buf[:min(len(events), len(k.buf))], k.timeout(until))
	if err == unix.EINTR {
		return 0, nil // the loop looks at its clock and comes again
	}
	if err != nil {
		return 0, os.NewSyscallError("kevent", err)
	}
	return k.deliver(events, k.buf[:n]), nil
}

// timeout is the time until the deadline, rounded up by the system; nil is for ever.
func (k *kqueue) timeout(until Instant) *unix.Timespec {
	if until == Forever && !k.pending.Load() {
		return nil
	}
	d := max(until.Sub(k.Now()), 0)
	if k.pending.Load() {
		d = 0
	}
	ts := unix.NsecToTimespec(int64(min(d, 24*time.Hour)))
	return &ts
}

// deliver translates the system's events.
func (k *kqueue) deliver(events []Event, fetched []unix.Kevent_t) (n int) {
	for i := range fetched {
		fd := int(fetched[i].Ident)
		if fd == k.wakeR {
			var buf [64]byte
			unix.Read(k.wakeR, buf[:])
			continue
		}
		m := Readable
		if int(fetched[i].Filter) == unix.EVFILT_WRITE {
			m = Writable
		}
		o := k.owners[fd]
		o.mode &^= m
		k.owners[fd] = o
		events[n] = Event{Handle{fd, o.gen}, m}
		n++
	}
	return n
}

// Close implements Driver.
func (k *kqueue) Close() error {
	if k.fd < 0 {
		return nil
	}
	unix.Close(k.wakeR)
	unix.Close(k.wakeW)
	err := unix.Close(k.fd)
	k.fd = -1
	return err
}

// Watch implements Driver.
func (k *kqueue) Watch(h Handle) error {
	if k.fd < 0 {
		if err := k.open(); err != nil {
			return err
		}
	}
	for _, filter := range [...]int{unix.EVFILT_READ, unix.EVFILT_WRITE} {
		if err := k.change(h.FD, filter, unix.EV_ADD|unix.EV_CLEAR); err != nil {
			return err
		}
	}
	k.owners[h.FD] = armed{h.Gen, Readable | Writable}
	return nil
}

// Network implements Driver.
func (k *kqueue) Network() Network { return sockets{} }
