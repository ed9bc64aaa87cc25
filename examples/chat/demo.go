package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// converse starts a server and lets three clients talk on it. Each speaks when the
// one before it has been heard, so that the conversation is the same in every run.
func converse(ctx context.Context) error {
	l, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := newServer()
	serving := asyncio.Go(ctx, func(ctx context.Context) error { return server.Serve(ctx, l) })
	if err := talk(ctx, func() (aionet.Stream, error) { return aionet.Dial(ctx, "tcp", l.Addr().String()) }); err != nil {
		return err
	}
	server.Close()
	if _, err := serving.Await(ctx); !errors.Is(err, aionet.ErrServerClosed) {
		return err
	}
	return nil
}

// talk lets Ann, Bob and Cem come and talk, and prints what Ann hears.
func talk(ctx context.Context, dial func() (aionet.Stream, error)) error {
	ann, err := enter(ctx, dial, "Ann")
	if err != nil {
		return err
	}
	defer ann.conn.Close()
	for _, name := range []string{"Bob", "Cem"} {
		guest, err := enter(ctx, dial, name)
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
	return nil
}

// client is somebody who talks.
type client struct {
	conn  aionet.Stream
	lines *aionet.Reader
	told  string // by the room, upon entering
}

// enter connects and waits for what the room says to the client's name.
func enter(ctx context.Context, dial func() (aionet.Stream, error), name string) (*client, error) {
	conn, err := dial()
	if err != nil {
		return nil, err
	}
	c := &client{conn: conn, lines: aionet.NewReader(conn, maxLine)}
	if err = c.say(ctx, name); err == nil {
		c.told, err = nextLine(ctx, c.lines)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

func (c *client) say(ctx context.Context, line string) error { return writeLine(ctx, c.conn, line) }
