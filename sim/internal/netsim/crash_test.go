package netsim_test

import (
	"errors"
	"net"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/sim/internal/netsim"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

func TestACrashOfTheProgram(t *testing.T) {
	w := newWorld(t, 1)
	c, s := w.pair()
	d, e := w.connect(w.a, w.b, ipB)
	w.must(c.write([]byte("unread")))
	w.must(e.write([]byte("last words")))
	w.pass(time.Millisecond)
	w.b.Kill()
	if got, err := d.read(20); string(got) != "last words" || err != nil {
		t.Errorf("where all was read: %q, %v", got, err)
	}
	_, err := c.read(1)
	w.want("where something was not", err, syscall.ECONNRESET)
	_, err = w.b.Read(s.fd, make([]byte, 1))
	w.want("the old number", err, syscall.EBADF)
}

func TestACrashOfTheMachine(t *testing.T) {
	down := func() (w *world, c, idle *side) {
		w = newWorld(t, 1)
		c, s := w.pair()
		idle, _ = w.pair()
		w.must(s.write([]byte("last words")))
		w.b.PowerOff()
		w.pass(time.Second)
		return w, c, idle
	}
	t.Run("is seen by nobody", func(t *testing.T) {
		w, c, _ := down()
		if got, err := c.read(10); string(got) != "last words" || err != nil {
			t.Errorf("what was under way: %q, %v", got, err)
		}
		c.forget()
		w.pass(time.Hour)
		if c.told() != 0 {
			t.Errorf("told %v", c.told())
		}
	})
	t.Run("is a timeout for who sends while it is down", func(t *testing.T) {
		_, c, _ := down()
		if err := c.write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		c.read(10)
		_, err := c.read(1)
		c.w.want("Read", err, syscall.ETIMEDOUT)
	})
	t.Run("is a reset for who sends when it is up again", func(t *testing.T) {
		w, c, idle := down()
		w.must(c.write([]byte("x")))
		w.pass(10 * time.Second)
		w.b.Restart()
		c.read(10)
		begin := w.env.Now()
		_, err := c.read(1)
		w.want("the one who has sent", err, syscall.ECONNRESET)
		if d := w.env.Now().Sub(begin); d > 20*time.Second {
			t.Errorf("after %v", d)
		}
		if idle.told()&driver.Hangup != 0 {
			t.Error("the idle one knows without having sent anything")
		}
		w.must(idle.write([]byte("x")))
		_, err = idle.read(1)
		w.want("the idle one", err, syscall.ECONNRESET)
		_, bound := w.listen(w.b, tcp, anyPort)
		w.must(w.socket(w.a, tcp).dial(port(ipB, bound)))
	})
}

func TestCrashIsAChoiceThatIsCounted(t *testing.T) {
	var programs, machines uint64
	for seed := range uint64(20) {
		w := newWorld(t, seed)
		w.b.Crash()
		w.b.Restart()
		programs += count(t, w.net, "process crashed")
		machines += count(t, w.net, "machine crashed")
	}
	if programs+machines != 20 || programs == 0 || machines == 0 {
		t.Errorf("%d programs and %d machines", programs, machines)
	}
}

func TestKeepAliveFindsADeadPeer(t *testing.T) {
	quick := func(w *world, s *side) {
		for o, v := range map[driver.Option]int{driver.KeepAlive: 1, driver.KeepIdle: 15, driver.KeepInterval: 10, driver.KeepCount: 3} {
			w.must(s.h.SetOption(s.fd, o, v))
		}
	}
	for _, c := range []struct {
		name  string
		kill  func(w *world)
		want  syscall.Errno
		after time.Duration
	}{
		{"whose machine is down", func(w *world) { w.b.PowerOff() }, syscall.ETIMEDOUT, 45 * time.Second},
		{"that is cut off", func(w *world) { w.net.Link("b", "a").Block() }, syscall.ETIMEDOUT, 45 * time.Second},
		{"whose machine was started anew", func(w *world) { w.b.PowerOff(); w.b.Restart() }, syscall.ECONNRESET, 15 * time.Second},
		{"that is well", func(*world) {}, 0, 0},
		{"that was cut off for a while", func(w *world) {
			w.net.Link("b", "a").Block()
			w.env.After(30*time.Second, "heal", w.net.Heal)
		}, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, 1)
			client, _ := w.pair()
			quick(w, client)
			w.pass(time.Millisecond)
			client.forget()
			c.kill(w)
			at := time.Duration(0)
			for ; at < 100*time.Second && client.told() == 0; at += time.Second {
				w.pass(time.Second)
			}
			if _, err := w.a.Read(client.fd, make([]byte, 1)); c.want != 0 && err != c.want || c.want == 0 && err != syscall.EAGAIN {
				t.Errorf("%v, want %v", err, c.want)
			}
			if c.want != 0 && (at < c.after-2*time.Second || at > c.after+2*time.Second) {
				t.Errorf("after %v, want %v", at, c.after)
			}
			found := uint64(0)
			if c.want != 0 {
				found = 1
			}
			if n := count(t, w.net, "dead peer found by keep-alive"); n != found {
				t.Errorf("%d are counted", n)
			}
		})
	}
}

