package aionet_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// A fakeResolver answers with the function.
type fakeResolver func(ctx context.Context, name string) ([]netip.Addr, error)

func (f fakeResolver) LookupNetIP(ctx context.Context, _, name string) ([]netip.Addr, error) {
	return f(ctx, name)
}

func (f fakeResolver) LookupPort(context.Context, string, string) (int, error) { return 80, nil }

// deaf is a resolver that does not answer before release is closed, whatever its
// context says.
func deaf(release chan struct{}) fakeResolver {
	return func(context.Context, string) ([]netip.Addr, error) {
		<-release
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
}

func TestReliabilityB12ALookUpThatHangs(t *testing.T) {
	t.Run("does not hold up its cancellation", func(t *testing.T) {
		release := make(chan struct{})
		onLoop(t, func(ctx context.Context) error {
			defer close(release)
			dialing := asyncio.CreateTask(ctx, func(ctx context.Context) (*aionet.Conn, error) {
				return (&aionet.Dialer{Resolver: deaf(release)}).Dial(ctx, "tcp", "name:80")
			})
			asyncio.Sleep(ctx, time.Millisecond)
			dialing.Cancel(nil)
			_, err := dialing.Await(ctx)
			if !errors.Is(err, context.Canceled) && !errors.Is(err, asyncio.ErrTaskCancelled) {
				t.Error(err)
			}
			return nil
		})
	})
	t.Run("ends with the dialer's timeout", func(t *testing.T) {
		release := make(chan struct{})
		onLoop(t, func(ctx context.Context) error {
			defer close(release)
			_, err := (&aionet.Dialer{Resolver: deaf(release), Timeout: time.Millisecond}).Dial(ctx, "tcp", "name:80")
			var dns *net.DNSError
			if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &dns) || !dns.IsTimeout || dns.Name != "name" {
				t.Errorf("%#v", err)
			}
			if want := "dial tcp: lookup name: i/o timeout"; err.Error() != want {
				t.Errorf("%q, want %q", err, want)
			}
			return nil
		})
	})
	t.Run("does not hold up a listener's", func(t *testing.T) {
		release := make(chan struct{})
		onLoop(t, func(ctx context.Context) error {
			defer close(release)
			limited, timeout := asyncio.WithTimeout(ctx, time.Millisecond)
			defer timeout.Cancel()
			if _, err := (&aionet.ListenConfig{Resolver: deaf(release)}).Listen(limited, "tcp", "name:80"); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			return nil
		})
	})
}

func TestReliabilityH8LookUpsAndThreadsDoNotStarveEachOther(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	answers := fakeResolver(func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	})
	release := make(chan struct{})
	err = asyncio.Run(context.Background(), func(ctx context.Context) error {
		defer close(release)
		for range 3 {
			asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { <-release; return 0, nil })
				return err
			})
		}
		asyncio.Sleep(ctx, 0)
		c, err := (&aionet.Dialer{Resolver: answers}).Dial(ctx, "tcp", "name:"+port)
		if err != nil {
			return err
		}
		return c.Close()
	}, asyncio.MaxThreads(2))
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestReliabilityH10NamesThatAreNoneNeverReachAResolver(t *testing.T) {
	never := fakeResolver(func(_ context.Context, name string) ([]netip.Addr, error) {
		t.Errorf("the resolver was asked for %q", name)
		return nil, errors.New("asked")
	})
	onLoop(t, func(ctx context.Context) error {
		for _, host := range []string{
			strings.Repeat("a", 254), strings.Repeat("a.", 200), "a\x00b", "a b", "a\tb", "a\nb", "a\r\nHost: b", "\x00", " ",
		} {
			_, err := (&aionet.Dialer{Resolver: never}).Dial(ctx, "tcp", net.JoinHostPort(host, "80"))
			var dns *net.DNSError
			if !errors.As(err, &dns) || !dns.IsNotFound {
				t.Errorf("%.20q: %v", host, err)
			}
			if len(err.Error()) > 200 {
				t.Errorf("%.20q: the error has %d bytes", host, len(err.Error()))
			}
		}
		return nil
	})
}

// Other ways to write an address are names, which no resolver turns into addresses
// here: 0x7f.1 is 127.0.0.1 for C, and 010.0.0.1 is 8.0.0.1 for some.
func TestReliabilityH10OtherWaysToWriteAnAddressAreNames(t *testing.T) {
	var asked []string
	none := fakeResolver(func(_ context.Context, name string) ([]netip.Addr, error) {
		asked = append(asked, name)
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	})
	hosts := []string{"0x7f.1", "010.0.0.1", "127.1", "2130706433", "127.0.0.1.", "1.2.3.4.5", "256.0.0.1", "bücher.example", "::1%"}
	onLoop(t, func(ctx context.Context) error {
		for _, host := range hosts {
			_, err := (&aionet.Dialer{Resolver: none}).Dial(ctx, "tcp", net.JoinHostPort(host, "80"))
			if err == nil || !strings.Contains(err.Error(), "no such host") {
				t.Errorf("%q: %v", host, err)
			}
		}
		return nil
	})
	if strings.Join(asked, " ") != strings.Join(hosts, " ") {
		t.Errorf("asked for %q", asked)
	}
}

func TestTheErrorsOfAResolverArePassedOn(t *testing.T) {
	broken := errors.New("broken")
	onLoop(t, func(ctx context.Context) error {
		for _, want := range []error{broken, &net.DNSError{Err: "no such host", Name: "name", IsNotFound: true}} {
			r := fakeResolver(func(context.Context, string) ([]netip.Addr, error) { return nil, want })
			_, err := (&aionet.Dialer{Resolver: r}).Dial(ctx, "tcp", "name:80")
			if !errors.Is(err, want) || !strings.HasPrefix(err.Error(), "dial tcp: ") {
				t.Errorf("%v became %v", want, err)
			}
		}
		empty := fakeResolver(func(context.Context, string) ([]netip.Addr, error) { return nil, nil })
		_, err := (&aionet.Dialer{Resolver: empty}).Dial(ctx, "tcp", "name:80")
		if want := "dial tcp: address name: no suitable address found"; err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
		return nil
	})
}
