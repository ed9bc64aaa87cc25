package aionet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/inside"
)

// A Dialer connects. The zero value is ready; its fields mean what they mean in
// net.Dialer.
type Dialer struct {
	// Timeout bounds the whole of it, names included. 0 is no bound but ctx's.
	Timeout time.Duration
	// LocalAddr is where to connect from.
	LocalAddr net.Addr
	// FallbackDelay is how long to wait for one address before the next is tried as
	// well (RFC 8305); 0 is 250 ms, and less than 0 is one after the other.
	FallbackDelay time.Duration
	// KeepAliveConfig is for TCP. The zero value is on, with net.Dialer's times.
	KeepAliveConfig net.KeepAliveConfig
	// NoKeepAlive turns keep-alives off.
	NoKeepAlive bool
	// Resolver finds names; nil is Go's own.
	Resolver Resolver
	// Control is called with each new descriptor before it connects.
	Control func(network, address string, c syscall.RawConn) error
}

// Dial connects to an address, as net.Dial does: tcp, tcp4, tcp6, unix, unixpacket.
// It waits for the name's addresses and for the connection; a cancellation leaves
// nothing behind. A trace of package httptrace in ctx hears of both, on the loop. For packets there is [DialPacket].
func Dial(ctx context.Context, network, address string) (*Conn, error) {
	return new(Dialer).Dial(ctx, network, address)
}

// Dial connects; see the function of the same name.
func (d *Dialer) Dial(ctx context.Context, network, address string) (*Conn, error) {
	p := inside.PollerOf(ctx)
	if p == nil {
		return nil, asyncio.ErrNoLoop
	}
	dialing := &dialing{Dialer: d, poller: p, network: network}
	if d.Timeout <= 0 {
		return dialing.dial(ctx, address)
	}
	timed, timeout := asyncio.WithTimeout(ctx, d.Timeout)
	defer timeout.Cancel()
	c, err := dialing.dial(timed, address)
	if err != nil && ctx.Err() == nil && timed.Err() != nil {
		err = dialing.timedOut(address)
	}
	return c, err
}

func (d *dialing) dial(ctx context.Context, address string) (*Conn, error) {
	var err error
	d.kind, err = kindOf(d.network)
	if err == nil && d.kind.Type == driver.Datagram {
		err = fmt.Errorf("%s is for packets: use DialPacket", d.network)
	}
	if err == nil {
		d.addrs, err = resolve(ctx, d.resolver(), d.network, d.kind, address, false)
	}
	if err == nil {
		d.addrs, err = d.reachable(d.addrs)
	}
	if err != nil {
		return nil, opError("dial", d.network, nil, nil, err)
	}
	if len(d.addrs) == 1 {
		return d.connect(ctx, d.addrs[0])
	}
	return d.race(ctx, interleave(d.addrs))
}

// reachable is the addresses of the family of LocalAddr.
func (d *Dialer) reachable(addrs []driver.Addr) ([]driver.Addr, error) {
	from := seamAddr(d.LocalAddr)
	if !from.IP.IsValid() || from.IP.Addr().IsUnspecified() || addrs[0].Unix {
		return addrs, nil
	}
	var same []driver.Addr
	for _, a := range addrs {
		if familyOf(a) == familyOf(from) {
			same = append(same, a)
		}
	}
	if same == nil {
		return nil, &net.AddrError{Err: "no suitable address found", Addr: d.LocalAddr.String()}
	}
	return same, nil
}

// timedOut is what package net says when the time is over: of the name, or of the
// first address.
func (d *dialing) timedOut(address string) error {
	if len(d.addrs) > 0 {
		return d.fail(d.addrs[0], os.ErrDeadlineExceeded)
	}
	host, _, _ := net.SplitHostPort(address)
	return opError("dial", d.network, nil, nil, &net.DNSError{
		Err: os.ErrDeadlineExceeded.Error(), Name: host, IsTimeout: true, UnwrapErr: os.ErrDeadlineExceeded,
	})
}

func (d *Dialer) resolver() Resolver {
	if d.Resolver != nil {
		return d.Resolver
	}
	return defaultResolver
}

// dialing is one Dial under way.
type dialing struct {
	*Dialer
	poller  inside.Poller
	network string
	kind    driver.Kind
	addrs   []driver.Addr
	won     bool
}

// connect tries one address.
func (d *dialing) connect(ctx context.Context, to driver.Addr) (c *Conn, err error) {
	trace, addr := tracingOf(ctx), netAddr(to, d.network)
	trace.connectStart(d.network, addr)
	defer func() { trace.connectDone(d.network, addr, err) }()
	return d.open(ctx, to)
}

// open makes the socket for one address, and connects it.
func (d *dialing) open(ctx context.Context, to driver.Addr) (*Conn, error) {
	k := driver.Kind{Family: familyOf(to), Type: d.kind.Type}
	fd, err := d.poller.Driver().Network().Socket(k)
	if err != nil {
		return nil, d.fail(to, wrapCall("socket", err))
	}
	c := new(Conn)
	c.open(d.poller, fd, d.network, k)
	c.remote = netAddr(to, d.network)
	c.socket.out.what = "a connection to " + c.remote.String()
	made := false
	defer func() { // also where Control panics, or the loop ends the task by force
		if !made {
			c.Abort()
		}
	}()
	if err := d.attempt(ctx, c, to); err != nil {
		return nil, d.fail(to, err)
	}
	c.socket.out.what = roomToWrite
	c.local = c.addr(c.socket.net.LocalAddr)
	if d.LocalAddr == nil && isSelf(c) {
		return nil, d.fail(to, wrapCall("connect", syscall.ECONNREFUSED))
	}
	made = true
	d.setOptions(c)
	return c, nil
}

