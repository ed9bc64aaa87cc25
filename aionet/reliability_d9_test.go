//go:build linux && !asyncio_portable

package aionet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/internal/driver"
)

// A countingNetwork counts the attempts to accept.
type countingNetwork struct {
	driver.Network
	driver.System
	attempts int
}

func (n *countingNetwork) Accept(fd int) (int, driver.Addr, error) {
	n.attempts++
	return n.Network.Accept(fd)
}

type countingDriver struct {
	driver.Driver
	network *countingNetwork
}

func (d *countingDriver) Network() driver.Network { return d.network }

// Other systems than Linux give all connections of a shared port to one listener.
func TestReliabilityD9_TwoLoopsShareAnAddress(t *testing.T) {
	t.Run("with a listener each, each connection wakes one loop", func(t *testing.T) {
		reuse := aionet.ListenConfig{ReusePort: true}
		address := "127.0.0.1:0"
		attempts := twoLoops(t, func(ctx context.Context) (*aionet.Listener, error) {
			l, err := reuse.Listen(ctx, "tcp4", address)
			if err == nil {
				address = l.Addr().String()
			}
			return l, err
		})
		if most := 2*sharedClients + 10; attempts > most { // one that succeeds, and one to learn that there is no more
			t.Errorf("%d attempts to accept %d connections, want at most %d", attempts, sharedClients, most)
		}
	})
	t.Run("with one listener for both, each connection has one server", func(t *testing.T) {
		var file *os.File
		twoLoops(t, func(ctx context.Context) (*aionet.Listener, error) {
			if file != nil {
				defer file.Close()
				return aionet.FileListener(ctx, file)
			}
			l, err := aionet.Listen(ctx, "tcp4", "127.0.0.1:0")
			if err == nil {
				file, err = l.File()
			}
			return l, err
		})
	})
}

const sharedClients = 200

// twoLoops runs two servers on loops of their own, has many clients greeted, one after
// the other, and returns how often the loops have tried to accept. listen is called by
// one loop after the other.
func twoLoops(t *testing.T, listen func(context.Context) (*aionet.Listener, error)) (attempts int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var loops sync.WaitGroup
	var networks [2]*countingNetwork
	var accepted [2]int
	var address string
	for i := range networks {
		listening := make(chan error)
		real, err := driver.New()
		if err != nil {
			t.Fatal(err)
		}
		networks[i] = &countingNetwork{Network: real.Network(), System: real.Network().(driver.System)}
		d := &countingDriver{real, networks[i]}
		loops.Go(func() {
			err := asyncio.Run(driver.NewContext(ctx, func() driver.Driver { return d }), func(ctx context.Context) error {
				l, err := listen(ctx)
				if err == nil {
					address = l.Addr().String()
				}
				listening <- err
				if err != nil {
					return err
				}
				return (&aionet.Server{Handler: func(ctx context.Context, c aionet.Stream) error {
					accepted[i]++
					_, err := c.WriteContext(ctx, []byte{byte(i)})
					return err
				}}).Serve(ctx, l)
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("loop %d: %v", i, err)
			}
		})
		if err := <-listening; err != nil {
			t.Fatal(err)
		}
	}
	var greeted [2]int
	for i := range sharedClients {
		who, err := greeting(address)
		if err != nil {
			t.Errorf("client %d: %v", i, err)
			break
		}
		greeted[who]++
	}
	cancel()
	loops.Wait()
	if accepted != greeted {
		t.Errorf("the loops have accepted %v, the clients were greeted by %v", accepted, greeted)
	}
	return networks[0].attempts + networks[1].attempts
}

// greeting is the byte with which a server greets, and ends.
func greeting(address string) (who int, err error) {
	c, err := net.Dial("tcp4", address)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	b, err := io.ReadAll(c)
	if err == nil && (len(b) != 1 || b[0] > 1) {
		err = fmt.Errorf("got %v", b)
	}
	if err != nil {
		return 0, err
	}
	return int(b[0]), nil
}
