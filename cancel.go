package asyncio

import (
	"context"
	"time"
)

// A CancelFunc ends the context that [WithCancel] made, with a cause for context.Cause;
// nil is context.Canceled. Unlike the standard library's it is for the loop's tasks and
// callbacks only: another goroutine goes through a [LoopHandle]. Only the first call
// counts.
type CancelFunc func(cause error)

// WithCancel is context.WithCancelCause on the loop: the cancellation reaches the
// waits under it in the same step, in a fixed order, and takes no goroutine. A context
// that another goroutine has to end is made by context.WithCancelCause.
func WithCancel(ctx context.Context) (context.Context, CancelFunc) {
	l := mustLoop(ctx)
	s := new(scope)
	s.init(ctx)
	return s, func(cause error) {
		l.check("the function of WithCancel")
		s.cancel(context.Canceled, cause)
		s.detach()
	}
}

// Shield returns a context for work that a cancellation must not cut short, such
// as a clean-up: it ends when grace has passed since the cancellation of ctx, or
// since this call where ctx has ended already (rule C4). Without a limit the same
// is context.WithoutCancel(ctx). Always call the cancel function.
//
//	defer func() {
//		ctx, cancel := asyncio.Shield(ctx, time.Second)
//		defer cancel()
//		conn.SayGoodbye(ctx)
//	}()
func Shield(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	outer := new(scope) // it stands under ctx and lets the time begin
	outer.init(ctx)
	inner, timeout := WithTimeout(context.WithoutCancel(ctx), grace)
	begin := func(*ended) {
		timeout.Reschedule(Now(ctx).Add(grace))
	}
	if outer.state.Load() == nil {
		timeout.Reschedule(time.Time{})
		outer.moreOf().onEnd = begin
	}
	return inner, func() {
		outer.detach()
		timeout.Cancel()
	}
}
