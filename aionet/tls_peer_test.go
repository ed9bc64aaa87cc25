package aionet_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// The peers here are tls.Conns on connections of package net, on goroutines.

// inThread runs a peer that blocks.
func inThread(ctx context.Context, peer func() error) *asyncio.Task[struct{}] {
	return asyncio.Go(ctx, func(ctx context.Context) error {
		_, err := asyncio.ToThread(ctx, func(context.Context) (struct{}, error) { return struct{}{}, peer() })
		return err
	})
}

// exchangeWith sends to and receives from a peer that sends back what it gets.
func exchangeWith(ctx context.Context, t *testing.T, c *aionet.TLSConn, data []byte) error {
	t.Helper()
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		g.Go(func(ctx context.Context) error {
			if _, err := c.WriteContext(ctx, data); err != nil {
				return err
			}
			return c.CloseWrite()
		})
		got, err := io.ReadAll(aionet.Bind(ctx, c))
		if !bytes.Equal(got, data) {
			t.Errorf("%d bytes came back of %d", len(got), len(data))
		}
		return err
	})
}

func TestTLSOverTCPWithPeersOfPackageNet(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		client, server := clientConfig(), serverConfig()
		client.MaxVersion = version
		data := pattern(3<<20, 11)
		t.Run("our client, "+tls.VersionName(version), func(t *testing.T) {
			onLoop(t, func(ctx context.Context) error {
				l, err := tls.Listen("tcp", "127.0.0.1:0", server)
				if err != nil {
					return err
				}
				defer l.Close()
				peer := inThread(ctx, func() error {
					c, err := l.Accept()
					if err != nil {
						return err
					}
					defer c.Close()
					_, err = io.Copy(c, c)
					return err
				})
				conn, err := aionet.Dial(ctx, "tcp", l.Addr().String())
				if err != nil {
					return err
				}
				c, err := aionet.TLSClient(ctx, conn, client)
				if err != nil {
					return err
				}
				defer c.Close()
				if got := c.ConnectionState().Version; got != version {
					t.Errorf("version %s", tls.VersionName(got))
				}
				err = exchangeWith(ctx, t, c, data)
				_, err2 := peer.Await(ctx)
				return errors.Join(err, err2)
			})
		})
		t.Run("our server, "+tls.VersionName(version), func(t *testing.T) {
			onLoop(t, func(ctx context.Context) error {
				below, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
				if err != nil {
					return err
				}
				l, err := aionet.ListenTLS(ctx, below, server)
				if err != nil {
					return err
				}
				defer l.Close()
				peers := make([]*asyncio.Task[struct{}], 3)
				for i := range peers {
					peers[i] = inThread(ctx, func() error { return netClient(t, l.Addr().String(), client, data) })
				}
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
					for range peers {
						c, err := l.AcceptContext(ctx)
						if err != nil {
							return err
						}
						g.Go(func(ctx context.Context) error {
							defer c.Close()
							bound := aionet.Bind(ctx, c)
							_, err := io.Copy(bound, bound)
							return err
						})
					}
					for _, p := range peers {
						if _, err := p.Await(ctx); err != nil {
							t.Error(err)
						}
					}
					return nil
				})
			})
		})
	}
}

// netClient sends data to a server that sends it back.
func netClient(t *testing.T, address string, config *tls.Config, data []byte) error {
	c, err := tls.Dial("tcp", address, config)
	if err != nil {
		return err
	}
	defer c.Close()
	sent := make(chan error)
	go func() {
		_, err := c.Write(data)
		sent <- errors.Join(err, c.CloseWrite())
	}()
	got := make([]byte, len(data))
	_, err = io.ReadFull(c, got)
	if !bytes.Equal(got, data) {
		t.Error("other bytes came back")
	}
	return errors.Join(err, <-sent)
}

