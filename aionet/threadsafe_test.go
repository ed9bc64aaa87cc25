package aionet_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/nettest"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// The test that the Go project has for whoever implements net.Conn, on the view for
// other goroutines.
func TestThreadsafeViewsPassTheTestOfTheGoProject(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) { testConn(t, dialled(t, network)) })
	}
	t.Run("memory", func(t *testing.T) { testConn(t, piped(aionet.DefaultBuffer)) })
	t.Run("memory without a buffer", func(t *testing.T) { testConn(t, piped(0)) })
}

func testConn(t *testing.T, open opener) {
	defer asynciotest.CheckLeaks(t)()
	nettest.TestConn(t, func() (a, b net.Conn, stop func(), err error) {
		v, err := openViews(open)
		if err != nil {
			return nil, nil, nil, err
		}
		return v.a, v.b, v.stop, nil
	})
}

type opener = func(ctx context.Context) (a, b asynciotest.Stream, err error)

// views are those of two connected streams, on a loop that runs on a goroutine.
type views struct {
	a, b net.Conn
	quit chan struct{}
	over chan error
}

// openViews starts a loop that runs until stop is called.
func openViews(open opener) (*views, error) {
	v := &views{quit: make(chan struct{}), over: make(chan error, 1)}
	ready := make(chan struct{})
	go func() {
		v.over <- asyncio.Run(context.Background(), func(ctx context.Context) (err error) {
			if v.a, v.b, err = makeViews(ctx, open); err != nil {
				return err
			}
			close(ready)
			_, _, err = asyncio.Receive(ctx, v.quit)
			return err
		})
	}()
	select {
	case <-ready:
		return v, nil
	case err := <-v.over:
		return nil, err
	}
}

func makeViews(ctx context.Context, open opener) (a, b net.Conn, err error) {
	x, y, err := open(ctx)
	if err != nil {
		return nil, nil, err
	}
	a, err = aionet.Threadsafe(ctx, x)
	if err != nil {
		return nil, nil, err
	}
	b, err = aionet.Threadsafe(ctx, y)
	return a, b, err
}

func (v *views) stop() {
	v.a.Close()
	v.b.Close()
	v.end()
}

// end ends the loop, whatever the views do.
func (v *views) end() error {
	close(v.quit)
	return <-v.over
}

func TestThreadsafeOnManyGoroutines(t *testing.T) {
	t.Run("writes of several goroutines come out whole, one after the other", func(t *testing.T) {
		defer asynciotest.CheckLeaks(t)()
		v, err := openViews(dialled(t, "tcp"))
		if err != nil {
			t.Fatal(err)
		}
		defer v.stop()
		const writers, each, size = 8, 50, 1000
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for range each {
					if n, err := v.a.Write(filled(size, byte(w))); n != size || err != nil {
						t.Errorf("wrote %d, %v", n, err)
					}
				}
			})
		}
		got := make([]byte, size)
		for range writers * each {
			if _, err := io.ReadFull(v.b, got); err != nil {
				t.Fatal(err)
			}
			for _, b := range got {
				if b != got[0] {
					t.Fatal("two writes are mixed")
				}
			}
		}
		wg.Wait()
	})

	t.Run("readers that wait in line share what comes", func(t *testing.T) {
		defer asynciotest.CheckLeaks(t)()
		v, err := openViews(dialled(t, "unix"))
		if err != nil {
			t.Fatal(err)
		}
		defer v.stop()
		var wg sync.WaitGroup
		sum := make(chan int, 10)
		for range 10 {
			wg.Go(func() {
				var b [1]byte
				if _, err := v.b.Read(b[:]); err != nil {
					t.Error(err)
				}
				sum <- int(b[0])
			})
		}
		if _, err := v.a.Write([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}); err != nil {
			t.Error(err)
		}
		wg.Wait()
		total := 0
		for range 10 {
			total += <-sum
		}
		if total != 55 {
			t.Errorf("the bytes read add up to %d, want 55", total)
		}
	})
}

