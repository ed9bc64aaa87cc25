package aionet_test

import (
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

const ms = time.Millisecond

// dials runs a Dial of tcp to "name:80" in w, and tells how long it took.
func dials(t *testing.T, w *world, d aionet.Dialer, check func(c *aionet.Conn, err error, took time.Duration)) {
	t.Helper()
	inWorld(t, w, func(ctx context.Context) error {
		d.Resolver = w
		begin := asyncio.Now(ctx)
		c, err := d.Dial(ctx, "tcp", "name:80")
		check(c, err, asyncio.Now(ctx).Sub(begin))
		if c != nil {
			if len(w.open) != 1 {
				t.Errorf("%d sockets are open, want the winner's", len(w.open))
			}
			c.Close()
		}
		return nil
	})
}

// named is a world in which "name" has these addresses.
func named(hosts map[string]host, addrs ...string) *world {
	return &world{hosts: hosts, names: map[string][]string{"name": addrs}}
}

func TestReliabilityE15TheRaceOfAddressesHasOneWinner(t *testing.T) {
	for _, c := range []struct {
		name     string
		world    *world
		dialer   aionet.Dialer
		winner   string // "" where all fail
		took     time.Duration
		attempts []string
	}{
		{"the first answers in time",
			named(map[string]host{"2001:db8::1": {after: 249 * ms}, "192.0.2.1": {after: 1}}, "2001:db8::1", "192.0.2.1"),
			aionet.Dialer{}, "2001:db8::1", 249 * ms, []string{"0s 2001:db8::1"}},
		{"the first is a black hole",
			named(map[string]host{"2001:db8::1": {}, "192.0.2.1": {after: 10 * ms}}, "2001:db8::1", "192.0.2.1"),
			aionet.Dialer{}, "192.0.2.1", 260 * ms, []string{"0s 2001:db8::1", "250ms 192.0.2.1"}},
		{"two succeed in the same moment",
			named(map[string]host{"2001:db8::1": {after: 300 * ms}, "192.0.2.1": {after: 50 * ms}}, "2001:db8::1", "192.0.2.1"),
			aionet.Dialer{}, "2001:db8::1", 300 * ms, []string{"0s 2001:db8::1", "250ms 192.0.2.1"}},
		{"one that has failed lets the next begin at once",
			named(map[string]host{"2001:db8::1": {after: 20 * ms, err: syscall.EHOSTUNREACH}, "192.0.2.1": {after: 10 * ms}}, "2001:db8::1", "192.0.2.1"),
			aionet.Dialer{}, "192.0.2.1", 30 * ms, []string{"0s 2001:db8::1", "20ms 192.0.2.1"}},
		{"the families take turns",
			named(map[string]host{"2001:db8::1": {}, "2001:db8::2": {}, "192.0.2.1": {}, "192.0.2.2": {after: ms}},
				"2001:db8::1", "2001:db8::2", "192.0.2.1", "192.0.2.2"),
			aionet.Dialer{}, "192.0.2.2", 751 * ms,
			[]string{"0s 2001:db8::1", "250ms 192.0.2.1", "500ms 2001:db8::2", "750ms 192.0.2.2"}},
		{"all fail",
			named(map[string]host{"2001:db8::1": {after: 10 * ms, err: syscall.ECONNREFUSED}, "192.0.2.1": {after: 10 * ms, err: syscall.ENETUNREACH}}, "2001:db8::1", "192.0.2.1"),
			aionet.Dialer{}, "", 20 * ms, []string{"0s 2001:db8::1", "10ms 192.0.2.1"}},
		{"another delay",
			named(map[string]host{"2001:db8::1": {}, "192.0.2.1": {after: ms}}, "2001:db8::1", "192.0.2.1"),
			aionet.Dialer{FallbackDelay: 7 * ms}, "192.0.2.1", 8 * ms, []string{"0s 2001:db8::1", "7ms 192.0.2.1"}},
		{"one after the other",
			named(map[string]host{"2001:db8::1": {after: time.Minute, err: syscall.ETIMEDOUT}, "192.0.2.1": {after: ms}}, "2001:db8::1", "192.0.2.1"),
			aionet.Dialer{FallbackDelay: -1}, "192.0.2.1", time.Minute + ms, []string{"0s 2001:db8::1", "1m0s 192.0.2.1"}},
		{"one after the other, and all fail",
			named(map[string]host{"2001:db8::1": {after: ms, err: syscall.ECONNREFUSED}, "192.0.2.1": {at: syscall.ENETUNREACH}}, "2001:db8::1", "192.0.2.1"),
			aionet.Dialer{FallbackDelay: -1}, "", ms, []string{"0s 2001:db8::1", "1ms 192.0.2.1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dials(t, c.world, c.dialer, func(conn *aionet.Conn, err error, took time.Duration) {
				if took != c.took || !slices.Equal(c.world.attempts, c.attempts) {
					t.Errorf("took %v, want %v; attempts %q, want %q", took, c.took, c.world.attempts, c.attempts)
				}
				switch {
				case c.winner != "" && err != nil:
					t.Error(err)
				case c.winner != "" && conn.RemoteAddr().(*net.TCPAddr).IP.String() != c.winner:
					t.Errorf("the winner is %v, want %s", conn.RemoteAddr(), c.winner)
				case c.winner == "":
					allTold(t, err, c.attempts)
				}
			})
		})
	}
}

