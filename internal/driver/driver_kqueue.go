//go:build (darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package driver

import (
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// kqueue waits for descriptors by a kqueue and is woken through a pipe. Each line
// was held against the manuals of these systems: docs/KQUEUE.md.
//
// A filter belongs to a descriptor and goes away when that is closed, so a stale
// event can only be one that was fetched before; the generation drops it.
//
// The queue is made when the first handle is armed, or somebody asks for the network.
// Until then the loop sleeps on a channel.
type kqueue struct {
	sleeper
	fd     int  // -1 until it is needed
	ended  bool // Close was called
	wakeR  int
	owners map[int]registered
	sure   []Event // events that the system does not have to tell
	buf    [128]unix.Kevent_t

	mu    sync.Mutex // a Wake must not write to a number that Close has given back
	wakeW int        // -1 while there is no pipe
}

// registered is what was asked for a descriptor, and for whom.
type registered struct {
	gen     uint32
	mode    Mode // the filters that are in the queue
	watched bool // edge-triggered: they stay there
}

// New makes the driver for this system.
func New() (Driver, error) {
	k := &kqueue{fd: -1, wakeW: -1, owners: make(map[int]registered)}
	k.init()
	return k, nil
}

// open makes the queue and the pipe. The lock keeps a fork out until they are marked
// as closed on exec: these systems do not all make them so.
func (k *kqueue) open() error {
	if k.fd >= 0 {
		return nil
	}
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
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
	k.fd, k.wakeR = fd, pipe[0]
	k.mu.Lock()
	k.wakeW = pipe[1]
	k.mu.Unlock()
	if err := k.change(k.wakeR, unix.EVFILT_READ, unix.EV_ADD); err != nil {
		k.release()
		return os.NewSyscallError("kevent", err)
	}
	return nil
}

// change makes one change of the queue. It asks for no events, so that an error of
// the change is the call's; and one that a signal has interrupted is made.
func (k *kqueue) change(fd, filter, flags int) error {
	var ev [1]unix.Kevent_t
	unix.SetKevent(&ev[0], fd, filter, flags)
	if _, err := unix.Kevent(k.fd, ev[:], nil, nil); err != unix.EINTR {
		return err
	}
	return nil
}

// filters are what a mode is to the system.
var filters = [...]struct {
	mode   Mode
	filter int
}{{Readable, unix.EVFILT_READ}, {Writable, unix.EVFILT_WRITE}}

// Arm implements Driver.
func (k *kqueue) Arm(h Handle, m Mode) error { return k.register(h, m, false) }

// Watch implements Driver.
func (k *kqueue) Watch(h Handle) error { return k.register(h, Readable|Writable, true) }

// register puts filters into the queue, and takes those out that are there and not
// in m.
func (k *kqueue) register(h Handle, m Mode, watch bool) error {
	if err := k.open(); err != nil {
		return err
	}
	was := k.owners[h.FD]
	if was.gen != h.Gen {
		was = registered{} // the filters of an earlier owner went away with its descriptor
	}
	flags := unix.EV_ADD | unix.EV_ONESHOT
	if watch {
		flags = unix.EV_ADD | unix.EV_CLEAR
	}
	now := registered{gen: h.Gen, watched: watch}
	k.owners[h.FD] = now
	for _, f := range filters {
		if m&f.mode == 0 {
			if was.mode&f.mode != 0 {
				k.change(h.FD, f.filter, unix.EV_DELETE) // gone already if it has fired
			}
			continue
		}
		err := k.change(h.FD, f.filter, flags)
		switch {
		case err == nil:
			now.mode |= f.mode
			k.owners[h.FD] = now
		case f.mode == Writable && noReader(err, now.mode):
			k.sure = append(k.sure, Event{h, Writable}) // a write tells it
		default:
			k.forget(h)
			return os.NewSyscallError("kevent", err)
		}
	}
	return nil
}

// noReader tells whether a filter for writing was refused because nobody reads from
// the other end of a pipe any more. Most systems say EPIPE. NetBSD says EBADF, which
// can mean nothing else where the filter for reading was taken.
func noReader(err error, taken Mode) bool {
	return err == unix.EPIPE || err == unix.EBADF && taken&Readable != 0
}

// Disarm implements Driver.
func (k *kqueue) Disarm(h Handle) error {
	if was, ok := k.owners[h.FD]; ok && was.gen == h.Gen {
		k.forget(h)
	}
	return nil
}

// forget takes the filters of a handle out of the queue. They are not there where
// they have fired or where the descriptor was closed: that is no error.
func (k *kqueue) forget(h Handle) {
	for _, f := range filters {
		if k.owners[h.FD].mode&f.mode != 0 {
			k.change(h.FD, f.filter, unix.EV_DELETE)
		}
	}
	delete(k.owners, h.FD)
}

// Wake implements Driver. A full pipe wakes as well as one byte more.
func (k *kqueue) Wake() {
	if k.pending.Swap(true) {
		return
	}
	select {
	case k.wake <- struct{}{}:
	default:
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.wakeW >= 0 {
		unix.Write(k.wakeW, []byte{0})
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
	if n := k.deliverSure(events); n > 0 {
		return n, nil
	}
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

// deliver translates the system's events. One whose owner has disarmed it in the
// meantime is dropped.
func (k *kqueue) deliver(events []Event, fetched []unix.Kevent_t) (n int) {
	for i := range fetched {
		fd := int(fetched[i].Ident)
		if fd == k.wakeR {
			var buf [64]byte
			unix.Read(k.wakeR, buf[:])
			continue
		}
		o, ok := k.owners[fd]
		if !ok {
			continue
		}
		m := modeOf(&fetched[i])
		if !o.watched {
			if m &= o.mode | Hangup; m&o.mode == 0 {
				continue
			}
			k.fired(fd, o, int(fetched[i].Filter))
		}
		events[n] = Event{Handle{fd, o.gen}, m}
		n++
	}
	return n
}

// fired takes the other filter of an armed handle out, too: it gets one event. What
// that filter had to tell, the system tells again when the handle is armed anew.
func (k *kqueue) fired(fd int, o registered, filter int) {
	for _, f := range filters {
		if o.mode&f.mode != 0 && f.filter != filter {
			k.change(fd, f.filter, unix.EV_DELETE)
		}
	}
	o.mode = 0
	k.owners[fd] = o
}

// deliverSure hands out what is known without the system.
func (k *kqueue) deliverSure(events []Event) (n int) {
	for ; len(k.sure) > 0 && n < len(events); k.sure = k.sure[1:] {
		e := k.sure[0]
		if o, ok := k.owners[e.Handle.FD]; ok && o.gen == e.Handle.Gen {
			events[n] = e
			n++
		}
	}
	return n
}

// Close implements Driver.
func (k *kqueue) Close() error {
	k.ended = true
	return k.release()
}

// release gives back what open has made.
func (k *kqueue) release() error {
	if k.fd < 0 {
		return nil
	}
	k.mu.Lock()
	unix.Close(k.wakeW)
	k.wakeW = -1
	k.mu.Unlock()
	unix.Close(k.wakeR)
	err := unix.Close(k.fd)
	k.fd = -1
	return err
}

// Network implements Driver.
// Who asks will wait for sockets, so the queue is made now, while there are
// descriptors. An error comes again, and is returned, when a handle is registered.
func (k *kqueue) Network() Network {
	if !k.ended {
		k.open()
	}
	return sockets{}
}
