//go:build linux && !asyncio_portable

package netsim_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/sim/internal/netsim"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// A play is one situation on one network: the real one, or a simulated host. Both must
// note the same.
type play struct {
	*testing.T
	driver.Network
	dir    string
	watch  func(driver.Handle) error
	settle func() // until nothing happens any more
	told   map[int]driver.Mode
	notes  []string
	open   []int
}

// note keeps the outcome of a call.
func (p *play) note(what string, outcome ...any) {
	p.notes = append(p.notes, what+": "+strings.TrimSpace(fmt.Sprintln(outcome...)))
}

// num notes a call that returns a number.
func (p *play) num(what string, n int, err error) {
	if err != nil {
		n = 0
	}
	p.note(what, n, err)
}

func (p *play) socket(k driver.Kind) int {
	fd, err := p.Socket(k)
	if err != nil {
		p.note("socket", err)
		return -1
	}
	p.open = append(p.open, fd)
	return fd
}

// listener is one on loopback, at any port.
func (p *play) listener(k driver.Kind) (fd int, a driver.Addr) {
	fd = p.socket(k)
	p.note("bind", p.Bind(fd, loopbackOf(k)))
	p.note("listen", p.Listen(fd, 4))
	return fd, p.local(fd)
}

func loopbackOf(k driver.Kind) driver.Addr {
	if k.Family == driver.IPv6 {
		return at("[::1]:0")
	}
	return at("127.0.0.1:0")
}

func (p *play) local(fd int) driver.Addr {
	a, err := p.LocalAddr(fd)
	if err != nil {
		p.note("local address", err)
	}
	return a
}

func (p *play) dial(fd int, a driver.Addr) {
	err := p.Connect(fd, a)
	p.note("connect", err)
	p.settle()
	p.note("outcome", p.SocketError(fd))
}

func (p *play) accept(l int) int {
	fd, _, err := p.Accept(l)
	p.note("accept", err)
	if err != nil {
		return -1
	}
	p.open = append(p.open, fd)
	return fd
}

// pair is a connection.
func (p *play) pair() (c, s int) {
	l, a := p.listener(tcp)
	c = p.socket(tcp)
	p.dial(c, a)
	s = p.accept(l)
	p.close(l)
	return c, s
}

func (p *play) close(fd int) {
	p.open = slices.DeleteFunc(p.open, func(o int) bool { return o == fd })
	p.note("close", p.CloseSocket(fd))
	p.settle()
}

func (p *play) send(fd int, text string) {
	n, err := p.Write(fd, []byte(text))
	p.num("write", n, err)
	p.settle()
}

func (p *play) read(fd, n int) {
	buf := make([]byte, n)
	n, err := p.Read(fd, buf)
	p.note("read", fmt.Sprintf("%q", buf[:max(n, 0)]), err)
}

func (p *play) shut(fd int, how driver.How) {
	p.note("shutdown", how, p.Shutdown(fd, how))
	p.settle()
}

func (p *play) set(fd int, o driver.Option, v int) { p.note("set", o, v, p.SetOption(fd, o, v)) }

func (p *play) peer(fd int) {
	_, err := p.PeerAddr(fd)
	p.note("peer", err)
}

// events notes how a socket is: a poller tells that when it is asked.
func (p *play) events(fd int) {
	if err := p.watch(driver.Handle{FD: fd, Gen: 1}); err != nil {
		p.note("watch", err)
		return
	}
	clear(p.told)
	p.settle()
	p.note("events", p.told[fd])
}

// all is everything that can be asked of a socket, without harm but to its error.
func (p *play) all(fd int) {
	p.events(fd)
	p.peer(fd)
	p.read(fd, 3)
	p.note("socket error", p.SocketError(fd))
	p.read(fd, 3)
	p.send(fd, "x")
	p.send(fd, "x")
	p.events(fd)
}

func onLinux(t *testing.T) *play {
	d, err := driver.New()
	if err != nil {
		t.Fatal(err)
	}
	p := &play{T: t, Network: d.Network(), dir: t.TempDir() + "/", watch: d.Watch, told: map[int]driver.Mode{}}
	p.settle = func() {
		var events [16]driver.Event
		until := d.Now().Add(2 * time.Millisecond)
		for looks := 0; looks < 3 || d.Now() < until; looks++ {
			n, err := d.Wait(events[:], until)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events[:n] {
				p.told[e.Handle.FD] |= e.Mode
			}
		}
	}
	t.Cleanup(func() {
		for _, fd := range p.open {
			p.CloseSocket(fd)
		}
		d.Close()
	})
	return p
}

func simulated(t *testing.T) *play {
	env := simenv.NewFake(1)
	h := netsim.New(env).Host("a", ipA, netip.MustParseAddr("fd00::1"))
	p := &play{T: t, Network: h, dir: "/tmp/", watch: h.Watch, told: map[int]driver.Mode{}}
	p.settle = func() {
		env.Run(100 * time.Millisecond)
		var events [16]driver.Event
		for n := h.Collect(events[:]); n > 0; n = h.Collect(events[:]) {
			for _, e := range events[:n] {
				p.told[e.Handle.FD] |= e.Mode
			}
		}
	}
	return p
}

func TestEveryCallSaysWhatLinuxSays(t *testing.T) {
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) { compare(t, s.name, s.play) })
	}
}

// compare plays a situation on both networks. A difference counts if it is there each
// time: the real one may need a moment longer than anybody has waited.
func compare(t *testing.T, name string, do func(*play)) {
	t.Helper()
	sim := simulated(t)
	do(sim)
	var difference string
	for range 3 {
		real := onLinux(t)
		do(real)
		if difference = differ(real.notes, sim.notes); difference == "" {
			return
		}
	}
	t.Errorf("%s: %s", name, difference)
}

// differ tells the first difference, and what came before.
func differ(real, sim []string) string {
	for i := range max(len(real), len(sim)) {
		r, s := "nothing", "nothing"
		if i < len(real) {
			r = real[i]
		}
		if i < len(sim) {
			s = sim[i]
		}
		if r != s {
			return fmt.Sprintf("step %d: Linux: %s; here: %s; before:\n%s", i, r, s, strings.Join(sim[max(0, i-60):i], "\n"))
		}
	}
	return ""
}
