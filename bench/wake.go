package main

import (
	"context"

	"github.com/goasyncio/asyncio"
)

// wakeLoop: a goroutine calls into a loop that has nothing to do and waits for
// the answer on a channel. There is one core, and the caller runs again only
// when the loop has gone back to sleep, so each call finds it asleep.
func wakeLoop(ops int) error {
	answers := make(chan struct{}, 1)
	answered := 0
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		var end asyncio.Event
		h := asyncio.OpenHandle(ctx)
		defer h.Close()
		answer := func() {
			answered++
			answers <- struct{}{}
		}
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
		return <-failed
	})
	if err != nil {
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