// allTold checks that the error of a race names each address.
func allTold(t *testing.T, err error, attempts []string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, a := range attempts {
		_, name, _ := strings.Cut(a, " ")
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%q does not tell of %s", err, name)
		}
	}
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "dial" {
		t.Errorf("%v is not net's", err)
	}
}

// At each millisecond of a race: nothing is left, and the wait ends at once.
func TestReliabilityB12ADialIsCancelledAtAnyMoment(t *testing.T) {
	for at := time.Duration(0); at < 600*ms; at += 7 * ms {
		w := named(map[string]host{"2001:db8::1": {}, "2001:db8::2": {after: 95 * ms, err: syscall.ECONNREFUSED}, "192.0.2.1": {}}, "2001:db8::1", "2001:db8::2", "192.0.2.1")
		inWorld(t, w, func(ctx context.Context) error {
			dialing := asyncio.CreateTask(ctx, func(ctx context.Context) (*aionet.Conn, error) {
				return (&aionet.Dialer{Resolver: w}).Dial(ctx, "tcp", "name:80")
			})
			asyncio.Sleep(ctx, at)
			begin := asyncio.Now(ctx)
			dialing.Cancel(nil)
			if _, err := dialing.Await(ctx); !errors.Is(err, asyncio.ErrTaskCancelled) && !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled after %v: %v", at, err)
			}
			if d := asyncio.Now(ctx).Sub(begin); d != 0 || len(w.open) != 0 {
				t.Errorf("cancelled after %v: it took %v, and %d sockets are left", at, d, len(w.open))
			}
			return nil
		})
	}
}

func TestADialUnderWayEndsWithTheRun(t *testing.T) {
	w := named(map[string]host{"192.0.2.1": {}}, "192.0.2.1")
	inWorld(t, w, func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := aionet.Dial(ctx, "tcp", "192.0.2.1:80")
			return err
		})
		return asyncio.Sleep(ctx, time.Second)
	})
}

