package aionet_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/driver"
)

// What reliability.md asks of any stream, listener or packet socket is in the suites of
// asynciotest, which run on all of them: B9, B10 and B11, D4, E1 to E3, E5, E8, E9,
// E12, E13. The files reliability_*_test.go have what only real sockets can show.

// A watched driver counts what the loop asks of the system.
type watched struct {
	driver.Driver
	waits   int // calls of Wait
	network *watchedNetwork
}

func (d *watched) Wait(events []driver.Event, until driver.Instant) (int, error) {
	d.waits++
	return d.Driver.Wait(events, until)
}

func (d *watched) Network() driver.Network { return d.network }

// A watchedNetwork knows which descriptors are open.
type watchedNetwork struct {
	driver.Network
	open   map[int]bool
	wrong  []error // descriptors closed that were not open
	opened int
}

func (n *watchedNetwork) opens(fd int, err error) {
	if err != nil {
		return
	}
	if n.open[fd] {
		n.wrong = append(n.wrong, fmt.Errorf("descriptor %d was opened twice: somebody else has closed it", fd))
	}
	n.open[fd] = true
	n.opened++
}

func (n *watchedNetwork) Socket(k driver.Kind) (int, error) {
	fd, err := n.Network.Socket(k)
	n.opens(fd, err)
	return fd, err
}

func (n *watchedNetwork) Accept(fd int) (int, driver.Addr, error) {
	conn, peer, err := n.Network.Accept(fd)
	n.opens(conn, err)
	return conn, peer, err
}

func (n *watchedNetwork) CloseSocket(fd int) error {
	if !n.open[fd] {
		n.wrong = append(n.wrong, fmt.Errorf("descriptor %d was closed and is not open", fd))
	}
	delete(n.open, fd)
	return n.Network.CloseSocket(fd)
}

// onWatchedLoop runs main on a loop with a watched driver and checks that every
// descriptor was closed exactly once.
func onWatchedLoop(t *testing.T, main func(ctx context.Context, d *watched) error) {
	t.Helper()
	defer asynciotest.CheckLeaks(t)()
	real, err := driver.New()
	if err != nil {
		t.Fatal(err)
	}
	d := &watched{Driver: real, network: &watchedNetwork{Network: real.Network(), open: map[int]bool{}}}
	ctx := driver.NewContext(context.Background(), func() driver.Driver { return d })
	if err := asyncio.Run(ctx, func(ctx context.Context) error { return main(ctx, d) }); err != nil {
		t.Error(err)
	}
	for _, err := range d.network.wrong {
		t.Error(err)
	}
	if len(d.network.open) > 0 {
		t.Errorf("of %d descriptors these are still open: %v", d.network.opened, d.network.open)
	}
}

// connectedPair makes a pair of connections of package aionet itself.
func connectedPair(ctx context.Context, t *testing.T, network string) (a, b *aionet.Conn, err error) {
	x, y, err := dialled(t, network)(ctx)
	if err != nil {
		return nil, nil, err
	}
	return x.(*aionet.Conn), y.(*aionet.Conn), nil
}
