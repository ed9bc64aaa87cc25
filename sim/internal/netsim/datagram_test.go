package netsim_test

import (
	"encoding/binary"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/sim/internal/netsim"
)

var datagrams = driver.Kind{Family: driver.IPv4, Type: driver.Datagram}

// numbered sends datagrams with numbers, and tells which have come, in their order.
func numbered(w *world, total int) (came []int) {
	w.Helper()
	from, to := w.socket(w.a, datagrams), w.socket(w.b, datagrams)
	w.must(w.b.Bind(to.fd, at("0.0.0.0:7")))
	buf := make([]byte, 100)
	for i := range total {
		n, err := w.a.SendMsg(from.fd, binary.BigEndian.AppendUint32(nil, uint32(i)), nil, at("10.0.0.2:7"))
		if n != 4 || err != nil {
			w.Fatalf("%d, %v", n, err)
		}
		w.pass(time.Millisecond)
		for {
			m, err := w.b.RecvMsg(to.fd, buf, nil)
			if err == syscall.EAGAIN {
				break
			}
			w.must(err)
			if m.N != 4 || m.From.IP.Addr() != ipA {
				w.Fatalf("%+v", m)
			}
			came = append(came, int(binary.BigEndian.Uint32(buf)))
		}
	}
	return came
}

func TestDatagramsAreLostDoubledAndOvertaken(t *testing.T) {
	const total = 1000
	judge := func(f netsim.Faults) (lost, doubled, overtaken int) {
		w := newWorld(t, 7)
		w.net.SetFaults(f)
		seen := map[int]int{}
		last := -1
		for _, i := range numbered(w, total) {
			if seen[i]++; seen[i] == 2 {
				doubled++
			}
			if i < last {
				overtaken++
			}
			last = max(last, i)
		}
		return total - len(seen), doubled, overtaken
	}
	about := func(what string, n, want int) {
		t.Helper()
		if n < want*7/10 || n > want*13/10 {
			t.Errorf("%s: %d of %d, want about %d", what, n, total, want)
		}
	}
	lost, doubled, overtaken := judge(netsim.Faults{})
	if lost+doubled+overtaken != 0 {
		t.Errorf("in a perfect network %d, %d, %d", lost, doubled, overtaken)
	}
	lost, doubled, overtaken = judge(netsim.Faults{Loss: 0.2})
	about("lost", lost, 200)
	if doubled+overtaken > 0 {
		t.Errorf("by loss alone %d doubled, %d overtaken", doubled, overtaken)
	}
	_, doubled, _ = judge(netsim.Faults{Duplicate: 0.2})
	about("doubled", doubled, 200)
	_, _, overtaken = judge(netsim.Faults{Reorder: 0.1, Late: netsim.Delay{Min: 10 * time.Millisecond}})
	about("overtaken", overtaken, 100)
}

func TestADatagramThatFindsNoRoomIsLost(t *testing.T) {
	w := newWorld(t, 1)
	from, to := w.socket(w.a, datagrams), w.socket(w.b, datagrams)
	w.must(w.b.SetOption(to.fd, driver.ReadBuffer, 2000))
	w.must(w.b.Bind(to.fd, at("10.0.0.2:7")))
	for range 20 {
		_, err := w.a.SendMsg(from.fd, make([]byte, 500), nil, at("10.0.0.2:7"))
		w.must(err)
	}
	w.pass(time.Second)
	came := 0
	for {
		if _, err := w.b.RecvMsg(to.fd, make([]byte, 500), nil); err != nil {
			break
		}
		came++
	}
	if came == 0 || came > 8 {
		t.Errorf("%d of 20 have found room in 4,000 bytes", came)
	}
}