func TestReliabilityE14OutcomesOfAConnection(t *testing.T) {
	for _, c := range []struct {
		name string
		host host
		took time.Duration
		want error // nil: it is connected
	}{
		{"connected at once", host{after: -1}, 0, nil},
		{"connected later", host{after: 30 * ms}, 30 * ms, nil},
		{"writable before it is decided", host{after: 30 * ms, spurious: 5}, 30 * ms, nil},
		{"writable before it fails", host{after: 30 * ms, spurious: 5, err: syscall.ECONNREFUSED}, 30 * ms, syscall.ECONNREFUSED},
		{"refused", host{after: ms, err: syscall.ECONNREFUSED}, ms, syscall.ECONNREFUSED},
		{"refused at once", host{at: syscall.ECONNREFUSED}, 0, syscall.ECONNREFUSED},
		{"no route", host{at: syscall.ENETUNREACH}, 0, syscall.ENETUNREACH},
		{"unreachable later", host{after: ms, err: syscall.EHOSTUNREACH}, ms, syscall.EHOSTUNREACH},
		{"given up by the system", host{after: 2 * time.Minute, err: syscall.ETIMEDOUT}, 2 * time.Minute, syscall.ETIMEDOUT},
		{"no port is left", host{at: syscall.EADDRNOTAVAIL}, 0, syscall.EADDRNOTAVAIL},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := named(map[string]host{"192.0.2.1": c.host}, "192.0.2.1")
			dials(t, w, aionet.Dialer{}, func(conn *aionet.Conn, err error, took time.Duration) {
				if took != c.took || !errors.Is(err, c.want) || (conn == nil) != (c.want != nil) {
					t.Errorf("after %v: %v; want %v after %v", took, err, c.want, c.took)
				}
				if c.want != nil && !strings.HasPrefix(err.Error(), "dial tcp 192.0.2.1:80: connect: ") {
					t.Errorf("the error is %q", err)
				}
			})
		})
	}
	t.Run("no descriptors are left", func(t *testing.T) {
		w := named(nil, "192.0.2.1")
		w.noSockets = syscall.EMFILE
		dials(t, w, aionet.Dialer{}, func(_ *aionet.Conn, err error, _ time.Duration) {
			if !errors.Is(err, syscall.EMFILE) || !strings.Contains(err.Error(), "socket: ") {
				t.Error(err)
			}
		})
	})
}

func TestTheTimeoutOfADialer(t *testing.T) {
	for name, addrs := range map[string][]string{"of one address": {"192.0.2.1"}, "of a race": {"2001:db8::1", "192.0.2.1"}} {
		t.Run(name, func(t *testing.T) {
			w := named(map[string]host{"192.0.2.1": {}, "2001:db8::1": {}}, addrs...)
			dials(t, w, aionet.Dialer{Timeout: 3 * time.Second}, func(_ *aionet.Conn, err error, took time.Duration) {
				var timeout net.Error
				if took != 3*time.Second || !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
					t.Errorf("after %v: %v", took, err)
				}
				if want := "dial tcp " + net.JoinHostPort(addrs[0], "80") + ": i/o timeout"; err.Error() != want {
					t.Errorf("%q, want %q", err, want)
				}
			})
		})
	}
	t.Run("is not the caller's", func(t *testing.T) {
		w := named(map[string]host{"192.0.2.1": {}}, "192.0.2.1")
		inWorld(t, w, func(ctx context.Context) error {
			begin := asyncio.Now(ctx)
			limited, timeout := asyncio.WithTimeout(ctx, time.Second)
			defer timeout.Cancel()
			_, err := (&aionet.Dialer{Timeout: time.Minute}).Dial(limited, "tcp", "192.0.2.1:80")
			if !errors.Is(err, context.DeadlineExceeded) || asyncio.Now(ctx).Sub(begin) != time.Second {
				t.Error(err)
			}
			return nil
		})
	})
}

func TestADialToABusyUnixSocketTriesAgain(t *testing.T) {
	w := &world{hosts: map[string]host{"/busy": {after: -1, busy: 3}}}
	inWorld(t, w, func(ctx context.Context) error {
		begin := asyncio.Now(ctx)
		c, err := aionet.Dial(ctx, "unix", "/busy")
		if err != nil {
			return err
		}
		if took := asyncio.Now(ctx).Sub(begin); took != 15*ms {
			t.Errorf("took %v", took)
		}
		return c.Close()
	})
}

// A writer that gives way may find its socket closed, and its number somebody else's.
func TestAWriterThatGivesWayLooksAgain(t *testing.T) {
	w := named(map[string]host{"192.0.2.1": {after: -1}}, "192.0.2.1")
	inWorld(t, w, func(ctx context.Context) error {
		c, err := aionet.Dial(ctx, "tcp", "192.0.2.1:80")
		if err != nil {
			return err
		}
		asyncio.Go(ctx, func(context.Context) error { return c.Close() })
		n, err := c.WriteContext(ctx, make([]byte, 1<<20))
		if !errors.Is(err, net.ErrClosed) || n == 0 || n == 1<<20 {
			t.Errorf("wrote %d, %v", n, err)
		}
		return nil
	})
}