// A world without anything under way has nothing to wait for: then it can be seen that a
// program hangs.
func TestAnIdleNetworkHasNothingToComeToPass(t *testing.T) {
	w := newWorld(t, 1)
	for range 5 {
		c, s := w.pair()
		for _, x := range []*side{c, s} {
			w.must(x.h.SetOption(x.fd, driver.KeepAlive, 1))
			w.must(x.h.SetOption(x.fd, driver.KeepIdle, 1))
		}
		w.must(exchange(c, s, pattern(300_000), 10_000))
	}
	w.pass(time.Minute)
	if n := w.env.Run(24 * time.Hour); n != 0 {
		t.Errorf("%d calls in a day", n)
	}
}

func TestNames(t *testing.T) {
	w := newWorld(t, 1)
	for name, want := range map[string]string{"b": "10.0.0.2", "localhost": "127.0.0.1", "192.0.2.7": "192.0.2.7"} {
		if ips, err := w.a.Lookup(name); err != nil || ips[0].String() != want {
			t.Errorf("%s is at %v, %v", name, ips, err)
		}
	}
	var failed *net.DNSError
	if _, err := w.a.Lookup("nobody"); !errors.As(err, &failed) || !failed.IsNotFound {
		t.Errorf("a name of nobody: %v", err)
	}
	w.net.SetFaults(netsim.Faults{LookupFail: 1, LookupSlow: 1})
	if _, err := w.a.Lookup("b"); !errors.As(err, &failed) || failed.IsNotFound || !failed.IsTemporary {
		t.Errorf("a look-up that fails: %v", err)
	}
	if d := w.a.LookupTime(); d < time.Second {
		t.Errorf("a slow one takes %v", d)
	}
	w.net.Quiet()
	if d := w.a.LookupTime(); d > time.Millisecond {
		t.Errorf("a quick one takes %v", d)
	}
}

func TestEventsTellWhatHappens(t *testing.T) {
	w := newWorld(t, 1)
	c, s := w.pair()
	w.env.Events = nil
	w.must(c.write([]byte("hello")))
	w.pass(time.Millisecond)
	w.net.Link("a", "b").Block()
	w.must(c.write([]byte("gone")))
	w.net.Heal()
	w.must(w.b.SetOption(s.fd, driver.Linger, 0))
	s.close()
	var kinds []simenv.Kind
	for _, e := range w.env.Events {
		kinds = append(kinds, e.Kind)
	}
	want := []simenv.Kind{
		simenv.Sent, simenv.Delivered, simenv.Partition, simenv.Sent, simenv.Dropped, simenv.Healed,
		simenv.Reset, simenv.Sent,
	}
	if !slices.Equal(kinds, want) {
		t.Errorf("%v, want %v", kinds, want)
	}
	if e := w.env.Events; e[0].ID == 0 || e[0].ID != e[1].ID || e[0].Size != 5 || e[0].Host != "a" || e[0].Peer != "b" {
		t.Errorf("%+v, %+v", e[0], e[1])
	}
}
