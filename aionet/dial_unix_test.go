//go:build unix && !asyncio_portable

package aionet_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"

	"github.com/goasyncio/asyncio/aionet"
)

// A port on which nobody listens may be given to the very client that asks for it.
func TestAClientDoesNotFindItself(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		address := l.Addr().(*net.TCPAddr)
		l.Close()
		d := aionet.Dialer{Control: func(_, _ string, c syscall.RawConn) (err error) {
			c.Control(func(fd uintptr) { // what chance would have to do
				err = syscall.Bind(int(fd), &syscall.SockaddrInet4{Port: address.Port, Addr: [4]byte{127, 0, 0, 1}})
			})
			return err
		}}
		c, err := d.Dial(ctx, "tcp", address.String())
		if !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("got %v from %v, error %v", c.RemoteAddr(), c.LocalAddr(), err)
		}
		return nil
	})
}

func TestADialWhoseControlPanicsLeavesNoSocket(t *testing.T) {
	onWatchedLoop(t, func(ctx context.Context, d *watched) error {
		func() {
			defer func() { recover() }()
			dialer := aionet.Dialer{Control: func(string, string, syscall.RawConn) error { panic("in Control") }}
			dialer.Dial(ctx, "tcp", "127.0.0.1:1")
			t.Error("Dial returned")
		}()
		func() {
			defer func() { recover() }()
			lc := aionet.ListenConfig{Control: func(string, string, syscall.RawConn) error { panic("in Control") }}
			lc.Listen(ctx, "tcp", "127.0.0.1:0")
			t.Error("Listen returned")
		}()
		if len(d.network.open) > 0 || d.network.opened != 2 {
			t.Errorf("%d sockets were made, and are open: %v", d.network.opened, d.network.open)
		}
		return nil
	})
}

// odd is a resolver that does what it may not do, or may.
type odd []netip.Addr

func (o odd) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) { return o, nil }
func (o odd) LookupPort(context.Context, string, string) (int, error)           { return 0, nil }

func TestAddressesThatAreNoneAreNotTried(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp4", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		address := netip.MustParseAddrPort(l.Addr().String())
		mapped := netip.AddrFrom16(address.Addr().As16())
		answer := odd{{}, mapped}
		d := aionet.Dialer{Resolver: answer}
		c, err := d.Dial(ctx, "tcp", net.JoinHostPort("name", l.Addr().String()[len("127.0.0.1:"):]))
		if err != nil {
			return err
		}
		c.Close()
		if answer[1] != mapped {
			t.Error("the resolver's own list was changed")
		}
		d.Resolver = odd{{}}
		var none *net.AddrError
		if _, err := d.Dial(ctx, "tcp", "name:80"); !errors.As(err, &none) {
			t.Errorf("with none that is one: %v", err)
		}
		return nil
	})
}
