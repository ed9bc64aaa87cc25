package aionet_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

func TestReliabilityD10TheFileOfAUnixSocket(t *testing.T) {
	listen := func(ctx context.Context, t *testing.T, path string) *aionet.Listener {
		t.Helper()
		l, err := aionet.Listen(ctx, "unix", path)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	t.Run("that nobody listens on is replaced", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "s")
		onLoop(t, func(ctx context.Context) error {
			stale := listen(ctx, t, path)
			stale.SetUnlinkOnClose(false)
			stale.Close()
			if _, err := os.Lstat(path); err != nil {
				t.Fatal(err)
			}
			l := listen(ctx, t, path)
			defer l.Close()
			c, err := aionet.Dial(ctx, "unix", path)
			if err != nil {
				return err
			}
			return c.Close()
		})
	})
	t.Run("of a live listener is left alone", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "s")
		onLoop(t, func(ctx context.Context) error {
			first := listen(ctx, t, path)
			defer first.Close()
			if _, err := aionet.Listen(ctx, "unix", path); !errors.Is(err, syscall.EADDRINUSE) {
				t.Errorf("a second one: %v", err)
			}
			c, err := aionet.Dial(ctx, "unix", path)
			if err != nil {
				return err
			}
			return c.Close()
		})
	})
	t.Run("that is no socket is left alone", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "s")
		if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		onLoop(t, func(ctx context.Context) error {
			if _, err := aionet.Listen(ctx, "unix", path); !errors.Is(err, syscall.EADDRINUSE) {
				t.Error(err)
			}
			return nil
		})
		if got, _ := os.ReadFile(path); string(got) != "precious" {
			t.Errorf("the file holds %q", got)
		}
	})
	t.Run("goes with its listener", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "s")
		onLoop(t, func(ctx context.Context) error { return listen(ctx, t, path).Close() })
		if _, err := os.Lstat(path); !os.IsNotExist(err) {
			t.Error("it is still there")
		}
	})
	t.Run("that somebody has put in its place stays", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "s")
		onLoop(t, func(ctx context.Context) error {
			first := listen(ctx, t, path)
			os.Remove(path)
			second := listen(ctx, t, path)
			defer second.Close()
			first.Close()
			c, err := aionet.Dial(ctx, "unix", path)
			if err != nil {
				return err
			}
			return c.Close()
		})
	})
	t.Run("of a dial that has failed goes", func(t *testing.T) {
		dir := t.TempDir()
		from := filepath.Join(dir, "from")
		onLoop(t, func(ctx context.Context) error {
			d := aionet.Dialer{LocalAddr: &net.UnixAddr{Name: from, Net: "unix"}}
			if _, err := d.Dial(ctx, "unix", filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
				t.Error(err)
			}
			if _, err := os.Lstat(from); !os.IsNotExist(err) && !portable {
				t.Error("it is still there")
			}
			return nil
		})
	})
}

func TestAnAbstractNameHasNoFile(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has them")
	}
	onLoop(t, func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "unix", "@aionet-test")
		if err != nil {
			return err
		}
		defer l.Close()
		if _, err := os.Lstat("@aionet-test"); err == nil || l.Addr().String() != "@aionet-test" {
			t.Errorf("its address is %v", l.Addr())
		}
		c, err := net.Dial("unix", "@aionet-test")
		if err != nil {
			return err
		}
		return c.Close()
	})
}