func filled(n int, b byte) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = b
	}
	return p
}

func TestThreadsafeEnds(t *testing.T) {
	// waiting starts calls that can only end by the end of something.
	waiting := func(v *views) <-chan error {
		ended := make(chan error, 20)
		for range 10 {
			go func() {
				_, err := v.b.Read(make([]byte, 10))
				ended <- err
			}()
			go func() {
				_, err := v.a.Write(make([]byte, 32<<20))
				ended <- err
			}()
		}
		return ended
	}
	allClosed := func(t *testing.T, ended <-chan error) {
		t.Helper()
		for range cap(ended) {
			if err := <-ended; !errors.Is(err, net.ErrClosed) {
				t.Errorf("got %v, want net.ErrClosed", err)
			}
		}
	}

	t.Run("Close ends every call under way and in line, with net.ErrClosed", func(t *testing.T) {
		defer asynciotest.CheckLeaks(t)()
		v, err := openViews(stuckPair(t))
		if err != nil {
			t.Fatal(err)
		}
		ended := waiting(v)
		time.Sleep(time.Millisecond) // some have begun by then, or none: both must end
		v.stop()
		allClosed(t, ended)
	})

	t.Run("the end of the loop ends every call, and none that comes later hangs", func(t *testing.T) {
		defer asynciotest.CheckLeaks(t)()
		v, err := openViews(stuckPair(t))
		if err != nil {
			t.Fatal(err)
		}
		ended := waiting(v)
		if err := v.end(); err != nil {
			t.Error(err)
		}
		allClosed(t, ended)
		_, readErr := v.a.Read(make([]byte, 1))
		_, writeErr := v.b.Write(make([]byte, 1))
		for _, err := range []error{readErr, writeErr, v.a.SetDeadline(time.Time{})} {
			if !errors.Is(err, net.ErrClosed) {
				t.Errorf("after the loop: %v, want net.ErrClosed", err)
			}
		}
		if err := errors.Join(v.a.Close(), v.b.Close()); err != nil {
			t.Errorf("Close after the loop: %v", err)
		}
	})

	t.Run("the end of the context ends the calls, and not the loop", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) error {
			scope, cancel := asyncio.WithCancel(ctx)
			a, b, err := makeViews(scope, dialled(t, "tcp"))
			if err != nil {
				return err
			}
			defer a.Close()
			defer b.Close()
			read := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				return asyncio.ToThread(ctx, func(context.Context) (int, error) { return a.Read(make([]byte, 1)) })
			})
			if err := asynciotest.WaitIdle(ctx); err != nil {
				return err
			}
			cancel(nil)
			if _, err := read.Await(ctx); !errors.Is(err, net.ErrClosed) {
				t.Errorf("got %v, want net.ErrClosed", err)
			}
			return nil
		})
	})

	t.Run("a second Close says net.ErrClosed, and Close reaches the peer", func(t *testing.T) {
		defer asynciotest.CheckLeaks(t)()
		v, err := openViews(dialled(t, "tcp"))
		if err != nil {
			t.Fatal(err)
		}
		defer v.stop()
		if err := v.a.Close(); err != nil {
			t.Error(err)
		}
		if err := v.a.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the second Close: %v", err)
		}
		if n, err := v.b.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("the peer has read %d, %v", n, err)
		}
	})

	t.Run("CloseWrite ends one direction", func(t *testing.T) {
		defer asynciotest.CheckLeaks(t)()
		v, err := openViews(dialled(t, "tcp"))
		if err != nil {
			t.Fatal(err)
		}
		defer v.stop()
		if err := v.a.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			t.Error(err)
		}
		if n, err := v.b.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("the peer has read %d, %v", n, err)
		}
		go v.b.Write([]byte("x"))
		if n, err := v.a.Read(make([]byte, 1)); n != 1 || err != nil {
			t.Errorf("the other direction: %d, %v", n, err)
		}
	})
}

