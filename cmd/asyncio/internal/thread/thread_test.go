package thread

import (
	"context"
	"errors"
	"testing"

	"github.com/goasyncio/asyncio"
)

// cancelWhile makes a call on a thread and cancels the wait for it while it is at work,
// which is until end is closed. meanwhile runs on the loop after the cancellation.
func cancelWhile(t *testing.T, end chan struct{}, call func(ctx context.Context, work func() (string, error)) (string, error),
	meanwhile func(ctx context.Context, task *asyncio.Task[string]) error) {
	t.Helper()
	begun := make(chan struct{})
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		task := asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) {
			return call(ctx, func() (string, error) {
				close(begun)
				<-end
				return "result", nil
			})
		})
		if _, _, err := asyncio.Receive(ctx, begun); err != nil {
			return err
		}
		task.Cancel(errors.New("enough"))
		if err := meanwhile(ctx, task); err != nil {
			return err
		}
		if text, err := task.Await(ctx); text != "result" {
			t.Errorf("got %q, %v, want the result of the thread", text, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestACallOnAThreadIsWaitedForEvenIfTheWaitIsCancelled(t *testing.T) {
	end := make(chan struct{})
	cancelWhile(t, end, Call[string], func(ctx context.Context, task *asyncio.Task[string]) error {
		defer close(end)
		for range 100 { // rounds in which it could return too early
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
		}
		if task.Done() {
			t.Error("it returned while the thread was still at work")
		}
		return nil
	})
}

func TestNoCallIsMadeWhereTheContextHasEnded(t *testing.T) {
	made := false
	asyncio.Run(t.Context(), func(loop context.Context) error {
		ended, end := asyncio.WithCancel(loop)
		end(errors.New("enough"))
		if err := Do(ended, func() error { made = true; return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want a cancellation", err)
		}
		return nil
	})
	if made {
		t.Error("the call was made")
	}
}
