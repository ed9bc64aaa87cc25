package netsim_test

import (
	"net/netip"
	"runtime"
	"strconv"
	"testing"

	"github.com/goasyncio/asyncio/sim/internal/netsim"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// quietEnv is a world that nobody records.
type quietEnv struct{ *simenv.Fake }

func (quietEnv) Recording() bool    { return false }
func (quietEnv) Event(simenv.Event) {}

func quietWorld(t testing.TB) *world {
	w := newWorld(t, 1)
	w.net = netsim.New(quietEnv{w.env})
	w.all = nil
	w.a = w.host("a", ipA)
	w.b = w.host("b", ipB)
	return w
}

func BenchmarkSendAndDeliver(b *testing.B) {
	w := quietWorld(b)
	c, s := w.pair()
	p, buf := make([]byte, 64), make([]byte, 100)
	b.ReportAllocs()
	for b.Loop() {
		w.a.Send(c.fd, p)
		w.env.Run(1e6)
		if n, err := w.b.Recv(s.fd, buf); n != 64 || err != nil {
			b.Fatal(n, err)
		}
	}
}

func BenchmarkConnectAndClose(b *testing.B) {
	w := quietWorld(b)
	l, bound := w.listen(w.b, tcp, anyPort)
	to := port(ipB, bound)
	b.ReportAllocs()
	for b.Loop() {
		fd, _ := w.a.Socket(tcp)
		w.a.Connect(fd, to)
		w.env.Run(1e6)
		conn, _, err := w.b.Accept(l.fd)
		if err != nil {
			b.Fatal(err)
		}
		w.a.CloseSocket(fd)
		w.b.CloseSocket(conn)
		w.env.Run(1e6)
	}
}

func TestAnIdleConnectionIsSmall(t *testing.T) {
	w := quietWorld(t)
	const hosts, each = 100, 100
	l, bound := w.listen(w.b, tcp, anyPort)
	w.must(w.b.Listen(l.fd, 4096))
	buf := make([]byte, 1000)
	before := heap()
	for i := range hosts {
		h := w.net.Host("h"+strconv.Itoa(i), netip.AddrFrom4([4]byte{10, 1, 0, byte(i)}))
		for range each {
			fd, err := h.Socket(tcp)
			w.must(err)
			h.Connect(fd, port(ipB, bound))
			w.env.Run(1e6)
			h.Send(fd, buf)
			w.env.Run(1e6)
			conn, _, err := w.b.Accept(l.fd)
			w.must(err)
			if n, err := w.b.Recv(conn, buf); n != len(buf) || err != nil {
				t.Fatal(n, err)
			}
		}
	}
	if size := (heap() - before) / (hosts * each); size > 2048 {
		t.Errorf("%d bytes for both ends", size)
	} else {
		t.Logf("%d bytes for both ends", size)
	}
	runtime.KeepAlive(w)
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