// stuckPair are two streams of which the views a and b are the near ends: who writes
// to a or reads from b waits for ever.
func stuckPair(t *testing.T) opener {
	open := dialled(t, "tcp")
	return func(ctx context.Context) (a, b asynciotest.Stream, err error) {
		a, _, err = open(ctx)
		if err != nil {
			return nil, nil, err
		}
		b, _, err = open(ctx)
		return a, b, err
	}
}

func TestThreadsafeOnItsOwnLoop(t *testing.T) {
	t.Run("a Read or Write there fails instead of waiting for itself", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) error {
			a, b, err := makeViews(ctx, dialled(t, "tcp"))
			if err != nil {
				return err
			}
			defer b.Close()
			if _, err := a.Read(make([]byte, 1)); !errors.Is(err, aionet.ErrOnLoop) {
				t.Errorf("Read: %v", err)
			}
			if _, err := a.Write([]byte("never")); !errors.Is(err, aionet.ErrOnLoop) {
				t.Errorf("Write: %v", err)
			}
			asyncio.CallSoon(ctx, func() {
				if _, err := a.Read(make([]byte, 1)); !errors.Is(err, aionet.ErrOnLoop) {
					t.Errorf("Read in a callback: %v", err)
				}
			})
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
			// What was refused has not happened, and the view works.
			n, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
				if _, err := a.Write([]byte("x")); err != nil {
					return 0, err
				}
				buf := make([]byte, 10)
				n, err := b.Read(buf)
				if string(buf[:n]) != "x" {
					t.Errorf("got %q", buf[:n])
				}
				return n, err
			})
			if n != 1 || err != nil {
				t.Errorf("on a thread: %d, %v", n, err)
			}
			return a.Close() // which may be called anywhere
		})
	})

	t.Run("also while a goroutine is in a call", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) error {
			a, b, err := makeViews(ctx, dialled(t, "tcp"))
			if err != nil {
				return err
			}
			defer a.Close()
			reading := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				return asyncio.ToThread(ctx, func(context.Context) (int, error) { return a.Read(make([]byte, 1)) })
			})
			if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
				return err
			}
			if _, err := a.Read(make([]byte, 1)); !errors.Is(err, aionet.ErrOnLoop) {
				t.Errorf("Read: %v", err)
			}
			b.Close()
			if _, err := reading.Await(ctx); err != io.EOF {
				t.Errorf("the goroutine: %v", err)
			}
			return nil
		})
	})

	t.Run("without a loop there is no view", func(t *testing.T) {
		if _, err := aionet.Threadsafe(context.Background(), nil); !errors.Is(err, asyncio.ErrNoLoop) {
			t.Errorf("got %v", err)
		}
	})
}

func TestThreadsafeDeadlinesReachCallsUnderWay(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	v, err := openViews(dialled(t, "tcp"))
	if err != nil {
		t.Fatal(err)
	}
	defer v.stop()
	ended := make(chan error)
	go func() {
		_, err := v.a.Read(make([]byte, 1))
		ended <- err
	}()
	if err := v.a.SetReadDeadline(time.Now()); err != nil {
		t.Error(err)
	}
	var timeout net.Error
	if err := <-ended; !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("got %v", err)
	}
	if err := v.a.SetReadDeadline(time.Time{}); err != nil {
		t.Error(err)
	}
	go v.b.Write([]byte("x"))
	if n, err := v.a.Read(make([]byte, 1)); n != 1 || err != nil {
		t.Errorf("after the deadline was cleared: %d, %v", n, err)
	}
}

// BenchmarkThreadsafeWriteAndRead is one byte there and back over two views.
func BenchmarkThreadsafeWriteAndRead(b *testing.B) {
	v, err := openViews(dialled(nil, "tcp4"))
	if err != nil {
		b.Fatal(err)
	}
	defer v.stop()
	var buf [1]byte
	for b.Loop() {
		if _, err := v.a.Write(buf[:]); err != nil {
			b.Fatal(err)
		}
		if _, err := v.b.Read(buf[:]); err != nil {
			b.Fatal(err)
		}
	}
}
