package asyncio_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
)

// observed keeps what an observer is told about the tasks with a name of their own.
type observed struct {
	trail
	start time.Time
}

func (o *observed) Observe(e asyncio.LoopEvent) {
	if o.start.IsZero() {
		o.start = e.At
	}
	text := fmt.Sprintf("%s %s %v", e.Name, e.Kind, e.At.Sub(o.start))
	if e.On != "" {
		text += " on " + e.On
	}
	o.log("%s", text)
}

func TestObserver(t *testing.T) {
	observe := func(main func(ctx context.Context)) *observed {
		o := &observed{}
		asynciotest.Run(t, main, asyncio.Observe(o))
		return o
	}
	t.Run("is told each step of a task that sleeps once", func(t *testing.T) {
		o := observe(func(ctx context.Context) { asyncio.Sleep(ctx, time.Second) })
		o.want(t,
			"main created 0s",
			"main step begin 0s",
			"main parked 0s on sleep",
			"main step end 0s",
			"main woken 1s",
			"main step begin 1s",
			"main done 1s",
			"main step end 1s")
	})
	t.Run("is told of an eager task inside the step of its creator", func(t *testing.T) {
		o := observe(func(ctx context.Context) {
			asyncio.Go(ctx, func(context.Context) error { return nil }, asyncio.Eager(), asyncio.TaskName("eager"))
		})
		o.want(t,
			"main created 0s",
			"main step begin 0s",
			"eager created 0s",
			"eager step begin 0s",
			"eager done 0s",
			"eager step end 0s",
			"main done 0s",
			"main step end 0s")
	})
	t.Run("is told of a cancellation as of a wake-up", func(t *testing.T) {
		o := observe(func(ctx context.Context) {
			task := asyncio.Go(ctx, waitsInInfo, asyncio.TaskName("task"))
			asyncio.Yield(ctx)
			task.Cancel(nil)
			task.Await(ctx)
		})
		var about []string
		for _, line := range o.trail {
			if line[:4] == "task" {
				about = append(about, line)
			}
		}
		expect(t, "events", about, []string{
			"task created 0s", "task step begin 0s", "task parked 0s on sleep", "task step end 0s",
			"task woken 0s", "task step begin 0s", "task done 0s", "task step end 0s",
		})
	})
	t.Run("that panics is reported each time, and the loop goes on", func(t *testing.T) {
		var reports []asyncio.Report
		asynciotest.Run(t, func(ctx context.Context) {
			must(t, asyncio.Sleep(ctx, time.Hour))
		}, asyncio.Observe(panicking{}), quiet(&reports))
		expect(t, "reports", len(reports), 8)
		expectIs(t, "the panic", reports[0].Err, errBoom)
		expect(t, "message", reports[0].Message, "panic in the observer")
	})
}

type panicking struct{}

func (panicking) Observe(asyncio.LoopEvent) { panic(errBoom) }
