package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/goasyncio/asyncio"
)

// attend looks after one client, from its name to its goodbye.
func (r *room) attend(ctx context.Context, conn net.Conn) {
	ctx, leave := asyncio.WithCancel(ctx)
	defer leave(nil)
	stop := context.AfterFunc(ctx, func() { conn.Close() }) // ends the threads below
	defer stop()
	defer conn.Close()

	lines := bufio.NewScanner(conn)
	name, err := nextLine(ctx, lines)
	if err != nil || name == "" || r.members[name] != nil {
		writeLine(ctx, conn, "this name is taken, or is none")
		return
	}
	out := asyncio.NewQueue[string](backlog)
	r.members[name] = out // no lock: nobody else runs between the test above and here
	defer func() {
		delete(r.members, name)
		r.say(name + " has left")
	}()
	asyncio.Go(ctx, func(ctx context.Context) error {
		defer leave(nil)
		return write(ctx, conn, out)
	})
	r.say(name + " has come")
	for {
		line, err := nextLine(ctx, lines)
		if err != nil {
			return
		}
		r.say(name + ": " + line)
	}
}

// say sends a line to everybody. It does not wait, so nobody comes or goes meanwhile.
func (r *room) say(line string) {
	for _, out := range r.members {
		if out.TryPut(line) != nil {
			out.Shutdown(true)
		}
	}
}

// write sends the lines of a queue to a client.
func write(ctx context.Context, conn net.Conn, out *asyncio.Queue[string]) error {
	for line := range out.All(ctx) {
		if err := writeLine(ctx, conn, line); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func writeLine(ctx context.Context, conn net.Conn, line string) error {
	_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
		return fmt.Fprintln(conn, line)
	})
	return err
}

// nextLine waits for a client's next line.
func nextLine(ctx context.Context, lines *bufio.Scanner) (string, error) {
	return asyncio.ToThread(ctx, func(context.Context) (string, error) {
		if lines.Scan() {
			return lines.Text(), nil
		}
		return "", errors.Join(net.ErrClosed, lines.Err())
	})
}
