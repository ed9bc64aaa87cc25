package asyncio_test

import (
	"context"
	"slices"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// notified starts n tasks that wait and returns them.
func notified(ctx context.Context, n *asyncio.Notify, count int) []*asyncio.Task[struct{}] {
	tasks := make([]*asyncio.Task[struct{}], count)
	for i := range tasks {
		tasks[i] = asyncio.Go(ctx, n.Wait)
	}
	return tasks
}

// wantDone says which tasks must be done.
func wantDone(t testing.TB, tasks []*asyncio.Task[struct{}], want ...bool) {
	t.Helper()
	got := make([]bool, len(tasks))
	for i, task := range tasks {
		got[i] = task.Done()
	}
	if !slices.Equal(got, want) {
		t.Errorf("done: %v, want %v", got, want)
	}
}

func TestNotifyWakesOneWaiterAtATimeInOrder(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var n asyncio.Notify
		tasks := notified(ctx, &n, 3)
		inRounds(ctx, t, 1)
		n.Notify()
		inRounds(ctx, t, 1)
		wantDone(t, tasks, true, false, false)
		n.Notify()
		n.Notify()
		inRounds(ctx, t, 1)
		wantDone(t, tasks, true, true, true)
	})
}

func TestNotifyRemembersOneNotification(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var n asyncio.Notify
		n.Notify()
		n.Notify()
		tasks := notified(ctx, &n, 2)
		inRounds(ctx, t, 2)
		wantDone(t, tasks, true, false)
		n.Notify()
		inRounds(ctx, t, 1)
		wantDone(t, tasks, true, true)
	})
}

func TestNotifyAllIsNotRemembered(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var n asyncio.Notify
		tasks := notified(ctx, &n, 2)
		inRounds(ctx, t, 1)
		n.NotifyAll()
		late := notified(ctx, &n, 1)
		inRounds(ctx, t, 2)
		wantDone(t, tasks, true, true)
		wantDone(t, late, false)
		n.Notify()
		inRounds(ctx, t, 1)
	})
}

func TestB2_NotifyCancelBetweenWakeUpAndResumption(t *testing.T) {
	t.Run("the notification goes to the next waiter", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			var n asyncio.Notify
			tasks := notified(ctx, &n, 2)
			inRounds(ctx, t, 1)
			n.Notify()
			tasks[0].Cancel(nil)
			inRounds(ctx, t, 2)
			if !tasks[0].Cancelled() || tasks[1].Err() != nil {
				t.Errorf("cancelled %v, the other %v", tasks[0].Cancelled(), tasks[1].Err())
			}
			wantDone(t, tasks, true, true)
		})
	})
	t.Run("with nobody else it is remembered, also after a NotifyAll", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			var n asyncio.Notify
			tasks := notified(ctx, &n, 2)
			inRounds(ctx, t, 1)
			n.Notify()
			n.NotifyAll()
			tasks[0].Cancel(nil)
			inRounds(ctx, t, 1)
			wantDone(t, tasks, true, true)
			late := notified(ctx, &n, 1)
			inRounds(ctx, t, 1)
			wantDone(t, late, true)
		})
	})
	t.Run("what was told to all is not handed on", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			var n asyncio.Notify
			tasks := notified(ctx, &n, 1)
			inRounds(ctx, t, 1)
			n.NotifyAll()
			tasks[0].Cancel(nil)
			inRounds(ctx, t, 1)
			late := notified(ctx, &n, 1)
			inRounds(ctx, t, 2)
			wantDone(t, late, false)
			n.Notify()
			inRounds(ctx, t, 1)
		})
	})
	t.Run("the waiter is cancelled first", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			var n asyncio.Notify
			tasks := notified(ctx, &n, 2)
			inRounds(ctx, t, 1)
			tasks[0].Cancel(nil)
			n.Notify()
			inRounds(ctx, t, 1)
			wantDone(t, tasks, true, true)
			if tasks[1].Err() != nil {
				t.Errorf("the second waiter: %v", tasks[1].Err())
			}
		})
	})
}

func TestNotifyWaitRefusesAnEndedContext(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var n asyncio.Notify
		n.Notify()
		ended, cancel := asyncio.WithCancel(ctx)
		cancel(nil)
		wantError(t, n.Wait(ended), context.Canceled)
		if err := n.Wait(ctx); err != nil {
			t.Errorf("the notification was lost: %v", err)
		}
	})
}