// isSelf tells that a client has found itself: where nobody listens on a port of those
// that the system gives to clients, it may give the client that very port.
func isSelf(c *Conn) bool {
	return isTCP(c.kind) && seamAddr(c.local) == seamAddr(c.remote)
}

// attempt connects c, or tells why not.
func (d *dialing) attempt(ctx context.Context, c *Conn, to driver.Addr) error {
	if err := asyncio.Checkpoint(ctx); err != nil {
		return err
	}
	if err := d.prepare(&c.endpoint, to); err != nil {
		return err
	}
	s := &c.socket
	err := s.net.Connect(s.fd, to)
	for err == syscall.EINPROGRESS || err == syscall.EAGAIN && to.Unix {
		if err == syscall.EAGAIN { // the backlog of a Unix socket is full, and no event will tell
			if err := asyncio.Sleep(ctx, backlogPause); err != nil {
				return err
			}
			err = s.net.Connect(s.fd, to)
			continue
		}
		s.out.ready = false
		if err := s.await(ctx, &s.out); err != nil {
			return err
		}
		err = s.net.SocketError(s.fd)
	}
	return wrapCall("connect", err)
}

// backlogPause is how long a connection to a busy Unix socket waits before it tries
// again.
const backlogPause = 5 * time.Millisecond

// prepare does what comes before the connection.
func (d *dialing) prepare(e *endpoint, to driver.Addr) error {
	s := &e.socket
	if d.Control != nil {
		if err := d.Control(d.network, netAddr(to, d.network).String(), &rawConn{s}); err != nil {
			return err
		}
	}
	from := seamAddr(d.LocalAddr)
	if from == (driver.Addr{}) {
		return nil
	}
	if familyOf(from) != familyOf(to) && from.IP.IsValid() {
		return &net.AddrError{Err: "mismatched local address type", Addr: d.LocalAddr.String()}
	}
	if err := s.net.Bind(s.fd, from); err != nil {
		return wrapCall("bind", err)
	}
	e.file = fileOf(s.net, from)
	return nil
}

// setOptions gives a new connection the usual ones.
func (d *dialing) setOptions(c *Conn) {
	if !isTCP(c.kind) {
		return
	}
	c.SetNoDelay(true)
	if !d.NoKeepAlive {
		c.SetKeepAliveConfig(enabled(d.KeepAliveConfig))
	}
}

// enabled is cfg turned on: the zero value stands for the usual times.
func enabled(cfg net.KeepAliveConfig) net.KeepAliveConfig {
	cfg.Enable = true
	return cfg
}

func (d *dialing) fail(to driver.Addr, err error) error {
	return opError("dial", d.network, d.LocalAddr, netAddr(to, d.network), err)
}

// errLateWinner is of a connection that was made when another had won already.
var errLateWinner = errors.New("asyncio: another address was faster")

// race is happy eyeballs (RFC 8305): each address is tried a moment after the one
// before it, or at once when that has failed. There is one winner; a loser is closed
// even if it connects in the moment in which the winner does.
func (d *dialing) race(ctx context.Context, addrs []driver.Addr) (*Conn, error) {
	delay := d.FallbackDelay
	if delay == 0 {
		delay = 250 * time.Millisecond
	}
	if delay < 0 {
		return d.oneByOne(ctx, addrs)
	}
	var attempts []func(context.Context) (*Conn, error)
	for _, a := range addrs {
		attempts = append(attempts, func(ctx context.Context) (*Conn, error) {
			c, err := d.connect(ctx, a)
			if err == nil && d.won {
				c.Close()
				return nil, errLateWinner
			}
			d.won = d.won || err == nil
			return c, err
		})
	}
	return asyncio.StaggeredRace(ctx, delay, attempts...)
}

// oneByOne tries each address after the one before has failed.
func (d *dialing) oneByOne(ctx context.Context, addrs []driver.Addr) (*Conn, error) {
	var errs []error
	for _, a := range addrs {
		c, err := d.connect(ctx, a)
		if err == nil {
			return c, nil
		}
		if ctx.Err() != nil {
			return nil, err
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// interleave orders addresses for the race: the families take turns, beginning with
// that of the first (RFC 8305, section 4).
func interleave(addrs []driver.Addr) []driver.Addr {
	var first, other []driver.Addr
	for _, a := range addrs {
		if familyOf(a) == familyOf(addrs[0]) {
			first = append(first, a)
		} else {
			other = append(other, a)
		}
	}
	sorted := make([]driver.Addr, 0, len(addrs))
	for i := range max(len(first), len(other)) {
		if i < len(first) {
			sorted = append(sorted, first[i])
		}
		if i < len(other) {
			sorted = append(sorted, other[i])
		}
	}
	return sorted
}
