//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package faulty_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

var programs = []program{
	{"echo over tcp", func(ctx context.Context, dir string) error {
		return linked(ctx, dir, "tcp", exchange(3000, 1000), serveEcho)
	}},
	{"echo over unix", func(ctx context.Context, dir string) error {
		return linked(ctx, dir, "unix", exchange(3000, 1000), serveEcho)
	}},
	{"messages over unixpacket", func(ctx context.Context, dir string) error {
		return linked(ctx, dir, "unixpacket", func(ctx context.Context, c *aionet.Conn) error {
			return send(ctx, c, 300, 100)
		}, func(ctx context.Context, c *aionet.Conn) error {
			return receive(ctx, c, 300)
		})
	}},
	{"more than the buffers hold", func(ctx context.Context, dir string) error {
		return linked(ctx, dir, "unix", exchange(1<<20, 300<<10), serveEcho)
	}},
	{"half-close from either side", halfClose},
	{"vectored writes", vectored},
	{"a server with three clients", threeClients},
	{"a server whose tasks start on data", onData},
	{"a dial with several addresses", severalAddresses},
	{"a dial of one address after the other", oneAfterTheOther},
	{"reads that are cancelled", cancelledReads},
	{"deadlines", deadlines},
	{"a proxy", proxy},
	{"a file to a connection", fileToConnection},
	{"a reader of lines", lines},
	{"an abort", abort},
	{"a listener that is closed during accept", closedListener},
	{"a socket file that is stale", staleFile},
	{"connections and files that are adopted", adopted},
	{"files over a Unix socket", filesOver},
	{"datagrams", datagrams},
	{"datagrams over unixgram", unixgrams},
	{"a view for other goroutines", threadsafe},
	{"tls", overTLS},
	{"starttls", startTLS},
	{"a tls listener", tlsListener},
	{"http", overHTTP},
	{"a child process", child},
}

func halfClose(ctx context.Context, dir string) error {
	return linked(ctx, dir, "tcp", func(ctx context.Context, c *aionet.Conn) error {
		if err := send(ctx, c, 100, 100); err != nil {
			return err
		}
		if err := c.CloseWrite(); err != nil {
			return err
		}
		return receiveAll(ctx, c, 2000)
	}, func(ctx context.Context, c *aionet.Conn) error {
		if err := receiveAll(ctx, c, 100); err != nil {
			return err
		}
		return send(ctx, c, 2000, 700)
	})
}

func vectored(ctx context.Context, dir string) error {
	const n = 600 << 10
	return linked(ctx, dir, "tcp", func(ctx context.Context, c *aionet.Conn) error {
		var bufs net.Buffers
		for at := 0; at < n; at += n / 4 {
			bufs = append(bufs, pattern(at, n/4), nil)
		}
		sent, err := c.WriteBuffers(ctx, &bufs)
		if err == nil && sent != n {
			err = fmt.Errorf("%d bytes were sent", sent)
		}
		return err
	}, func(ctx context.Context, c *aionet.Conn) error { return receive(ctx, c, n) })
}

// serving runs clients against a server and shuts it down.
func serving(ctx context.Context, dir string, s *aionet.Server, client func(ctx context.Context, address string) error) error {
	l, err := listen(ctx, dir, "tcp")
	if err != nil {
		return err
	}
	s.OnError = func(r asyncio.Report) {}
	return group(ctx, func(ctx context.Context) error {
		if err := s.Serve(ctx, l); err != aionet.ErrServerClosed {
			return err
		}
		return nil
	}, func(ctx context.Context) error {
		defer s.Close()
		if err := client(ctx, l.Addr().String()); err != nil {
			return err
		}
		return s.Shutdown(ctx)
	})
}

func threeClients(ctx context.Context, dir string) error {
	s := &aionet.Server{MaxConns: 2, Handler: func(ctx context.Context, c aionet.Stream) error { return echo(ctx, c) }}
	return serving(ctx, dir, s, func(ctx context.Context, address string) error {
		one := func(ctx context.Context) error {
			c, err := aionet.Dial(ctx, "tcp", address)
			if err != nil {
				return err
			}
			defer c.Close()
			return exchangeOn(ctx, c, 2000, 1000)
		}
		return group(ctx, one, one, one)
	})
}

func ping(ctx context.Context, c aionet.Stream) error {
	if err := send(ctx, c, 100, 100); err != nil {
		return err
	}
	return receive(ctx, c, 100)
}

