package main

import (
	"bufio"
	"context"
	"fmt"
	"net"

	"github.com/goasyncio/asyncio"
)

// converse starts a server and lets three clients talk on it. Each speaks when the
// one before it has been heard, so that the conversation is the same in every run.
func converse(ctx context.Context) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		r := &room{members: map[string]*asyncio.Queue[string]{}}
		g.Go(func(ctx context.Context) error { return r.serve(ctx, l) })
		ann, err := enter(ctx, l.Addr(), "Ann")
		if err != nil {
			return err
		}
		for _, name := range []string{"Bob", "Cem"} {
			guest, err := enter(ctx, l.Addr(), name)
			if err != nil {
				return err
			}
			defer guest.conn.Close()
			if err := guest.say(ctx, "hello from "+name); err != nil {
				return err
			}
			for range 2 { // "has come", and the hello
				heard, err := nextLine(ctx, ann.lines)
				if err != nil {
					return err
				}
				fmt.Println("Ann hears:", heard)
			}
		}
		ann.conn.Close()
		g.Cancel(nil)
		return nil
	})
}

// client is somebody who talks.
type client struct {
	conn  net.Conn
	lines *bufio.Scanner
}

// enter connects and waits until the room says that the client has come.
func enter(ctx context.Context, addr net.Addr, name string) (*client, error) {
	conn, err := asyncio.ToThread(ctx, func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, addr.Network(), addr.String())
	})
	if err != nil {
		return nil, err
	}
	c := &client{conn, bufio.NewScanner(conn)}
	if err := c.say(ctx, name); err != nil {
		return nil, err
	}
	_, err = nextLine(ctx, c.lines)
	return c, err
}

func (c *client) say(ctx context.Context, line string) error {
	return writeLine(ctx, c.conn, line)
}