// Data that is written just before Close arrives, and so does the close_notify.
func TestTLSCloseOverTCPLosesNothing(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		l, err := tls.Listen("tcp", "127.0.0.1:0", serverConfig())
		if err != nil {
			return err
		}
		defer l.Close()
		const size = 10 << 20
		peer := inThread(ctx, func() error {
			c, err := l.Accept()
			if err != nil {
				return err
			}
			defer c.Close()
			n, err := io.Copy(io.Discard, c) // an error where the close_notify is missing
			if n != size {
				t.Errorf("%d bytes came", n)
			}
			return err
		})
		conn, err := aionet.Dial(ctx, "tcp", l.Addr().String())
		if err != nil {
			return err
		}
		c, err := aionet.TLSClient(ctx, conn, clientConfig())
		if err != nil {
			return err
		}
		if _, err := c.WriteContext(ctx, make([]byte, size)); err != nil {
			return err
		}
		if err := c.Close(); err != nil {
			return err
		}
		_, err = peer.Await(ctx)
		return err
	})
}

// The server's side of STARTTLS, with a client that sends its handshake at once.
func TestStartTLSOverTCP(t *testing.T) {
	onLoop(t, func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		peer := inThread(ctx, func() error {
			c, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				return err
			}
			defer c.Close()
			io.WriteString(c, "STARTTLS\r\n")
			if _, err := io.ReadFull(c, make([]byte, 4)); err != nil {
				return err
			}
			secure := tls.Client(c, clientConfig())
			io.WriteString(secure, "NOOP\r\n")
			answer, err := io.ReadAll(secure)
			if string(answer) != "250 OK\r\n" {
				t.Errorf("the answer was %q", answer)
			}
			return err
		})
		conn, err := l.AcceptContext(ctx)
		if err != nil {
			return err
		}
		r := aionet.NewReader(conn, 0)
		wantPiece(t, "STARTTLS\r\n")(r.ReadLine(ctx))
		write(ctx, t, conn, "220\n")
		s, err := aionet.StartTLSServer(ctx, r, serverConfig())
		if err != nil {
			return err
		}
		wantPiece(t, "NOOP\r\n")(aionet.NewReader(s, 0).ReadLine(ctx))
		write(ctx, t, s, "250 OK\r\n")
		err = s.Close()
		_, err2 := peer.Await(ctx)
		return errors.Join(err, err2)
	})
}

// OpenSSL as the peer, where it is installed: an implementation that is not Go's.
func TestTLSWithOpenSSLAsTheClient(t *testing.T) {
	path, err := exec.LookPath("openssl")
	if err == nil {
		var version []byte
		version, err = exec.Command(path, "version").Output()
		if !bytes.HasPrefix(version, []byte("OpenSSL")) { // others answer to the name, and differ
			err = exec.ErrNotFound
		}
	}
	if err != nil {
		t.Skip("OpenSSL is not installed")
	}
	onLoop(t, func(ctx context.Context) error {
		below, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		l, err := aionet.ListenTLS(ctx, below, serverConfig())
		if err != nil {
			return err
		}
		defer l.Close()
		peer := inThread(ctx, func() error { return talkThrough(t, path, l.Addr().String()) })
		c, err := l.AcceptContext(ctx)
		if err != nil {
			return err
		}
		defer c.Close()
		for line, err := range aionet.NewReader(c, 0).Lines(ctx) {
			if err != nil {
				return err
			}
			write(ctx, t, c, "you said "+string(line))
		}
		_, err = peer.Await(ctx)
		return err
	})
}

// talkThrough has a conversation through "openssl s_client", which takes what it reads
// at a time for a command where that is one letter: K asks for a key update of both
// directions, Q ends the session.
func talkThrough(t *testing.T, openssl, address string) error {
	command := exec.Command(openssl, "s_client", "-connect", address, "-servername", "test.example", "-tls1_3")
	in, err := command.StdinPipe()
	if err != nil {
		return err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	command.Stderr = command.Stdout
	if err := command.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	for _, step := range []struct{ say, expect string }{
		{"hello\n", "you said hello"}, {"K\n", "KEYUPDATE"}, {"world\n", "you said world"},
	} {
		io.WriteString(in, step.say)
		for lines.Scan() && !strings.Contains(lines.Text(), step.expect) {
		}
		if lines.Text() == "" {
			t.Errorf("the session ended before %q", step.expect)
		}
	}
	io.WriteString(in, "Q\n")
	io.Copy(io.Discard, out)
	return command.Wait()
}
