//go:build linux || darwin || freebsd || openbsd || netbsd || dragonfly

package aionet_test

import (
	"context"
	"os"
	"syscall"
	"testing"

	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// The suite on descriptors that came from elsewhere.
func TestAdoptedSocketsBehaveAsStreamsOfTheirOwnMaking(t *testing.T) {
	asynciotest.TestStream(t, adoptedPair, unixTraits)
}

// adoptedPair adopts both ends of a socketpair.
func adoptedPair(ctx context.Context) (a, b asynciotest.Stream, err error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return nil, nil, err
	}
	x, err := adoptFD(ctx, fds[0])
	if err != nil {
		syscall.Close(fds[1])
		return nil, nil, err
	}
	y, err := adoptFD(ctx, fds[1])
	return x, y, err
}

// adoptFD makes a connection of fd, which it closes.
func adoptFD(ctx context.Context, fd int) (*aionet.Conn, error) {
	f := os.NewFile(uintptr(fd), "socketpair")
	defer f.Close()
	return aionet.FileConn(ctx, f)
}