func onData(ctx context.Context, dir string) error {
	s := &aionet.Server{StartOnData: true, Handler: func(ctx context.Context, c aionet.Stream) error {
		buf := make([]byte, 1000)
		n, err := c.ReadContext(ctx, buf)
		if err == nil {
			_, err = c.WriteContext(ctx, buf[:n])
		}
		return err
	}}
	return serving(ctx, dir, s, func(ctx context.Context, address string) error {
		c, err := aionet.Dial(ctx, "tcp", address)
		if err != nil {
			return err
		}
		defer c.Close()
		for range 3 {
			if err := ping(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// addresses is a resolver that knows one name.
type addresses []netip.Addr

func (a addresses) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) { return a, nil }

func (a addresses) LookupPort(context.Context, string, string) (int, error) {
	return 0, errors.New("no name")
}

// dialling connects by name to a listener at the last of three addresses of which the
// others refuse.
func dialling(ctx context.Context, dir string, d *aionet.Dialer) error {
	d.Resolver = addresses{netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.3"), netip.MustParseAddr("127.0.0.1")}
	l, err := listen(ctx, dir, "tcp")
	if err != nil {
		return err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return err
	}
	return group(ctx, func(ctx context.Context) error {
		c, err := d.Dial(ctx, "tcp", "several.example:"+port)
		if err != nil {
			return err
		}
		defer c.Close()
		return exchangeOn(ctx, c, 100, 100)
	}, func(ctx context.Context) error {
		c, err := l.AcceptContext(ctx)
		if err != nil {
			return err
		}
		defer c.Close()
		return echo(ctx, c)
	})
}

func severalAddresses(ctx context.Context, dir string) error {
	return dialling(ctx, dir, &aionet.Dialer{FallbackDelay: time.Millisecond})
}

func oneAfterTheOther(ctx context.Context, dir string) error {
	return dialling(ctx, dir, &aionet.Dialer{FallbackDelay: -1})
}

func cancelledReads(ctx context.Context, dir string) error {
	return linked(ctx, dir, "tcp", func(ctx context.Context, c *aionet.Conn) error {
		for at := 0; at < 300; at += 100 {
			if _, err := c.WriteContext(ctx, pattern(at, 100)); err != nil {
				return err
			}
			if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
				return err
			}
		}
		return nil
	}, func(ctx context.Context, c *aionet.Conn) error {
		for at := 0; at < 300; {
			short, timeout := asyncio.WithTimeout(ctx, 300*time.Microsecond)
			n, err := receiveSome(short, c, at, 300)
			timeout.Cancel()
			if at = n; err != nil && !timeout.Caused(err) {
				return err
			}
		}
		return nil
	})
}

func deadlines(ctx context.Context, dir string) error {
	return linked(ctx, dir, "tcp", func(ctx context.Context, c *aionet.Conn) error {
		if err := c.SetReadDeadline(asyncio.Now(ctx).Add(time.Millisecond)); err != nil {
			return err
		}
		if _, err := c.ReadContext(ctx, make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Errorf("before the deadline: %w", err)
		}
		if err := c.SetReadDeadline(time.Time{}); err != nil {
			return err
		}
		if err := send(ctx, c, 10, 10); err != nil {
			return err
		}
		return receive(ctx, c, 10)
	}, func(ctx context.Context, c *aionet.Conn) error {
		if err := receive(ctx, c, 10); err != nil {
			return err
		}
		return send(ctx, c, 10, 10)
	})
}

func proxy(ctx context.Context, dir string) error {
	const n = 100 << 10
	front, err := listen(ctx, dir, "tcp")
	if err != nil {
		return err
	}
	defer front.Close()
	return group(ctx, func(ctx context.Context) error {
		c, err := aionet.Dial(ctx, "tcp", front.Addr().String())
		if err != nil {
			return err
		}
		defer c.Abort()
		return receiveAll(ctx, c, n)
	}, func(ctx context.Context) error {
		in, err := front.AcceptContext(ctx)
		if err != nil {
			return err
		}
		defer in.Abort()
		return linked(ctx, dir, "tcp", func(ctx context.Context, c *aionet.Conn) error {
			copied, err := in.ReadFromContext(ctx, c)
			if err == nil && copied != n {
				err = fmt.Errorf("%d bytes were copied: %w", copied, io.ErrUnexpectedEOF)
			}
			if err != nil {
				return err
			}
			return in.Close()
		}, func(ctx context.Context, c *aionet.Conn) error { return send(ctx, c, n, 30<<10) })
	})
}

func fileToConnection(ctx context.Context, dir string) error {
	const n = 100 << 10
	name := filepath.Join(dir, "file")
	defer os.Remove(name)
	if err := os.WriteFile(name, pattern(0, n), 0o600); err != nil {
		return err
	}
	return linked(ctx, dir, "tcp", func(ctx context.Context, c *aionet.Conn) error {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		sent, err := c.ReadFromContext(ctx, f)
		if err == nil && sent != n {
			err = fmt.Errorf("%d bytes were sent: %w", sent, io.ErrUnexpectedEOF)
		}
		return err
	}, func(ctx context.Context, c *aionet.Conn) error { return receiveAll(ctx, c, n) })
}

func lines(ctx context.Context, dir string) error {
	const line = "a line that comes in pieces\n"
	return linked(ctx, dir, "unix", func(ctx context.Context, c *aionet.Conn) error {
		for range 3 {
			for _, part := range []string{line[:7], line[7:], line} {
				if _, err := c.WriteContext(ctx, []byte(part)); err != nil {
					return err
				}
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
		}
		return nil
	}, func(ctx context.Context, c *aionet.Conn) error {
		r := aionet.NewReader(c, 100)
		for i := range 6 {
			got, err := r.ReadUntil(ctx, []byte("\n"))
			if err != nil {
				return err
			}
			if string(got) != line {
				return fmt.Errorf("%w: line %d is %q", errWrongByte, i, got)
			}
		}
		return nil
	})
}

func abort(ctx context.Context, dir string) error {
	return linked(ctx, dir, "tcp", func(ctx context.Context, c *aionet.Conn) error {
		if err := send(ctx, c, 10, 10); err != nil {
			return err
		}
		if err := receive(ctx, c, 10); err != nil {
			return err
		}
		_, err := c.ReadContext(ctx, make([]byte, 1)) // a reset; but the system may have been kept from it
		if err == nil {
			return errors.New("data after an abort")
		}
		return nil
	}, func(ctx context.Context, c *aionet.Conn) error {
		if err := receive(ctx, c, 10); err != nil {
			return err
		}
		if err := send(ctx, c, 10, 10); err != nil {
			return err
		}
		c.SetNoDelay(false)
		c.SetKeepAlive(false)
		return c.Abort()
	})
}
