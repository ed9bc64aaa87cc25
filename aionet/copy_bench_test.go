package aionet_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// BenchmarkCopyOfAFile sends 16 MiB that are in the system's cache over TCP, to a task
// of the same loop that drops them.
func BenchmarkCopyOfAFile(b *testing.B) {
	path := filepath.Join(b.TempDir(), "f")
	const size = 16 << 20
	if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
		b.Fatal(err)
	}
	for name, view := range map[string]func(io.Reader) io.Reader{
		"by the system": func(r io.Reader) io.Reader { return r },
		"by hand":       func(r io.Reader) io.Reader { return struct{ io.Reader }{r} },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(size)
			err := asyncio.Run(context.Background(), func(ctx context.Context) error {
				return sendFiles(ctx, b, path, view)
			})
			if err != nil {
				b.Error(err)
			}
		})
	}
}

func sendFiles(ctx context.Context, b *testing.B, path string, view func(io.Reader) io.Reader) error {
	l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	c, err := aionet.Dial(ctx, "tcp", l.Addr().String())
	if err != nil {
		return err
	}
	peer, err := l.AcceptContext(ctx)
	if err != nil {
		return err
	}
	reading := asyncio.Go(ctx, func(ctx context.Context) error {
		defer peer.Close()
		p := make([]byte, 256<<10)
		for {
			if _, err := peer.ReadContext(ctx, p); err != nil {
				return nil
			}
		}
	})
	for b.Loop() {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		_, err = c.ReadFromContext(ctx, view(f))
		f.Close()
		if err != nil {
			return err
		}
	}
	c.Close()
	_, err = reading.Await(ctx)
	return err
}
