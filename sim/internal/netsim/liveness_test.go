package netsim_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/sim/internal/netsim"
)

// An end is a program at one end of a connection, that goes by its events alone: it sends
// so many bytes and then the end, and reads until the end.
type end struct {
	s          *side
	send, sent int
	want, got  int
	finished   bool // the sending
	over       bool // the reading
	err        error
	peer       *end
	killed     bool
}

func (e *end) done() bool { return e.err != nil || e.finished && e.over }

// step does what the events allow.
func (e *end) step(t *testing.T) {
	buf := make([]byte, 700)
	for !e.done() && !e.finished && e.s.told()&driver.Writable != 0 && e.err == nil {
		if e.sent == e.send {
			e.fail(e.s.h.Shutdown(e.s.fd, driver.ShutWrite))
			e.finished = true
			break
		}
		n := min(len(buf), e.send-e.sent)
		for i := range n {
			buf[i] = byte((e.sent + i) * 7)
		}
		k, err := e.s.h.Send(e.s.fd, buf[:n])
		if e.sent += k; k < n {
			e.s.w.told[e.s.h][e.s.e] &^= driver.Writable
		}
		e.fail(err)
	}
	for !e.over && e.s.told()&driver.Readable != 0 && e.err == nil {
		n, err := e.s.h.Recv(e.s.fd, buf)
		for i := range n {
			if buf[i] != byte((e.got+i)*7) {
				t.Fatalf("byte %d is not what was sent", e.got+i)
			}
		}
		e.got += n
		switch {
		case err == nil && n == 0:
			e.over = true
			if e.got != e.want && !e.peer.killed {
				t.Fatalf("the end came after %d of %d bytes", e.got, e.want)
			}
		case n < len(buf) && e.s.told()&driver.Hangup == 0:
			e.s.w.told[e.s.h][e.s.e] &^= driver.Readable
		}
		e.fail(err)
	}
}

func (e *end) fail(err error) {
	if err != nil && err != syscall.EAGAIN && e.err == nil {
		e.err = err
	}
}

// connections are some, between hosts at random.
func connections(w *world, r *rand.Rand, n int) (ends []*end) {
	ips := []netip.Addr{ipA, ipB, netip.MustParseAddr("10.0.0.3")}
	for range n {
		from, to := r.IntN(3), r.IntN(3)
		c, s := w.connect(w.all[from], w.all[to], ips[to])
		most := 30_000
		if w.net.Faults().SmallBuffers > 0 {
			most = 3000
		}
		a, b := r.IntN(most), r.IntN(most)
		one, other := &end{s: c, send: a, want: b}, &end{s: s, send: b, want: a}
		one.peer, other.peer = other, one
		for _, e := range []*end{one, other} {
			for o, v := range map[driver.Option]int{driver.KeepAlive: 1, driver.KeepIdle: 15, driver.KeepInterval: 15} {
				w.must(e.s.h.SetOption(e.s.fd, o, v))
			}
			ends = append(ends, e)
		}
	}
	return ends
}

// strike is something bad at random, or the end of it.
func strike(w *world, r *rand.Rand, ends []*end) {
	h := w.all[r.IntN(3)]
	names := []string{"a", "b", "c"}
	l := w.net.Link(names[r.IntN(3)], names[r.IntN(3)])
	switch r.IntN(40) {
	case 0, 1:
		l.Block()
	case 2, 3:
		l.Clog()
	case 4, 5, 6:
		l.Heal()
	case 7:
		w.net.Heal()
	case 8:
		w.net.Swizzle(time.Second, "a", "b", "c")
	case 9:
		h.Crash()
		for _, e := range ends {
			if e.s.h == h && !e.done() {
				e.killed, e.err = true, syscall.EBADF // the program is no more
			}
		}
		w.env.After(time.Duration(r.IntN(1000))*time.Millisecond, "restart", h.Restart)
	}
}

// Whatever has happened, once nothing bad happens any more each connection comes to its
// end: all of its bytes, or an error. A connection that hangs is an event that was lost.
func TestNoConnectionHangsForEver(t *testing.T) {
	errors, counts := map[string]int{}, map[string]uint64{}
	for seed := range uint64(500) {
		w := newWorld(t, seed)
		w.host("c", netip.MustParseAddr("10.0.0.3"))
		r := rand.New(rand.NewPCG(seed, 9))
		w.net.Faults().SmallBuffers = []float64{0, 0, 0.2}[r.IntN(3)]
		ends := connections(w, r, 4)
		w.net.SetFaults(netsim.Faults{
			Latency: latency, Loss: 0.03, Clog: 0.003, Swizzle: 0.001, Partition: 0.002, OneWay: 0.5,
			ShortRead: 0.1, ShortWrite: 0.1, Reset: 0.01 * float64(r.IntN(2)), Retries: 2 * r.IntN(2),
		})
		finish := func(rounds int, between func()) (left int) {
			for range rounds {
				w.collect()
				left = 0
				for _, e := range ends {
					if !e.done() {
						e.step(t)
						left++
					}
				}
				if left == 0 {
					break
				}
				between()
			}
			return left
		}
		calm := r.IntN(3) == 0
		finish(r.IntN(300), func() {
			if !calm {
				strike(w, r, ends)
			}
			w.env.Run(time.Duration(r.IntN(10)) * time.Millisecond)
		})
		w.net.Quiet()
		w.env.Run(time.Second)
		w.net.Quiet() // what had been promised before may have begun
		if left := finish(3000, func() { w.env.Run(100 * time.Millisecond) }); left > 0 {
			for _, e := range ends {
				t.Logf("%s: %+v; told %v", e.s.h.Name(), *e, e.s.told())
			}
			t.Fatalf("seed %d: %d of %d ends hang", seed, left, len(ends))
		}
		for _, c := range w.net.Counts() {
			counts[c.Name] += c.N
		}
		for _, e := range ends {
			errors[fmt.Sprint(e.err)]++
		}
	}
	for _, want := range []error{nil, syscall.ECONNRESET} {
		if errors[fmt.Sprint(want)] == 0 {
			t.Errorf("no end has come to %v: %v", want, errors)
		}
	}
	t.Log(errors, counts)
}
