package aionet_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// Messages of 1 KiB back and forth, and bulk data one way, over TLS on TCP: on the loop,
// and beside it with goroutines and package net. Run with -cpu 1 for one core each.

func BenchmarkTLSEcho(b *testing.B) {
	b.Run("loop", func(b *testing.B) {
		onBenchLoop(b, func(ctx context.Context, c, s *aionet.TLSConn) {
			asyncio.Go(ctx, func(ctx context.Context) error {
				p := make([]byte, 1024)
				for {
					n, err := s.ReadContext(ctx, p)
					if err != nil {
						return nil
					}
					s.WriteContext(ctx, p[:n])
				}
			})
			p := make([]byte, 1024)
			for b.Loop() {
				c.WriteContext(ctx, p)
				for n := 0; n < len(p); {
					k, err := c.ReadContext(ctx, p)
					if err != nil {
						b.Fatal(err)
					}
					n += k
				}
			}
		})
	})
	b.Run("package net", func(b *testing.B) {
		c, s := netTLS(b)
		go io.CopyBuffer(struct{ io.Writer }{s}, struct{ io.Reader }{s}, make([]byte, 1024))
		p := make([]byte, 1024)
		for b.Loop() {
			c.Write(p)
			if _, err := io.ReadFull(c, p); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkTLSBulk(b *testing.B) {
	const size = 256 << 10
	b.Run("loop", func(b *testing.B) {
		b.SetBytes(size)
		onBenchLoop(b, func(ctx context.Context, c, s *aionet.TLSConn) {
			asyncio.Go(ctx, func(ctx context.Context) error {
				for p := make([]byte, 32<<10); ; {
					if _, err := s.ReadContext(ctx, p); err != nil {
						return nil
					}
				}
			})
			for p := make([]byte, size); b.Loop(); {
				c.WriteContext(ctx, p)
			}
		})
	})
	b.Run("package net", func(b *testing.B) {
		b.SetBytes(size)
		c, s := netTLS(b)
		go io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{s}, make([]byte, 32<<10))
		for p := make([]byte, size); b.Loop(); {
			c.Write(p)
		}
	})
}

func BenchmarkTLSHandshake(b *testing.B) {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		client, server := clientConfig(), serverConfig()
		b.ReportAllocs()
		for b.Loop() {
			x, y := aionet.Pipe(ctx, aionet.DefaultBuffer)
			c, s, err := tlsOver(ctx, x, y, client, server)
			if err != nil {
				return err
			}
			c.Close()
			s.Close()
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// onBenchLoop runs main with the two ends of a TLS connection over TCP.
func onBenchLoop(b *testing.B, main func(ctx context.Context, c, s *aionet.TLSConn)) {
	b.Helper()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		x, err := aionet.Dial(ctx, "tcp", l.Addr().String())
		if err != nil {
			return err
		}
		y, err := l.AcceptContext(ctx)
		if err != nil {
			return err
		}
		c, s, err := tlsOver(ctx, x, y, clientConfig(), serverConfig())
		if err != nil {
			return err
		}
		defer s.Close()
		defer c.Close()
		main(ctx, c, s)
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// netTLS is the same with package net.
func netTLS(b *testing.B) (c, s *tls.Conn) {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	x, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	y, err := l.Accept()
	if err != nil {
		b.Fatal(err)
	}
	c, s = tls.Client(x, clientConfig()), tls.Server(y, serverConfig())
	done := make(chan error)
	go func() { done <- s.Handshake() }()
	if err := c.Handshake(); err != nil {
		b.Fatal(err)
	}
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close(); s.Close() })
	return c, s
}
