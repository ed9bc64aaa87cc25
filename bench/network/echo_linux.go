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

// serveAionetOnData gives a connection a task only while it has data. A buffer is
// taken for that long as well.
func serveAionetOnData(announce func(net.Addr)) error {
	s := &aionet.Server{StartOnData: true, IdleTimeout: -1} // no timeout, as the others
	var buffers [][]byte                                    // of tasks that have ended: nobody but the loop has them
	s.Handler = func(ctx context.Context, c aionet.Stream) error {
		var buf []byte
		if last := len(buffers) - 1; last >= 0 {
			buf, buffers = buffers[last], buffers[:last]
		} else {
			buf = make([]byte, bufferSize)
		}
		defer func() { buffers = append(buffers, buf) }()
		n, err := c.ReadContext(ctx, buf)
		if err != nil {
			return err
		}
		_, err = c.WriteContext(ctx, buf[:n])
		return err
	}
	return serveOnLoop(announce, s.Serve)
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
