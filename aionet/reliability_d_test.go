//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package aionet_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// The server runs in a process of its own, which may have few descriptors; the
// clients are goroutines here.
func TestReliabilityD1_AServerWithoutDescriptorsLivesAndGoesOn(t *testing.T) {
	server := exec.Command(os.Args[0], "-test.run=^TestServerWithFewDescriptors$")
	server.Env = append(os.Environ(), fewDescriptors+"=64")
	server.Stderr = os.Stderr
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer server.Process.Kill()
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("the server has not begun")
	}
	address := lines.Text()

	const clients, enough = 200, 10 // enough: fewer than fit at once, with a pipe for each copy
	var wg sync.WaitGroup
	answered, release := make(chan struct{}, 2*clients), make(chan struct{})
	for i := range clients {
		wg.Go(func() {
			if err := holdOn(address, byte(i), answered, release); err != nil {
				t.Errorf("client %d: %v", i, err)
				answered <- struct{}{} // nobody need wait for it
			}
		})
	}
	for range enough {
		<-answered
	}
	lines.Scan()
	if lines.Text() != "full" {
		t.Errorf("the server says %q, want full", lines.Text())
	}
	close(release)
	wg.Wait()
	lines.Scan()
	for text := lines.Text(); !strings.HasPrefix(text, "served 200"); text = lines.Text() {
		t.Errorf("the server says %q", text)
		if !lines.Scan() {
			break
		}
	}
	if err := server.Wait(); err != nil {
		t.Error(err)
	}
}

// holdOn is a client that gets an answer and keeps its connection until it is told.
func holdOn(address string, i byte, answered chan<- struct{}, release <-chan struct{}) error {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Write([]byte{i}); err != nil {
		return err
	}
	b := make([]byte, 1)
	if _, err := io.ReadFull(c, b); err != nil || b[0] != i {
		return fmt.Errorf("got %v, %w", b, err)
	}
	answered <- struct{}{}
	<-release
	return nil
}

const fewDescriptors = "ASYNCIO_TEST_FEW_DESCRIPTORS"

// The process of D1. It says its address, then that it is full, then what it has done.
func TestServerWithFewDescriptors(t *testing.T) {
	if os.Getenv(fewDescriptors) == "" {
		t.Skip("for the process of TestReliabilityD1")
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = 64
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		fmt.Println(l.Addr())
		return serveWithBackoff(ctx, t, l, 200)
	})
	if err != nil {
		t.Error(err)
	}
	os.Stdout.Sync()
}

// serveWithBackoff answers n clients and waits a little where descriptors are lacking.
func serveWithBackoff(ctx context.Context, t *testing.T, l *aionet.Listener, n int) error {
	full := 0
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		for served := 0; served < n; {
			c, err := l.AcceptContext(ctx)
			if errors.Is(err, syscall.EMFILE) {
				var op *net.OpError
				if !errors.As(err, &op) || op.Op != "accept" {
					t.Errorf("the error is %T, %v", err, err)
				}
				if full++; full == 1 {
					fmt.Println("full")
				}
				if err := asyncio.Sleep(ctx, 5*time.Millisecond); err != nil {
					return err
				}
				continue
			}
			if err != nil {
				return err
			}
			served++
			g.Go(func(ctx context.Context) error {
				defer c.Close()
				_, err := io.Copy(c.WithContext(ctx), c.WithContext(ctx))
				return err
			})
		}
		return nil
	})
	if err == nil {
		fmt.Printf("served %d, %d times full\n", n, full)
	}
	return err
}

func TestReliabilityD7_AClosedListenersPortCanBeTakenAtOnce(t *testing.T) {
	onWatchedLoop(t, func(ctx context.Context, _ *watched) error {
		a := "127.0.0.1:0"
		for i := range 5 {
			l, err := aionet.Listen(ctx, "tcp", a)
			if err != nil {
				return fmt.Errorf("listener %d: %w", i, err)
			}
			a = l.Addr().String()
			// A connection that the server closes first stays in the system for a minute.
			c, err := aionet.Dial(ctx, "tcp", a)
			if err != nil {
				return err
			}
			s, err := l.AcceptContext(ctx)
			if err != nil {
				return err
			}
			accepting := asyncio.CreateTask(ctx, l.AcceptContext)
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
			if err := errors.Join(l.Close(), s.Close(), c.Close()); err != nil {
				return err
			}
			if _, err := accepting.Await(ctx); !errors.Is(err, net.ErrClosed) {
				t.Errorf("the Accept that waited: %v", err)
			}
		}
		return nil
	})
}

func TestReliabilityD8_ABurstOfClientsDoesNotKeepOtherTasksFromRunning(t *testing.T) {
	const clients = 1000
	onWatchedLoop(t, func(ctx context.Context, _ *watched) error {
		l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		var conns []*aionet.Conn
		defer func() {
			for _, c := range conns {
				c.Close()
			}
		}()
		for range clients {
			c, err := aionet.Dial(ctx, "tcp", l.Addr().String())
			if err != nil {
				return err
			}
			conns = append(conns, c)
		}
		accepted, seen, worst := 0, 0, 0
		other := asyncio.Go(ctx, func(ctx context.Context) error {
			for {
				worst, seen = max(worst, accepted-seen), accepted
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
		})
		for ; accepted < clients; accepted++ {
			c, err := l.AcceptContext(ctx)
			if err != nil {
				return err
			}
			conns = append(conns, c)
		}
		other.Cancel(nil)
		if worst > 128 { // rule S4
			t.Errorf("%d connections were accepted while another task was ready", worst)
		}
		return nil
	})
}
