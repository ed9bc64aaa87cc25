package fstest

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aiofs"
)

var waiting = []testCase{
	{"others run while a call is under way", func(c *trial) {
		others := 0
		for range 3 {
			asyncio.CallSoon(c.ctx, func() { others++ })
		}
		c.write("f", "text")
		c.equal("calls meanwhile", others, 3)
	}},
	{"tasks that write to one file are served in line", func(c *trial) {
		f := c.open("f", writeOnly|create)
		defer f.Close(c.ctx)
		want := ""
		c.together(20, func(ctx context.Context, i int) error {
			_, err := f.Write(ctx, fmt.Appendln(nil, "record", i))
			return err
		})
		for i := range 20 {
			want += fmt.Sprintln("record", i)
		}
		c.has("f", want)
	}},
	{"tasks that read from one file are served in line", func(c *trial) {
		c.write("f", "0123456789")
		f := c.open("f", readOnly)
		defer f.Close(c.ctx)
		got := make([]byte, 10)
		c.together(10, func(ctx context.Context, i int) error {
			_, err := f.Read(ctx, got[i:i+1])
			return err
		})
		c.equal("bytes, task by task", string(got), "0123456789")
	}},
	{"a call that is cancelled has happened, or has not", cancelledWrites},
	{"Close closes under a context that has ended", func(c *trial) {
		f := c.open("f", readWrite|create)
		c.must(f.Close(c.ended()))
		c.wants("the next call", f.Sync(c.ctx), errClosed)
	}},
	{"a deferred Close closes in a task that is cancelled", func(c *trial) {
		f := c.open("f", readWrite|create)
		task := asyncio.Go(c.ctx, func(ctx context.Context) error {
			defer f.Close(ctx)
			return new(asyncio.Event).Wait(ctx)
		})
		c.must(asyncio.Yield(c.ctx))
		task.Cancel(errCase)
		_, err := task.Join(c.ctx)
		c.wants("the task", err, asyncio.ErrTaskCancelled)
		c.wants("the next call", f.Sync(c.ctx), errClosed)
	}},
}

// together runs n tasks to their ends.
func (c *trial) together(n int, do func(ctx context.Context, i int) error) {
	c.Helper()
	c.must(asyncio.WithTaskGroup(c.ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
		for i := range n {
			g.Go(func(ctx context.Context) error { return do(ctx, i) })
		}
		return nil
	}))
}

// cancelledWrites cancels a write after any number of rounds: it is there in full, or
// not at all, as its result says.
func cancelledWrites(c *trial) {
	f := c.open("f", writeOnly|create)
	defer f.Close(c.ctx)
	var want []byte
	for round := range 12 {
		record := fmt.Appendf(nil, "<%d>", round)
		if written, err := cancelledWrite(c.ctx, f, record, round); written {
			want = append(want, record...)
		} else if !errors.Is(err, context.Canceled) {
			c.Errorf("after %d rounds: %v", round, err)
		}
		for i := range record {
			record[i] = '!' // the memory is free again
		}
	}
	got, err := aiofs.ReadFile(c.ctx, c.fs, "f")
	c.must(err)
	if !bytes.Equal(got, want) {
		c.Errorf("the file has %q, want %q", got, want)
	}
}

func cancelledWrite(ctx context.Context, f aiofs.File, record []byte, rounds int) (written bool, err error) {
	ctx, cancel := asyncio.WithCancel(ctx)
	defer cancel(nil)
	countdown(ctx, rounds, func() { cancel(errCase) })
	n, err := f.Write(ctx, record)
	return n == len(record) && err == nil, err
}

// countdown calls f after so many rounds of the loop.
func countdown(ctx context.Context, rounds int, f func()) {
	if rounds == 0 {
		f()
		return
	}
	asyncio.CallSoon(ctx, func() { countdown(ctx, rounds-1, f) })
}

func withCancel(ctx context.Context) (context.Context, func()) {
	ctx, cancel := asyncio.WithCancel(ctx)
	return ctx, func() { cancel(errCase) }
}
