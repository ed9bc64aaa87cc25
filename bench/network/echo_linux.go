package network

import (
	"context"
	"net"
	"os"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/panjf2000/gnet/v2"
)

// bufferSize is what each echo reads into: as much as many programs take, and four
// times a message.
const bufferSize = 4 << 10

// serveNet is a goroutine for each connection, as the documentation of package net
// shows it.
func serveNet(announce func(net.Addr)) error {
	l, err := net.Listen("tcp", anywhere)
	if err != nil {
		return err
	}
	announce(l.Addr())
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			buf := make([]byte, bufferSize)
			for {
				n, err := c.Read(buf)
				if err != nil {
					return
				}
				if _, err := c.Write(buf[:n]); err != nil {
					return
				}
			}
		}()
	}
}

// serveAionet is the same with tasks.
func serveAionet(announce func(net.Addr)) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := aionet.Listen(ctx, "tcp", anywhere)
		if err != nil {
			return err
		}
		announce(l.Addr())
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for {
				c, err := l.AcceptContext(ctx)
				if err != nil {
					return err
				}
				g.Go(func(ctx context.Context) error {
					defer c.Close()
					buf := make([]byte, bufferSize)
					for {
						n, err := c.ReadContext(ctx, buf)
						if err != nil {
							return nil
						}
						if _, err := c.WriteContext(ctx, buf[:n]); err != nil {
							return nil
						}
					}
				})
			}
		})
	})
}

// serveGnet is one event loop that calls back, with one buffer for all connections.
func serveGnet(announce func(net.Addr)) error {
	return gnet.Run(&gnetEcho{announce: announce}, "tcp://"+anywhere,
		gnet.WithNumEventLoop(1), gnet.WithTCPNoDelay(gnet.TCPNoDelay))
}

type gnetEcho struct {
	gnet.BuiltinEventEngine
	announce func(net.Addr)
}

// OnBoot tells on which port gnet listens.
func (e *gnetEcho) OnBoot(eng gnet.Engine) gnet.Action {
	fd, err := eng.Dup()
	if err != nil {
		return gnet.Shutdown
	}
	f := os.NewFile(uintptr(fd), "listener")
	defer f.Close()
	l, err := net.FileListener(f)
	if err != nil {
		return gnet.Shutdown
	}
	defer l.Close()
	e.announce(l.Addr())
	return gnet.None
}

// OnTraffic sends back what has come.
func (e *gnetEcho) OnTraffic(c gnet.Conn) gnet.Action {
	data, err := c.Next(-1)
	if err != nil {
		return gnet.Close
	}
	if _, err := c.Write(data); err != nil {
		return gnet.Close
	}
	return gnet.None
}
