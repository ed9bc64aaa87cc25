package aionet_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http/httptrace"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// A story is what a trace was told, and in which task.
type story struct{ lines []string }

func (s *story) add(format string, args ...any) {
	s.lines = append(s.lines, fmt.Sprintf(format, args...))
}

// traced is ctx with a trace that fills s. It has no lock: the race detector would
// find a call that comes from a thread.
func (s *story) traced(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart:     func(i httptrace.DNSStartInfo) { s.add("look %s up", i.Host) },
		DNSDone:      func(i httptrace.DNSDoneInfo) { s.add("found %v, %v", i.Addrs, i.Err) },
		ConnectStart: func(network, addr string) { s.add("connect to %s %s", network, addr) },
		ConnectDone:  func(_, addr string, err error) { s.add("connected to %s: %v", addr, err) },
	})
}

func (s *story) want(t *testing.T, want ...string) {
	t.Helper()
	if !reflect.DeepEqual(s.lines, want) {
		t.Errorf("told %q\nwant %q", s.lines, want)
	}
}

func TestADialTellsTheTrace(t *testing.T) {
	loopback := fakeResolver(func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("::ffff:127.0.0.1")}, nil
	})
	told := func(t *testing.T, name string, test func(t *testing.T, ctx context.Context, s *story, port string)) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			onLoop(t, func(ctx context.Context) error {
				l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
				if err != nil {
					return err
				}
				defer l.Close()
				_, port, err := net.SplitHostPort(l.Addr().String())
				s := new(story)
				test(t, s.traced(ctx), s, port)
				return err
			})
		})
	}
	told(t, "of the look-up and of the connection", func(t *testing.T, ctx context.Context, s *story, port string) {
		c, err := (&aionet.Dialer{Resolver: loopback}).Dial(ctx, "tcp", "name:"+port)
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		addr := "127.0.0.1:" + port
		s.want(t, "look name up", "found [{127.0.0.1 }], <nil>", "connect to tcp "+addr, "connected to "+addr+": <nil>")
	})
	told(t, "of a connection to an address no look-up", func(t *testing.T, ctx context.Context, s *story, port string) {
		addr := "127.0.0.1:" + port
		c, err := aionet.Dial(ctx, "tcp4", addr)
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		s.want(t, "connect to tcp4 "+addr, "connected to "+addr+": <nil>")
	})
	told(t, "of a look-up that fails", func(t *testing.T, ctx context.Context, s *story, port string) {
		unknown := fakeResolver(func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("unknown") })
		if _, err := (&aionet.Dialer{Resolver: unknown}).Dial(ctx, "tcp", "name:80"); err == nil {
			t.Error("no error")
		}
		s.want(t, "look name up", "found [], unknown")
	})
	told(t, "of each address that refuses", func(t *testing.T, ctx context.Context, s *story, port string) {
		two := fakeResolver(func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.1")}, nil
		})
		if _, err := (&aionet.Dialer{Resolver: two, FallbackDelay: -1}).Dial(ctx, "tcp", "name:1"); err == nil {
			t.Error("no error")
		}
		s.want(t, "look name up", "found [{127.0.0.1 } {127.0.0.1 }], <nil>",
			"connect to tcp 127.0.0.1:1", "connected to 127.0.0.1:1: dial tcp 127.0.0.1:1: connect: connection refused",
			"connect to tcp 127.0.0.1:1", "connected to 127.0.0.1:1: dial tcp 127.0.0.1:1: connect: connection refused")
	})
	told(t, "of a look-up that was cancelled, on the loop and not later", func(t *testing.T, ctx context.Context, s *story, port string) {
		release := make(chan struct{})
		defer close(release)
		limited, timeout := asyncio.WithTimeout(ctx, time.Millisecond)
		defer timeout.Cancel()
		if _, err := (&aionet.Dialer{Resolver: deaf(release)}).Dial(limited, "tcp", "name:80"); err == nil {
			t.Error("no error")
		}
		s.want(t, "look name up", "found [], asyncio: timeout of 1ms expired")
	})
}

type valueKey struct{}

// Package net's resolver calls what it finds in its context on the thread where it is.
func TestAResolverSeesTheValuesOfTheContextButForTheTrace(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		told := new(story)
		var value any
		resolver := fakeResolver(func(ctx context.Context, _ string) ([]netip.Addr, error) {
			value = ctx.Value(valueKey{})
			net.DefaultResolver.LookupNetIP(ctx, "ip", "localhost")
			return nil, errors.New("unknown")
		})
		ctx = context.WithValue(told.traced(ctx), valueKey{}, "kept")
		(&aionet.Dialer{Resolver: resolver}).Dial(ctx, "tcp", "name:80")
		told.want(t, "look name up", "found [], unknown")
		if value != "kept" {
			t.Errorf("the value is %v", value)
		}
		return nil
	})
}
