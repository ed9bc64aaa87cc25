package main

import (
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

const (
	// backlog is how many lines wait for a client that reads slowly. One for whom
	// more would have to wait is put out.
	backlog = 64
	// maxLine is how long a line may be, in bytes.
	maxLine = 1 << 10
)

// A room has the members by name.
type room struct{ members map[string]*member }

// A member is somebody in the room.
type member struct {
	out    *asyncio.Queue[string] // lines to be written
	putOut asyncio.CancelFunc
}

// attend looks after one client, from its name to its goodbye, in the task of the
// connection. A second task writes.
func (r *room) attend(ctx context.Context, c aionet.Stream) error {
	lines := aionet.NewReader(c, maxLine)
	name, err := nextLine(ctx, lines)
	if err != nil {
		return goodbye(err)
	}
	if name == "" || r.members[name] != nil {
		return writeLine(ctx, c, "this name is taken, or is none")
	}
	ctx, putOut := asyncio.WithCancel(ctx)
	defer putOut(nil)
	m := &member{out: asyncio.NewQueue[string](backlog), putOut: putOut}
	r.members[name] = m // no lock: nobody else runs between the test above and here
	defer func() {
		delete(r.members, name)
		r.say(name + " has left")
	}()
	return goodbye(asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		g.Go(func(ctx context.Context) error { return write(ctx, c, m.out) })
		r.say(name + " has come")
		for {
			line, err := nextLine(ctx, lines)
			if err != nil {
				return err // which ends the group, and so the task that writes
			}
			r.say(name + ": " + line)
		}
	}))
}

var errSlow = errors.New("the client does not read what is said")

// goodbye tells the ways in which a client leaves from what somebody should look at.
func goodbye(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, errSlow) {
		return nil
	}
	return err
}

// say sends a line to everybody. It does not wait, so nobody comes or goes meanwhile. Who
// hears it first is the same in every run: the order of a map is not.
func (r *room) say(line string) {
	for _, name := range slices.Sorted(maps.Keys(r.members)) {
		m := r.members[name]
		if m.out.TryPut(line) != nil {
			m.putOut(errSlow)
		}
	}
}

// write sends the lines of a queue to a client.
func write(ctx context.Context, c aionet.Stream, out *asyncio.Queue[string]) error {
	for line := range out.All(ctx) {
		if err := writeLine(ctx, c, line); err != nil {
			return err
		}
	}
	return asyncio.Checkpoint(ctx)
}

func writeLine(ctx context.Context, c aionet.Stream, line string) error {
	_, err := c.WriteContext(ctx, []byte(line+"\n"))
	return err
}

// nextLine waits for a client's next line.
func nextLine(ctx context.Context, lines *aionet.Reader) (string, error) {
	line, err := lines.ReadLine(ctx)
	return strings.TrimRight(string(line), "\r\n"), err
}