func TestNobodyIsToldOfADatagramThatWasCutOff(t *testing.T) {
	w := newWorld(t, 1)
	c := w.socket(w.a, datagrams)
	w.must(w.a.Connect(c.fd, at("10.0.0.2:7")))
	for _, l := range []*netsim.Link{w.net.Link("a", "b"), w.net.Link("b", "a")} {
		l.Block()
		_, err := w.a.Write(c.fd, []byte("x"))
		w.must(err)
		w.pass(time.Hour)
		w.must(w.a.SocketError(c.fd))
		l.Heal()
	}
	_, err := w.a.Write(c.fd, []byte("x"))
	w.must(err)
	w.pass(time.Second)
	w.want("and when it was not", w.a.SocketError(c.fd), syscall.ECONNREFUSED)
}

func TestADatagramForAllReachesEveryHost(t *testing.T) {
	w := newWorld(t, 1)
	w.host("c", netip.MustParseAddr("10.0.0.3"))
	var sides []*side
	for _, h := range w.all {
		s := w.socket(h, datagrams)
		w.must(h.Bind(s.fd, at("0.0.0.0:7")))
		sides = append(sides, s)
	}
	everybody := at("255.255.255.255:7")
	_, err := w.a.SendMsg(sides[0].fd, []byte("hello"), nil, everybody)
	w.want("without the option", err, syscall.EACCES)
	w.must(w.a.SetOption(sides[0].fd, driver.Broadcast, 1))
	_, err = w.a.SendMsg(sides[0].fd, []byte("hello"), nil, everybody)
	w.must(err)
	w.pass(time.Second)
	for i, s := range sides {
		m, err := s.h.RecvMsg(s.fd, make([]byte, 10), nil)
		if i > 0 && (m.N != 5 || err != nil || m.From != at("10.0.0.1:7")) {
			t.Errorf("host %d: %+v, %v", i, m, err)
		}
		if i == 0 && err != syscall.EAGAIN {
			t.Errorf("the sender himself: %+v, %v", m, err)
		}
	}
}

func TestThoseWhoShareAPortAreChosenAmong(t *testing.T) {
	for _, k := range []driver.Kind{tcp, datagrams} {
		got := map[int]int{}
		w := newWorld(t, 5)
		var sides []*side
		for range 3 {
			s := w.socket(w.b, k)
			w.must(w.b.SetOption(s.fd, driver.ReusePort, 1))
			w.must(w.b.Bind(s.fd, at("10.0.0.2:7")))
			if k == tcp {
				w.must(w.b.Listen(s.fd, 100))
			}
			sides = append(sides, s)
		}
		for range 60 {
			c := w.socket(w.a, k)
			w.must(c.dial(at("10.0.0.2:7")))
			if k != tcp {
				_, err := w.a.Write(c.fd, []byte("x"))
				w.must(err)
			}
			w.pass(time.Second)
		}
		for i, s := range sides {
			for {
				_, _, err := w.b.Accept(s.fd)
				if k != tcp {
					_, err = w.b.RecvMsg(s.fd, make([]byte, 1), nil)
				}
				if err != nil {
					break
				}
				got[i]++
			}
		}
		if got[0]+got[1]+got[2] != 60 || min(got[0], got[1], got[2]) < 8 {
			t.Errorf("%v: %v", k, got)
		}
	}
}

func TestDescriptorsRunOutAndConnectionsAreAborted(t *testing.T) {
	w := newWorld(t, 1)
	l, bound := w.listen(w.b, tcp, anyPort)
	for range 2 {
		w.must(w.socket(w.a, tcp).dial(port(ipB, bound)))
	}
	w.pass(time.Second)
	w.net.Faults().NoDescriptor = 1
	_, err := w.a.Socket(tcp)
	w.want("Socket", err, syscall.EMFILE)
	l.forget()
	_, _, err = w.b.Accept(l.fd)
	w.want("Accept", err, syscall.EMFILE)
	if w.collect(); l.told()&driver.Readable == 0 {
		t.Error("no event tells that there is still somebody")
	}
	w.net.SetFaults(netsim.Faults{Aborted: 1})
	_, _, err = w.b.Accept(l.fd)
	w.want("Accept", err, syscall.ECONNABORTED)
	w.net.Quiet()
	l.accept()
	_, _, err = w.b.Accept(l.fd)
	w.want("Accept", err, syscall.EAGAIN)
}
