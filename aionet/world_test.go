package aionet_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/driver"
)

// A world is a network in virtual time, in which each address answers a connection
// after so long with such an outcome. It counts sockets.
type world struct {
	driver.Network // panics: for what a test has not foreseen
	clock          *driver.Virtual
	hosts          map[string]host
	next           int
	open           map[int]*endpointOfWorld
	attempts       []string // when each connection began, and where to
	due            []arrival
	mistakes       []string
	noSockets      error

	mu    sync.Mutex // for what a resolver does on its goroutine
	names map[string][]string
}

// A host is what happens to who connects.
type host struct {
	after    time.Duration // until the socket becomes writable; 0 is never, and less is at once
	err      syscall.Errno
	spurious int           // so many times it is writable before that, a millisecond apart
	at       syscall.Errno // what the call itself says, instead of EINPROGRESS
	busy     int           // how many times a Unix socket's backlog is full
}

type endpointOfWorld struct {
	handle  driver.Handle
	watched bool
	host    host
	decided driver.Instant
	sent    int
}

// An arrival is an event to come.
type arrival struct {
	at driver.Instant
	fd int
}

// worldDriver is the driver of a world.
type worldDriver struct {
	*virtual
	world *world
}

// virtual has another name than the method.
type virtual = driver.Virtual

func (d worldDriver) Network() driver.Network { return d.world }

// inWorld runs main in w, and checks that it gives back every socket.
func inWorld(t *testing.T, w *world, main func(ctx context.Context) error) {
	t.Helper()
	defer asynciotest.CheckLeaks(t)()
	w.clock, w.open, w.next = driver.NewVirtual(), map[int]*endpointOfWorld{}, 3
	w.due, w.attempts = nil, nil
	ctx := driver.NewContext(context.Background(), func() driver.Driver { return worldDriver{w.clock, w} })
	if err := asyncio.Run(ctx, main); err != nil {
		t.Error(err)
	}
	if len(w.open) > 0 {
		t.Errorf("%d sockets are left open", len(w.open))
	}
	for _, m := range w.mistakes {
		t.Error(m)
	}
}

// Wait moves the clock to the next arrival, or to until.
func (d worldDriver) Wait(events []driver.Event, until driver.Instant) (n int, err error) {
	slices.SortStableFunc(d.world.due, func(a, b arrival) int { return int(a.at - b.at) })
	if len(d.world.due) > 0 && d.world.due[0].at > d.Now() && d.world.due[0].at <= until {
		d.virtual.Wait(nil, d.world.due[0].at)
	} else if len(d.world.due) == 0 || d.world.due[0].at > d.Now() {
		return d.virtual.Wait(nil, until)
	}
	for len(d.world.due) > 0 && d.world.due[0].at <= d.Now() {
		if s := d.world.open[d.world.due[0].fd]; s != nil && s.watched {
			events[n] = driver.Event{Handle: s.handle, Mode: driver.Writable}
			n++
		}
		d.world.due = d.world.due[1:]
	}
	return n, nil
}

func (d worldDriver) Watch(h driver.Handle) error {
	s := d.world.open[h.FD]
	if s == nil {
		return syscall.EBADF
	}
	s.handle, s.watched = h, true
	if s.host.after > 0 {
		for i := range s.host.spurious {
			d.world.due = append(d.world.due, arrival{d.Now() + driver.Instant(time.Duration(i+1)*time.Millisecond), h.FD})
		}
		d.world.due = append(d.world.due, arrival{s.decided, h.FD})
	}
	return nil
}

func (d worldDriver) Disarm(h driver.Handle) error { return nil }

func (w *world) get(fd int) *endpointOfWorld {
	s := w.open[fd]
	if s == nil {
		w.mistakes = append(w.mistakes, fmt.Sprintf("a call on socket %d, which is not open", fd))
		return new(endpointOfWorld)
	}
	return s
}

func (w *world) Socket(driver.Kind) (int, error) {
	if w.noSockets != nil {
		return -1, w.noSockets
	}
	w.next++
	w.open[w.next] = new(endpointOfWorld)
	return w.next, nil
}

func (w *world) CloseSocket(fd int) error {
	w.get(fd)
	delete(w.open, fd)
	return nil
}

func (w *world) Connect(fd int, a driver.Addr) error {
	name := a.Name
	if !a.Unix {
		name = a.IP.Addr().String()
	}
	s := w.get(fd)
	h := w.hosts[name]
	if h.busy > 0 {
		h.busy--
		w.hosts[name] = h
		return syscall.EAGAIN
	}
	w.attempts = append(w.attempts, fmt.Sprintf("%v %s", time.Duration(w.clock.Now()), name))
	s.host, s.decided = h, w.clock.Now().Add(h.after)
	switch {
	case h.at != 0:
		return h.at
	case h.after >= 0:
		return syscall.EINPROGRESS
	}
	return nil
}

func (w *world) SocketError(fd int) error {
	s := w.get(fd)
	switch {
	case w.clock.Now() < s.decided:
		return syscall.EINPROGRESS
	case s.host.err != 0:
		return s.host.err
	}
	return nil
}

// Send takes all that fits a call, at once.
func (w *world) Send(fd int, p []byte) (int, error) {
	s := w.get(fd)
	n := min(len(p), 300<<10)
	s.sent += n
	return n, nil
}

func (w *world) SetOption(int, driver.Option, int) error { return nil }

func (w *world) LocalAddr(int) (driver.Addr, error) {
	return driver.Addr{IP: netip.MustParseAddrPort("192.0.2.1:40000")}, nil
}

// LookupNetIP and LookupPort make a world a resolver.
func (w *world) LookupNetIP(_ context.Context, _, name string) (ips []netip.Addr, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.names[name] {
		ips = append(ips, netip.MustParseAddr(s))
	}
	return ips, nil
}

func (w *world) LookupPort(context.Context, string, string) (int, error) { return 80, nil }
