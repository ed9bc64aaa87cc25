//go:build linux || darwin || freebsd || openbsd || netbsd || dragonfly

package aionet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// A side is package net, or this package: what the same mistake is made with.
type side struct {
	dial         func(network, address string) (net.Conn, error)
	dialFrom     func(network string, local net.Addr, address string) (net.Conn, error)
	dialTimeout  func(network, address string) (net.Conn, error)
	listen       func(network, address string) (net.Listener, error)
	listenPacket func(network, address string) (net.PacketConn, error)
	past         time.Time
}

func sideOfNet() side {
	return side{
		dial: net.Dial,
		dialFrom: func(network string, local net.Addr, address string) (net.Conn, error) {
			return (&net.Dialer{LocalAddr: local}).Dial(network, address)
		},
		dialTimeout: func(network, address string) (net.Conn, error) {
			return net.DialTimeout(network, address, 10*time.Millisecond)
		},
		listen: net.Listen, listenPacket: net.ListenPacket, past: time.Unix(1, 0),
	}
}

// sideOfLoop turns nil pointers into nil interfaces.
func sideOfLoop(ctx context.Context) side {
	conn := func(c *aionet.Conn, err error) (net.Conn, error) {
		if err != nil {
			return nil, err
		}
		return c, nil
	}
	return side{
		dial: func(network, address string) (net.Conn, error) { return conn(aionet.Dial(ctx, network, address)) },
		dialFrom: func(network string, local net.Addr, address string) (net.Conn, error) {
			return conn((&aionet.Dialer{LocalAddr: local}).Dial(ctx, network, address))
		},
		dialTimeout: func(network, address string) (net.Conn, error) {
			return conn((&aionet.Dialer{Timeout: 10 * time.Millisecond}).Dial(ctx, network, address))
		},
		listen: func(network, address string) (net.Listener, error) {
			l, err := aionet.Listen(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return l, nil
		},
		listenPacket: func(network, address string) (net.PacketConn, error) {
			c, err := aionet.ListenPacket(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return c, nil
		},
		past: asyncio.Now(ctx).Add(-time.Hour),
	}
}

// mistakes are what goes wrong, by name. They use addresses of their own in dir.
func mistakes(dir string, free int) map[string]func(s side) error {
	closedPort := fmt.Sprintf("127.0.0.1:%d", free)
	dial := func(network, address string) func(side) error {
		return func(s side) error { _, err := s.dial(network, address); return err }
	}
	listen := func(network, address string) func(side) error {
		return func(s side) error { _, err := s.listen(network, address); return err }
	}
	packet := func(network, address string) func(side) error {
		return func(s side) error { _, err := s.listenPacket(network, address); return err }
	}
	regular := filepath.Join(dir, "regular")
	os.WriteFile(regular, nil, 0o600)
	return map[string]func(s side) error{
		"dial: refused":                  dial("tcp", closedPort),
		"dial: refused by a tcp4":        dial("tcp4", closedPort),
		"dial: refused by a tcp6":        dial("tcp6", fmt.Sprintf("[::1]:%d", free)),
		"dial: no port":                  dial("tcp", "127.0.0.1"),
		"dial: an empty address":         dial("tcp", ""),
		"dial: too many colons":          dial("tcp", "::1:80"),
		"dial: a bracket too few":        dial("tcp", "[::1:80"),
		"dial: a port out of range":      dial("tcp", "127.0.0.1:65536"),
		"dial: a negative port":          dial("tcp", "127.0.0.1:-1"),
		"dial: an unknown service":       dial("tcp", "127.0.0.1:nosuchservice"),
		"dial: an unknown network":       dial("tcp5", "127.0.0.1:80"),
		"dial: no network":               dial("", "127.0.0.1:80"),
		"dial: IPv6 on tcp4":             dial("tcp4", "[::1]:80"),
		"dial: IPv4 on tcp6":             dial("tcp6", "127.0.0.1:80"),
		"dial: no such path":             dial("unix", filepath.Join(dir, "none")),
		"dial: a path that is no socket": dial("unix", regular),
		"dial: a path that is too long":  dial("unix", filepath.Join(dir, strings.Repeat("x", 120))),
		"dial: an unbound packet path":   dial("unixpacket", filepath.Join(dir, "none")),
		"dial: from another family": func(s side) error {
			_, err := s.dialFrom("tcp", &net.TCPAddr{IP: net.IPv6loopback}, closedPort)
			return err
		},
		"dial: from nowhere": func(s side) error {
			_, err := s.dialFrom("tcp", &net.TCPAddr{IP: net.IPv4(192, 0, 2, 77)}, closedPort)
			return err
		},
		"listen: an unknown network":       listen("udp5", "127.0.0.1:0"),
		"listen: no port":                  listen("tcp", "127.0.0.1"),
		"listen: not this machine":         listen("tcp", "192.0.2.77:0"),
		"listen: a path that is no socket": listen("unix", regular),
		"listen: a path that is too long":  listen("unix", filepath.Join(dir, strings.Repeat("x", 120))),
		"listen: no such directory":        listen("unix", filepath.Join(dir, "none", "s")),
		"packets: not this machine":        packet("udp", "192.0.2.77:0"),
		"packets: an unknown network":      packet("udp5", "127.0.0.1:0"),
		"packets: no port":                 packet("udp", "127.0.0.1"),
		"listen: in use": func(s side) error {
			l, err := s.listen("tcp", closedPort)
			if err != nil {
				return err
			}
			defer l.Close()
			_, err = s.listen("tcp", closedPort)
			return err
		},
		"listen: a path in use": func(s side) error {
			l, err := s.listen("unix", filepath.Join(dir, "used"))
			if err != nil {
				return err
			}
			defer l.Close()
			_, err = s.listen("unix", filepath.Join(dir, "used"))
			return err
		},
		"a closed listener: Accept": onListener(func(l net.Listener) error { _, err := l.Accept(); return err }),
		"a closed listener: Close":  onListener(net.Listener.Close),
		"a closed listener: SetDeadline": onListener(func(l net.Listener) error {
			return l.(interface{ SetDeadline(time.Time) error }).SetDeadline(time.Time{})
		}),
		"a listener past its deadline": func(s side) error {
			l, err := s.listen("tcp", closedPort)
			if err != nil {
				return err
			}
			defer l.Close()
			l.(interface{ SetDeadline(time.Time) error }).SetDeadline(s.past)
			_, err = l.Accept()
			return err
		},
		"packets: an address of another kind": onPackets(func(c net.PacketConn, _ side) error {
			_, err := c.WriteTo([]byte("x"), &net.UnixAddr{Name: "x", Net: "unixgram"})
			return err
		}),
		"packets: closed": onPackets(func(c net.PacketConn, _ side) error {
			c.Close()
			_, _, err := c.ReadFrom(make([]byte, 1))
			return err
		}),
		"packets: past the deadline": onPackets(func(c net.PacketConn, s side) error {
			c.SetReadDeadline(s.past)
			_, _, err := c.ReadFrom(make([]byte, 1))
			return err
		}),
		"packets: too long": onPackets(func(c net.PacketConn, _ side) error {
			_, err := c.WriteTo(make([]byte, 70_000), &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9})
			return err
		}),
	}
}

func onListener(f func(l net.Listener) error) func(s side) error {
	return func(s side) error {
		l, err := s.listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		l.Close()
		return f(l)
	}
}

func onPackets(f func(c net.PacketConn, s side) error) func(s side) error {
	return func(s side) error {
		c, err := s.listenPacket("udp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer c.Close()
		return f(c, s)
	}
}

// onConns makes mistakes on both ends of a connection, whose listener is package net's.
func onConns(dir string) map[string]func(s side) error {
	all := map[string]func(s side) error{}
	for name, f := range map[string]func(c, peer net.Conn, s side) error{
		"Read when closed":        func(c, _ net.Conn, _ side) error { c.Close(); _, err := c.Read(make([]byte, 1)); return err },
		"Write when closed":       func(c, _ net.Conn, _ side) error { c.Close(); _, err := c.Write([]byte("x")); return err },
		"Close when closed":       func(c, _ net.Conn, _ side) error { c.Close(); return c.Close() },
		"SetDeadline when closed": func(c, _ net.Conn, _ side) error { c.Close(); return c.SetDeadline(time.Time{}) },
		"CloseWrite when closed":  func(c, _ net.Conn, _ side) error { c.Close(); return c.(interface{ CloseWrite() error }).CloseWrite() },
		"SyscallConn when closed": func(c, _ net.Conn, _ side) error { c.Close(); _, err := c.(syscall.Conn).SyscallConn(); return err },
		"File when closed": func(c, _ net.Conn, _ side) error {
			c.Close()
			_, err := c.(interface{ File() (*os.File, error) }).File()
			return err
		},
		"SetReadBuffer when closed": func(c, _ net.Conn, _ side) error {
			c.Close()
			return c.(interface{ SetReadBuffer(int) error }).SetReadBuffer(1)
		},
		"Read past the deadline": func(c, _ net.Conn, s side) error {
			c.SetDeadline(s.past)
			_, err := c.Read(make([]byte, 1))
			return err
		},
		"Write past the deadline": func(c, _ net.Conn, s side) error { c.SetDeadline(s.past); _, err := c.Write([]byte("x")); return err },
		"Read at the end":         func(c, peer net.Conn, _ side) error { peer.Close(); _, err := c.Read(make([]byte, 1)); return err },
		"Write after CloseWrite": func(c, _ net.Conn, _ side) error {
			c.(interface{ CloseWrite() error }).CloseWrite()
			_, err := c.Write([]byte("x"))
			return err
		},
		"ReadFrom when closed": func(c, _ net.Conn, _ side) error {
			c.Close()
			r, ok := c.(io.ReaderFrom)
			if !ok {
				return nil
			}
			_, err := r.ReadFrom(strings.NewReader("x"))
			return err
		},
	} {
		for _, network := range []string{"tcp", "unix"} {
			all[network+": "+name] = func(s side) error {
				path := "127.0.0.1:0"
				if network == "unix" {
					path = filepath.Join(dir, "c")
				}
				l, err := net.Listen(network, path)
				if err != nil {
					return err
				}
				defer l.Close()
				c, err := s.dial(network, l.Addr().String())
				if err != nil {
					return err
				}
				defer c.Close()
				peer, err := l.Accept()
				if err != nil {
					return err
				}
				defer peer.Close()
				return f(c, peer, s)
			}
		}
	}
	return all
}

// allowed are the differences that stand, each with its reason.
var allowed = map[string]string{
	"tcp: ReadFrom when closed":      "package net says so twice",
	"unix: ReadFrom when closed":     "package net has no such method",
	"tcp: SyscallConn when closed":   "package net says so with the first use",
	"unix: SyscallConn when closed":  "package net says so with the first use",
	"a closed listener: SetDeadline": "package net does not say which",
	"packets: too long":              "the call that is made is another",
}

func TestRuleN5ErrorsAreThoseOfPackageNet(t *testing.T) {
	dir, err := os.MkdirTemp("", "e") // shorter than t.TempDir: a path has 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := l.Addr().(*net.TCPAddr).Port
	l.Close()
	all := mistakes(dir, free)
	for name, f := range onConns(dir) {
		all[name] = f
	}
	for name, f := range all {
		t.Run(name, func(t *testing.T) {
			want := f(sideOfNet())
			var got error
			onLoop(t, func(ctx context.Context) error {
				got = f(sideOfLoop(ctx))
				return nil
			})
			if diff := different(got, want); portable && diff == "the text differs" && strings.Contains(want.Error(), ": bind: ") {
				return // it binds with the call that comes next
			}
			if diff := different(got, want); (diff != "") != (allowed[name] != "") {
				t.Errorf("%s\nallowed: %q\n ours %v\n net  %v", diff, allowed[name], got, want)
			}
		})
	}
	for name := range allowed {
		if all[name] == nil {
			t.Errorf("%q is allowed and does not exist", name)
		}
	}
}

// different tells in what two errors differ: text, types, or what they are.
func different(got, want error) string {
	switch {
	case (got == nil) != (want == nil):
		return "only one is an error"
	case want == nil:
		return ""
	case withoutPorts(got) != withoutPorts(want):
		return "the text differs"
	}
	if g, w := shape(got), shape(want); g != w {
		return "the types differ: " + g + ", want " + w
	}
	for _, target := range []error{net.ErrClosed, os.ErrDeadlineExceeded, io.EOF, os.ErrNotExist, os.ErrPermission,
		syscall.ECONNREFUSED, syscall.EADDRINUSE, syscall.EADDRNOTAVAIL, syscall.EINVAL, syscall.EPIPE, syscall.ENOTSOCK, syscall.EMSGSIZE} {
		if errors.Is(got, target) != errors.Is(want, target) {
			return fmt.Sprintf("only one is %v", target)
		}
	}
	g, isNet := got.(net.Error)
	w, wantNet := want.(net.Error)
	if isNet != wantNet || isNet && (g.Timeout() != w.Timeout()) {
		return "as a net.Error"
	}
	return ""
}

// shape is the types of an error and of what it wraps.
func shape(err error) (s string) {
	for ; err != nil; err = errors.Unwrap(err) {
		s += fmt.Sprintf("%T ", err)
	}
	return s
}

// withoutPorts leaves out the ports that the system chooses.
func withoutPorts(err error) string {
	words := strings.FieldsFunc(err.Error(), func(r rune) bool { return r == ' ' || r == '>' })
	for i, w := range words {
		w = strings.TrimRight(w, "-:")
		if a, err := netip.ParseAddrPort(w); err == nil && a.Port() >= 30000 {
			words[i] = strings.Replace(words[i], w, a.Addr().String(), 1)
		}
	}
	return strings.Join(words, " ")
}
