package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/goasyncio/asyncio"
)

// wakeLoop: a goroutine calls into a loop that has nothing to do and waits for
// the answer on a channel. There is one core, and the caller runs again only
// when the loop has gone back to sleep, so each call finds it asleep.
func wakeLoop(ops int) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		return wakeFromOutside(ctx, ops)
	})
}

// wakePoller is the same for a loop that has a descriptor, here of an empty
// pipe: it then sleeps in the poller of the Go runtime, and every round asks the
// system for events.
func wakePoller(ops int) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		r, w, err := os.Pipe()
		if err != nil {
			return err
		}
		defer w.Close()
		defer r.Close()
		d, err := openDescriptor(ctx, r)
		if err != nil {
			return fmt.Errorf("%w: %w", errNotHere, err)
		}
		defer d.Close()
		return wakeFromOutside(ctx, ops)
	})
}

// openDescriptor leaves the file non-blocking, where its Fd would not.
func openDescriptor(ctx context.Context, f *os.File) (d *asyncio.Descriptor, err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	failed := raw.Control(func(fd uintptr) { d, err = asyncio.OpenDescriptor(ctx, int(fd)) })
	return d, errors.Join(err, failed)
}

func wakeFromOutside(ctx context.Context, ops int) error {
	answers := make(chan struct{}, 1)
	answered := 0
	answer := func() {
		answered++
		answers <- struct{}{}
	}
	var end asyncio.Event
	h := asyncio.OpenHandle(ctx)
	defer h.Close()
	failed := make(chan error, 1)
	go func() {
		failed <- callAndWait(h, answer, answers, ops)
		if h.CallSoonThreadsafe(end.Set) != nil {
			panic("bench: the loop ended before its handle was closed")
		}
	}()
	if err := end.Wait(ctx); err != nil {
		return err
	}
	if err := <-failed; err != nil {
		return err
	}
	return mustBe("answers", answered, ops)
}

func callAndWait(h *asyncio.LoopHandle, answer func(), answers <-chan struct{}, ops int) error {
	for range ops {
		if err := h.CallSoonThreadsafe(answer); err != nil {
			return err
		}
		<-answers
	}
	return nil
}

// wakeGoroutine: the same with a goroutine that ranges over a channel of
// requests and answers on another.
func wakeGoroutine(ops int) error {
	requests, answers := make(chan struct{}, 1), make(chan struct{}, 1)
	answered := 0
	go func() {
		for range requests {
			answered++
			answers <- struct{}{}
		}
		close(answers)
	}()
	for range ops {
		requests <- struct{}{}
		<-answers
	}
	close(requests)
	<-answers // closed: the goroutine has ended
	return mustBe("answers", answered, ops)
}
