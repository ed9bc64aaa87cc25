package aionet_test

import (
	"context"
	"net"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// pairs are streams of each kind that can tell of a hang-up.
var hangupPairs = map[string]func(ctx context.Context, t *testing.T) (a, b hangupStream){
	"memory": func(ctx context.Context, t *testing.T) (hangupStream, hangupStream) {
		a, b := aionet.Pipe(ctx, 100)
		return a, b
	},
	"tcp": func(ctx context.Context, t *testing.T) (hangupStream, hangupStream) {
		l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		a, err := aionet.Dial(ctx, "tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		b, err := l.AcceptContext(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return a, b
	},
}

type hangupStream interface {
	aionet.Stream
	OnHangup(f func()) error
}

func TestOnHangup(t *testing.T) {
	for kind, open := range hangupPairs {
		check := func(name string, test func(ctx context.Context, a, b hangupStream)) {
			t.Run(kind+": "+name, func(t *testing.T) {
				err := asyncio.Run(t.Context(), func(ctx context.Context) error {
					a, b := open(ctx, t)
					defer a.Close()
					defer b.Close()
					test(ctx, a, b)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		// told is an event that is set when a's peer has hung up.
		told := func(a hangupStream) (*asyncio.Event, *int) {
			e, calls := new(asyncio.Event), new(int)
			if err := a.OnHangup(func() { *calls++; e.Set() }); err != nil {
				t.Error(err)
			}
			return e, calls
		}
		check("tells of a close, once, though data is unread", func(ctx context.Context, a, b hangupStream) {
			e, calls := told(a)
			b.Write([]byte("last words"))
			asyncio.Yield(ctx)
			if *calls != 0 {
				t.Error("data was taken for the end")
			}
			b.Close()
			e.Wait(ctx)
			buf := make([]byte, 20)
			if n, err := a.Read(buf); string(buf[:n]) != "last words" || err != nil {
				t.Errorf("%q, %v", buf[:n], err)
			}
			if *calls != 1 {
				t.Errorf("called %d times", *calls)
			}
		})
		check("tells of a half-close", func(ctx context.Context, a, b hangupStream) {
			e, _ := told(a)
			b.CloseWrite()
			e.Wait(ctx)
		})
		check("tells of a reset", func(ctx context.Context, a, b hangupStream) {
			e, _ := told(a)
			b.Abort()
			e.Wait(ctx)
		})
		check("tells at once where it has happened already", func(ctx context.Context, a, b hangupStream) {
			b.Close()
			a.Read(make([]byte, 1))
			e, calls := told(a)
			if *calls != 0 {
				t.Error("called by OnHangup itself")
			}
			e.Wait(ctx)
		})
		check("tells nothing after nil, nor of one's own close", func(ctx context.Context, a, b hangupStream) {
			_, calls := told(a)
			a.OnHangup(nil)
			_, own := told(b)
			b.Close()
			for range 5 {
				asyncio.Yield(ctx)
			}
			a.Read(make([]byte, 1))
			if *calls != 0 || *own != 0 {
				t.Errorf("called %d and %d times", *calls, *own)
			}
			if err := b.OnHangup(func() {}); err == nil || b.RemoteAddr() == (net.Addr)(nil) {
				t.Error("a closed stream takes a function")
			}
		})
	}
}
