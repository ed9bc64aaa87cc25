package netsim_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/sim/internal/netsim"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

var latency = netsim.Delay{Min: 50 * time.Microsecond, Mean: time.Millisecond, Tail: 300 * time.Millisecond, Rare: 0.01}

// harmless are faults that TCP hides, but for the time that they take.
var harmless = map[string]netsim.Faults{
	"nothing":       {},
	"latency":       {Latency: latency},
	"loss":          {Latency: latency, Loss: 0.2},
	"clogs":         {Latency: latency, Clog: 0.05},
	"swizzle":       {Latency: latency, Swizzle: 0.02},
	"partitions":    {Latency: latency, Partition: 0.02},
	"one-way":       {Latency: latency, Partition: 0.02, OneWay: 1},
	"short":         {ShortRead: 0.5, ShortWrite: 0.5},
	"small buffers": {SmallBuffers: 1},
	"bandwidth":     {Bandwidth: 1 << 20},
	"all of it": {
		Latency: latency, Loss: 0.05, Clog: 0.01, Swizzle: 0.01, Partition: 0.01, OneWay: 0.5,
		ShortRead: 0.2, ShortWrite: 0.2, SmallBuffers: 0.5, Bandwidth: 10 << 20, NoDescriptor: 0.1,
	},
}

func TestTCPDeliversEverythingInOrderWhateverTheNetworkDoes(t *testing.T) {
	for name, f := range harmless {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(30) {
				w := newWorld(t, seed)
				w.net.SetFaults(f)
				w.net.Faults().NoDescriptor = 0
				c, s := w.pair()
				w.net.Faults().NoDescriptor = f.NoDescriptor
				size := 100_000
				if f.SmallBuffers > 0 {
					size = 3000
				}
				data := pattern(size)
				chunk := []int{37, 1000, 20_000}[seed%3]
				if chunk == 37 {
					data = data[:2000]
				}
				for _, way := range [][2]*side{{c, s}, {s, c}} {
					if err := exchange(way[0], way[1], data, chunk); err != nil {
						t.Fatalf("seed %d: %v", seed, err)
					}
				}
				c.close()
				if got, err := s.read(1); len(got) > 0 || err != nil {
					t.Fatalf("seed %d: after the last: %q, %v", seed, got, err)
				}
			}
		})
	}
}

func TestAConnectionThatIsResetHasDeliveredTheBeginning(t *testing.T) {
	resets := 0
	for seed := range uint64(300) {
		w := newWorld(t, seed)
		c, s := w.pair()
		w.net.SetFaults(netsim.Faults{Latency: latency, Loss: 0.01, Reset: 0.05})
		w.must(w.a.SetOption(c.fd, driver.KeepAlive, 1))
		w.must(w.b.SetOption(s.fd, driver.KeepAlive, 1))
		err := exchange(c, s, pattern(100_000), 5000) // which checks the bytes
		switch err {
		case nil:
		case syscall.ECONNRESET, syscall.EPIPE, syscall.ETIMEDOUT:
			resets++
		default:
			t.Errorf("seed %d: %v", seed, err)
		}
	}
	if resets < 50 || resets > 290 {
		t.Errorf("%d of 300 were reset", resets)
	}
	if n := count(t, newWorld(t, 1).net, "connection reset"); n != 0 {
		t.Errorf("a new network counts %d resets", n)
	}
}

func count(t testing.TB, n *netsim.Net, name string) uint64 {
	t.Helper()
	all := n.Counts()
	i := slices.IndexFunc(all, func(c netsim.Count) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("nothing of the name %q is counted", name)
	}
	return all[i].N
}