func TestAListenerForEveryAddressTakesBothFamilies(t *testing.T) {
	for _, c := range []struct {
		network, address string
		v4, v6           bool
	}{
		{"tcp", ":0", true, true},
		{"tcp", "[::]:0", true, true},
		{"tcp", "0.0.0.0:0", true, false},
		{"tcp4", ":0", true, false},
		{"tcp6", ":0", false, true},
		{"tcp6", "[::]:0", false, true},
	} {
		t.Run(c.network+" "+c.address, func(t *testing.T) {
			onLoop(t, func(ctx context.Context) error {
				l, err := aionet.Listen(ctx, c.network, c.address)
				if err != nil {
					return err
				}
				defer l.Close()
				_, port, _ := net.SplitHostPort(l.Addr().String())
				for host, want := range map[string]bool{"127.0.0.1": c.v4, "::1": c.v6} {
					conn, err := aionet.Dial(ctx, "tcp", net.JoinHostPort(host, port))
					if (err == nil) != want {
						t.Errorf("dialling %s: %v", host, err)
					}
					if err != nil {
						continue
					}
					served, err := l.AcceptContext(ctx)
					if err != nil {
						return err
					}
					if got := served.RemoteAddr().(*net.TCPAddr).AddrPort().Addr(); got != netip.MustParseAddr(host) {
						t.Errorf("the peer is %v, not %s as IPv4 or IPv6", got, host)
					}
					served.Close()
					conn.Close()
				}
				return nil
			})
		})
	}
}

// package net's addresses keep IPv4 in 16 bytes.
func TestAnIPv4AddressOfSixteenBytesIsIPv4(t *testing.T) {
	loopback := net.IPv4(127, 0, 0, 1)
	onLoop(t, func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		c, err := (&aionet.Dialer{LocalAddr: &net.TCPAddr{IP: loopback}}).Dial(ctx, "tcp", l.Addr().String())
		if err != nil {
			return err
		}
		c.Close()
		u, err := aionet.ListenPacket(ctx, "udp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer u.Close()
		port := u.LocalAddr().(*net.UDPAddr).Port
		_, err = u.WriteTo([]byte("x"), &net.UDPAddr{IP: loopback, Port: port})
		_, err2 := u.WriteToAddrPort(ctx, []byte("x"), netip.AddrPortFrom(netip.MustParseAddr("::ffff:127.0.0.1"), uint16(port)))
		return errors.Join(err, err2)
	})
}

func TestListenersShareAPortWhereTheyAgreeTo(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("it has no such option")
	}
	onLoop(t, func(ctx context.Context) error {
		lc := aionet.ListenConfig{ReusePort: true, Backlog: 5}
		a, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer a.Close()
		b, err := lc.Listen(ctx, "tcp", a.Addr().String())
		if err != nil {
			return err
		}
		defer b.Close()
		if _, err := aionet.Listen(ctx, "tcp", a.Addr().String()); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("one that does not: %v", err)
		}
		return nil
	})
}

func TestControlSeesTheSocketBeforeItIsUsed(t *testing.T) {
	no := errors.New("no")
	onLoop(t, func(ctx context.Context) error {
		var seen []string
		control := func(network, address string, c syscall.RawConn) error {
			return c.Control(func(uintptr) { seen = append(seen, network+" "+address) })
		}
		l, err := (&aionet.ListenConfig{Control: control}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		c, err := (&aionet.Dialer{Control: control}).Dial(ctx, "tcp", l.Addr().String())
		if err != nil {
			return err
		}
		c.Close()
		if got := strings.Join(seen, ", "); got != "tcp 127.0.0.1:0, tcp "+l.Addr().String() {
			t.Errorf("it saw %s", got)
		}
		refuse := func(string, string, syscall.RawConn) error { return no }
		_, err = (&aionet.Dialer{Control: refuse}).Dial(ctx, "tcp", l.Addr().String())
		_, err2 := (&aionet.ListenConfig{Control: refuse}).Listen(ctx, "tcp", "127.0.0.1:0")
		if !errors.Is(err, no) || !errors.Is(err2, no) {
			t.Errorf("its errors became %v and %v", err, err2)
		}
		return nil
	})
}

func TestReliabilityD7ThePortOfAClosedListenerIsFree(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		accepting := asyncio.CreateTask(ctx, l.AcceptContext)
		asyncio.Sleep(ctx, 0)
		l.Close()
		if _, err := accepting.Await(ctx); !errors.Is(err, net.ErrClosed) {
			t.Errorf("who waited got %v", err)
		}
		again, err := aionet.Listen(ctx, "tcp", l.Addr().String())
		if err != nil {
			return err
		}
		return again.Close()
	})
}
