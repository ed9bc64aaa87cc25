//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package faulty_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
	"github.com/goasyncio/asyncio/aiohttp"
	"github.com/goasyncio/asyncio/aionet"
)

func closedListener(ctx context.Context, dir string) error {
	l, err := listen(ctx, dir, "unix")
	if err != nil {
		return err
	}
	defer l.Close()
	return group(ctx, func(ctx context.Context) error {
		c, err := l.AcceptContext(ctx)
		if c != nil {
			c.Close()
		}
		if !errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("the accept ended with %w", err)
		}
		return nil
	}, func(ctx context.Context) error {
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		return l.Close()
	})
}

// staleFile leaves the file of a listener behind, as a process does that is killed, and
// listens there again.
func staleFile(ctx context.Context, dir string) error {
	defer os.Remove(filepath.Join(dir, "s"))
	l, err := listen(ctx, dir, "unix")
	if err != nil {
		return err
	}
	l.SetUnlinkOnClose(false)
	if err := l.Close(); err != nil {
		return err
	}
	return linked(ctx, dir, "unix", exchange(10, 10), serveEcho)
}

// adopted gives connections of package net and of package os to the loop.
func adopted(ctx context.Context, dir string) error {
	a, b, err := aionet.Pair(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	defer b.Close()
	f, err := b.File()
	if err != nil {
		return err
	}
	defer f.Close()
	c, err := aionet.FileConn(ctx, f)
	if err != nil {
		return err
	}
	defer c.Close()
	foreign, err := net.FileConn(f)
	if err != nil {
		return err
	}
	defer foreign.Close()
	d, err := aionet.Adopt(ctx, foreign)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := errors.Join(f.Close(), b.Close(), d.Close()); err != nil {
		return err
	}
	return group(ctx, func(ctx context.Context) error {
		return exchangeOn(ctx, a, 1000, 100)
	}, func(ctx context.Context) error { return echo(ctx, c) })
}

func filesOver(ctx context.Context, dir string) error {
	name := filepath.Join(dir, "file")
	defer os.Remove(name)
	if err := os.WriteFile(name, pattern(0, 10), 0o600); err != nil {
		return err
	}
	return linked(ctx, dir, "unix", func(ctx context.Context, c *aionet.Conn) error {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = c.WriteFiles(ctx, pattern(0, 5), f, f)
		return err
	}, func(ctx context.Context, c *aionet.Conn) error {
		buf := make([]byte, 5)
		n, files, err := c.ReadFiles(ctx, buf, 2)
		for _, f := range files {
			defer f.Close()
		}
		if err != nil {
			return err
		}
		if len(files) != 2 || string(buf[:n]) != string(pattern(0, n)) {
			return fmt.Errorf("%w: %d files, %d bytes", errWrongByte, len(files), n)
		}
		if _, err := receiveSome(ctx, c, n, 5); err != nil {
			return err
		}
		got, err := io.ReadAll(files[0])
		if err == nil && string(got) != string(pattern(0, 10)) {
			err = fmt.Errorf("%w in the file: %q", errWrongByte, got)
		}
		_, cerr := c.PeerCredentials()
		if errors.Is(cerr, errors.ErrUnsupported) {
			cerr = nil
		}
		return errors.Join(err, cerr)
	})
}

// question and answer of packets; nothing is lost on the way within a machine.
func packets(ctx context.Context, server, client *aionet.PacketConn) error {
	defer server.Close()
	defer client.Close()
	return group(ctx, func(ctx context.Context) error {
		for range 3 {
			buf := make([]byte, 100)
			n, from, err := server.ReadFromContext(ctx, buf)
			if err != nil {
				return err
			}
			if _, err := server.WriteToContext(ctx, buf[:n], from); err != nil {
				return err
			}
		}
		return nil
	}, func(ctx context.Context) error {
		for i := range 3 {
			if _, err := client.WriteContext(ctx, pattern(0, i)); err != nil { // an empty one, too
				return err
			}
			buf := make([]byte, 100)
			n, err := client.ReadContext(ctx, buf)
			if err != nil {
				return err
			}
			if string(buf[:n]) != string(pattern(0, i)) {
				return fmt.Errorf("%w: %v, want %v", errWrongByte, buf[:n], pattern(0, i))
			}
		}
		return nil
	})
}

func datagrams(ctx context.Context, dir string) error {
	server, err := aionet.ListenPacket(ctx, "udp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer server.Close()
	if server.LocalAddr() == nil {
		return errors.New("no address")
	}
	client, err := aionet.DialPacket(ctx, "udp", server.LocalAddr().String())
	if err != nil {
		return err
	}
	return packets(ctx, server, client)
}

func unixgrams(ctx context.Context, dir string) error {
	server, err := aionet.ListenPacket(ctx, "unixgram", filepath.Join(dir, "server"))
	if err != nil {
		return err
	}
	defer server.Close()
	d := aionet.Dialer{LocalAddr: &net.UnixAddr{Name: filepath.Join(dir, "client"), Net: "unixgram"}}
	client, err := d.DialPacket(ctx, "unixgram", filepath.Join(dir, "server"))
	if err != nil {
		return err
	}
	return packets(ctx, server, client)
}

func threadsafe(ctx context.Context, dir string) error {
	return linked(ctx, dir, "tcp", func(ctx context.Context, c *aionet.Conn) error {
		view, err := aionet.Threadsafe(ctx, c)
		if err != nil {
			return err
		}
		defer view.Close()
		_, err = asyncio.ToThread(ctx, func(context.Context) (struct{}, error) {
			if _, err := view.Write(pattern(0, 1000)); err != nil {
				return struct{}{}, err
			}
			got := make([]byte, 1000)
			if _, err := io.ReadFull(view, got); err != nil {
				return struct{}{}, err
			}
			if string(got) != string(pattern(0, 1000)) {
				return struct{}{}, errWrongByte
			}
			return struct{}{}, view.(interface{ CloseWrite() error }).CloseWrite()
		})
		return err
	}, serveEcho)
}

func greet(ctx context.Context, c *aionet.Conn) error {
	_, err := c.WriteContext(ctx, []byte("STARTTLS\r\n"))
	return err
}

func overTLS(ctx context.Context, dir string) error {
	return linkedAsIs(ctx, dir, "tcp", func(ctx context.Context, c *aionet.Conn) error {
		s, err := aionet.TLSClient(ctx, c, clientConfig())
		return secured(ctx, s, err, func(ctx context.Context, s aionet.Stream) error { return exchangeOn(ctx, s, 40<<10, 20<<10) })
	}, func(ctx context.Context, c *aionet.Conn) error {
		s, err := aionet.TLSServer(ctx, c, serverConfig())
		return secured(ctx, s, err, echo)
	})
}

func startTLS(ctx context.Context, dir string) error {
	return linkedAsIs(ctx, dir, "unix", func(ctx context.Context, c *aionet.Conn) error {
		r := aionet.NewReader(c, 1000)
		err := greet(ctx, c)
		if err == nil {
			_, err = r.ReadUntil(ctx, []byte("\r\n"))
		}
		if err != nil {
			c.Close()
			return err
		}
		s, err := aionet.StartTLSClient(ctx, r, clientConfig())
		return secured(ctx, s, err, func(ctx context.Context, s aionet.Stream) error { return exchangeOn(ctx, s, 1000, 100) })
	}, func(ctx context.Context, c *aionet.Conn) error {
		r := aionet.NewReader(c, 1000)
		_, err := r.ReadUntil(ctx, []byte("\r\n"))
		if err == nil {
			err = greet(ctx, c)
		}
		if err != nil {
			c.Close()
			return err
		}
		s, err := aionet.StartTLSServer(ctx, r, serverConfig())
		return secured(ctx, s, err, echo)
	})
}

// secured runs one side of a TLS connection. The connection below is the TLS one's to
// close, which it may do later than Close.
func secured(ctx context.Context, s *aionet.TLSConn, err error, side func(context.Context, aionet.Stream) error) error {
	if err != nil {
		return err
	}
	if err := side(ctx, s); err != nil {
		s.Abort()
		return err
	}
	s.Close() // fails where the peer was faster
	return nil
}

func tlsListener(ctx context.Context, dir string) error {
	below, err := listen(ctx, dir, "tcp")
	if err != nil {
		return err
	}
	l, err := aionet.ListenTLS(ctx, below, serverConfig(), aionet.OnHandshakeError(func(net.Addr, error) {}))
	if err != nil {
		below.Close()
		return err
	}
	defer l.Close()
	return group(ctx, func(ctx context.Context) error {
		c, err := aionet.Dial(ctx, "tcp", below.Addr().String())
		if err != nil {
			return err
		}
		s, err := aionet.TLSClient(ctx, c, clientConfig())
		return secured(ctx, s, err, func(ctx context.Context, s aionet.Stream) error { return exchangeOn(ctx, s, 100, 100) })
	}, func(ctx context.Context) error {
		c, err := l.AcceptContext(ctx)
		if err != nil {
			return err
		}
		return secured(ctx, c, nil, echo)
	})
}

// overHTTP makes two requests on one connection, the second with a body.
func overHTTP(ctx context.Context, dir string) error {
	l, err := listen(ctx, dir, "tcp")
	if err != nil {
		return err
	}
	s := &aiohttp.Server{OnError: func(asyncio.Report) {}, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Write(append(b, pattern(len(b), 10_000-len(b))...))
	})}
	client := &aiohttp.Client{}
	defer client.CloseIdleConnections()
	return group(ctx, func(ctx context.Context) error {
		if err := s.Serve(ctx, l); err != http.ErrServerClosed {
			return err
		}
		return nil
	}, func(ctx context.Context) error {
		defer s.Close()
		for i, body := range []io.Reader{nil, &slow{left: 3}} {
			if err := ask(ctx, client, "http://"+l.Addr().String(), body); err != nil {
				return fmt.Errorf("request %d: %w", i, err)
			}
		}
		return nil
	})
}

// slow is a body without a length.
type slow struct{ at, left int }

func (s *slow) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	s.left--
	n := copy(p, pattern(s.at, min(len(p), 100)))
	s.at += n
	return n, nil
}

func ask(ctx context.Context, client *aiohttp.Client, url string, body io.Reader) error {
	req, err := http.NewRequestWithContext(ctx, "POST", url, body)
	if err != nil {
		return err
	}
	resp, err := client.Do(ctx, req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != 200 {
		return errors.New(resp.Status)
	}
	if string(got) != string(pattern(0, 10_000)) {
		return fmt.Errorf("%w in a response of %d bytes", errWrongByte, len(got))
	}
	return nil
}

func child(ctx context.Context, dir string) error {
	cmd := aioexec.Command("cat")
	cmd.WaitDelay = time.Second
	got, _, err := cmd.Communicate(ctx, pattern(0, 1000))
	if err == nil && string(got) != string(pattern(0, 1000)) {
		err = fmt.Errorf("%w: %d bytes", errWrongByte, len(got))
	}
	return err
}