func TestTheSameSeedIsTheSameRun(t *testing.T) {
	run := func(seed uint64) []simenv.Event {
		w := newWorld(t, seed)
		f := harmless["all of it"]
		f.NoDescriptor = 0
		w.net.SetFaults(f)
		w.host("c", netip.MustParseAddr("10.0.0.3"))
		for range 3 {
			l, bound := w.listen(w.b, tcp, anyPort)
			c := w.socket(w.a, tcp)
			w.must(c.dial(port(ipB, bound)))
			s := l.accept()
			w.must(w.a.SetOption(c.fd, driver.KeepAlive, 1))
			w.must(w.b.SetOption(s.fd, driver.KeepAlive, 1))
			w.net.Faults().Reset = 0.002
			exchange(c, s, pattern(5_000), 3000)
			w.net.Faults().Reset = 0
		}
		return w.env.Events
	}
	for seed := range uint64(10) {
		one, two, other := run(seed), run(seed), run(seed+100)
		if !slices.Equal(one, two) {
			t.Errorf("seed %d: two runs differ", seed)
		}
		if slices.Equal(one, other) {
			t.Errorf("seeds %d and %d are the same", seed, seed+100)
		}
	}
}

func TestLossIsTimeThatPasses(t *testing.T) {
	w := newWorld(t, 1)
	c, s := w.pair()
	w.net.Link("a", "b").Block()
	begin := w.env.Now()
	w.must(c.write([]byte("hello")))
	w.pass(500 * time.Millisecond) // retransmissions after 200 ms and 600 ms
	w.net.Heal()
	if got, err := s.read(5); string(got) != "hello" || err != nil {
		t.Fatalf("%q, %v", got, err)
	}
	if d := w.env.Now().Sub(begin); d < 600*time.Millisecond || d > 610*time.Millisecond {
		t.Errorf("it took %v", d)
	}
	if n := count(t, w.net, "packet cut off by a partition"); n != 2 {
		t.Errorf("%d packets were cut off, want 2", n)
	}
}

func TestAConnectionWithoutAnswersTimesOut(t *testing.T) {
	for _, c := range []struct{ name, from, to string }{
		{"what is sent does not arrive", "a", "b"}, {"what is answered does not", "b", "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, 1)
			client, server := w.pair()
			w.net.Link(c.from, c.to).Block()
			begin := w.env.Now()
			w.must(client.write([]byte("hello")))
			_, err := client.read(1)
			w.want("Read", err, syscall.ETIMEDOUT)
			if d := w.env.Now().Sub(begin).Round(time.Second); d < 900*time.Second || d > 960*time.Second {
				t.Errorf("after %v", d)
			}
			if server.told()&driver.Hangup != 0 {
				t.Error("the server knows")
			}
			w.net.Heal()
			if c.from == "b" {
				server.read(5)
			}
			w.must(server.write([]byte("anybody?")))
			_, err = server.read(10)
			w.want("the server's read", err, syscall.ECONNRESET)
		})
	}
	t.Run("it is tried less often where that is said", func(t *testing.T) {
		w := newWorld(t, 1)
		c, _ := w.pair()
		w.net.Faults().Retries = 2
		w.net.Link("a", "b").Block()
		begin := w.env.Now()
		w.must(c.write([]byte("hello")))
		_, err := c.read(1)
		w.want("Read", err, syscall.ETIMEDOUT)
		if d := w.env.Now().Sub(begin).Round(100 * time.Millisecond); d != 1400*time.Millisecond {
			t.Errorf("after %v", d)
		}
	})
}

func TestAClogKeepsPacketsAndThenLetsThemGo(t *testing.T) {
	w := newWorld(t, 1)
	c, s := w.pair()
	w.pass(time.Second)
	s.forget()
	w.net.Link("a", "b").Clog()
	for _, text := range []string{"one", "two"} {
		w.must(c.write([]byte(text)))
	}
	d := w.socket(w.a, tcp)
	l, bound := w.listen(w.b, tcp, anyPort)
	w.want("Connect", w.a.Connect(d.fd, port(ipB, bound)), syscall.EINPROGRESS)
	w.pass(time.Minute)
	if s.told() != 0 || l.told() != 0 {
		t.Error("something has come")
	}
	w.must(s.write([]byte("back")))
	if got, err := c.read(4); string(got) != "back" || err != nil {
		t.Errorf("the other way: %q, %v", got, err)
	}
	w.net.Link("a", "b").Heal()
	if got, err := s.read(6); string(got) != "onetwo" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	l.accept()
}

func TestQuietLetsEverythingGoOn(t *testing.T) {
	for seed := range uint64(40) {
		w := newWorld(t, seed)
		c, s := w.pair()
		w.net.SetFaults(netsim.Faults{Latency: latency, Loss: 0.5, Clog: 0.3, Swizzle: 0.2, Partition: 0.2, BlackHole: 1})
		data := pattern(20_000)
		w.must(c.write(data))
		d := w.socket(w.a, tcp)
		l, bound := w.listen(w.b, tcp, anyPort)
		w.a.Connect(d.fd, port(ipB, bound))
		w.net.Partition([]string{"a"}, []string{"b"})
		w.pass(20 * time.Second)
		begin := w.env.Now()
		w.net.Quiet()
		if got, err := s.read(len(data)); !bytes.Equal(got, data) || err != nil {
			t.Fatalf("seed %d: %d bytes, %v", seed, len(got), err)
		}
		l.accept()
		if d := w.env.Now().Sub(begin); d > 2*time.Second {
			t.Errorf("seed %d: it took %v", seed, d)
		}
		if f := w.net.Faults(); f.Loss != 0 || f.BlackHole != 0 {
			t.Errorf("what is left: %+v", f)
		}
	}
}

func TestConnectsFailAsTheFaultsSay(t *testing.T) {
	dial := func(f netsim.Faults, prepare func(w *world)) (time.Duration, error) {
		w := newWorld(t, 1)
		_, bound := w.listen(w.b, tcp, anyPort)
		w.net.SetFaults(f)
		if prepare != nil {
			prepare(w)
		}
		err := w.socket(w.a, tcp).dial(port(ipB, bound))
		return time.Duration(w.env.Now()).Round(time.Second), err
	}
	cut := func(w *world) { w.net.Link("b", "a").Block() }
	for _, c := range []struct {
		name    string
		faults  netsim.Faults
		prepare func(*world)
		want    error
		after   time.Duration
	}{
		{"not at all", netsim.Faults{}, nil, nil, 0},
		{"refused", netsim.Faults{Refuse: 1}, nil, syscall.ECONNREFUSED, 0},
		{"swallowed", netsim.Faults{BlackHole: 1}, nil, syscall.ETIMEDOUT, 127 * time.Second},
		{"cut off on the way back", netsim.Faults{}, cut, syscall.ETIMEDOUT, 127 * time.Second},
		{"a machine that is down", netsim.Faults{}, func(w *world) { w.b.PowerOff() }, syscall.ETIMEDOUT, 127 * time.Second},
		{"a program that has crashed", netsim.Faults{}, func(w *world) { w.b.Kill() }, syscall.ECONNREFUSED, 0},
	} {
		after, err := dial(c.faults, c.prepare)
		if want, _ := c.want.(syscall.Errno); err != c.want && err != want || after < c.after || after > c.after+time.Second+c.after/10 {
			t.Errorf("%s: %v after %v, want %v after %v", c.name, err, after, c.want, c.after)
		}
	}
}

func TestSwizzleStopsHostsAndLetsThemGoOn(t *testing.T) {
	w := newWorld(t, 3)
	var hosts []string
	for i := range 8 {
		name := fmt.Sprint("s", i)
		w.host(name, netip.AddrFrom4([4]byte{10, 0, 1, byte(i)}))
		hosts = append(hosts, name)
	}
	w.net.Swizzle(10*time.Second, hosts...)
	stopped := func() (n int) {
		for _, h := range hosts {
			if w.net.Link(h, "a").Clogged() && w.net.Link("a", h).Clogged() {
				n++
			}
		}
		return n
	}
	var seen []int
	for range 21 {
		seen = append(seen, stopped())
		w.pass(490 * time.Millisecond)
	}
	if seen[0] != 0 || seen[10] != 8 || !slices.IsSorted(seen[:11]) {
		t.Errorf("stopped after so many half seconds: %v", seen)
	}
	w.pass(time.Second)
	if n := stopped(); n != 0 {
		t.Errorf("%d are stopped at the end", n)
	}
}
