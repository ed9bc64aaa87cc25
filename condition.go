package asyncio

import "context"

// A Condition lets tasks that share a lock wait until another of them says that
// something has changed.
//
//	if err := c.Acquire(ctx); err != nil {
//		return err
//	}
//	defer c.Release()
//	if err := c.WaitFor(ctx, func() bool { return len(jobs) > 0 }); err != nil {
//		return err
//	}
//
// Waiters are notified in the order they came (S3). Wait may return without a
// reason, so wait in a loop, or with WaitFor. Make one with [NewCondition].
//
// All methods are for the tasks and callbacks of one loop.
type Condition struct {
	home    bound
	lock    *Lock
	waiters WaitQueue
	subject any // what reports say that waiters wait for: the Condition, or the Barrier that it is part of
}

// ConditionStats is the state of a [Condition] at one moment.
type ConditionStats struct {
	Lock    LockStats
	Waiting int // tasks in Wait that were not notified
}

// NewCondition returns a condition with the given lock, which several conditions may
// share, or with a lock of its own where lock is nil.
func NewCondition(lock *Lock) *Condition {
	if lock == nil {
		lock = new(Lock)
	}
	c := &Condition{lock: lock}
	c.subject = c
	return c
}

// Acquire waits for the condition's lock: see [Lock.Acquire]. It also returns
// [ErrOtherLoop] where tasks of another loop wait for the condition, because a
// notification from here must not reach them.
func (c *Condition) Acquire(ctx context.Context) error {
	if err := c.lock.Acquire(ctx); err != nil {
		return err
	}
	if err := c.home.admit(c.lock.home.loop, c); err != nil {
		c.lock.Release()
		return err
	}
	return nil
}

// TryAcquire takes the condition's lock if that needs no wait: see
// [Lock.TryAcquire].
func (c *Condition) TryAcquire() bool { return c.lock.TryAcquire() }

// Release releases the condition's lock: see [Lock.Release].
func (c *Condition) Release() { c.lock.Release() }

// Locked tells whether a task holds the condition's lock.
func (c *Condition) Locked() bool { return c.lock.Locked() }

// Wait releases the lock, waits for a notification, and has the lock again when it
// returns, behind those who were waiting for the lock before. It panics where the
// lock is not held.
//
// Where ctx ends it returns ctx's error, and it still waits for the lock first (C4),
// so that the caller's deferred Release is right. A notification that a cancelled
// task may have used up goes to the next waiter (C3). Where ctx has ended before the
// call, the lock is never let go. It returns [ErrOtherLoop], with the lock held,
// where tasks of another loop wait for the condition.
func (c *Condition) Wait(ctx context.Context) error {
	c.mustHold("Condition.Wait")
	if _, err := c.home.enter(ctx, c); err != nil {
		return err
	}
	c.lock.Release()
	_, err := c.waiters.Park(ctx, c.subject)
	if err == nil {
		err = c.lock.Acquire(ctx)
	}
	if err == nil {
		return nil
	}
	return c.waitFailed(ctx, err)
}

// waitFailed takes the lock back and passes the notification on, whether the task
// was notified or not: that is what CPython does (S5). A waiter that is woken for
// nothing looks again and waits on, at the back of the queue. A task that was
// cancelled while it stood in line for the lock goes to the end of that line, as it
// does there.
func (c *Condition) waitFailed(ctx context.Context, err error) error {
	c.lock.Acquire(context.WithoutCancel(ctx)) // cannot fail: nothing ends this context, and the loop is the same
	c.waiters.Wake(1)
	return err
}

// WaitFor waits until holds returns true: it calls holds with the lock held, and
// waits as [Condition.Wait] does each time that it returned false. It does not
// suspend where holds returns true at once. It panics where it has to wait and the
// lock is not held.
//
// Where ctx ends it returns ctx's error, with the lock held, and holds may be false.
func (c *Condition) WaitFor(ctx context.Context, holds func() bool) error {
	if err := Checkpoint(ctx); err != nil {
		return err
	}
	for !holds() {
		if err := c.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Notify wakes the first n tasks in Wait, or as many as there are. They run when
// they get the lock, so not before the caller releases it. It panics where the lock
// is not held.
func (c *Condition) Notify(n int) {
	c.mustHold("Condition.Notify")
	if n > 0 {
		c.waiters.Wake(n)
	}
}

// NotifyAll wakes all tasks in Wait, as [Condition.Notify] does.
func (c *Condition) NotifyAll() {
	c.mustHold("Condition.NotifyAll")
	c.waiters.WakeAll()
}

// String tells what a waiter waits for.
func (c *Condition) String() string { return "Condition" }

// Stats returns the state of the condition and of its lock for reports.
func (c *Condition) Stats() ConditionStats {
	return ConditionStats{Lock: c.lock.Stats(), Waiting: c.waiters.Len()}
}

// mustHold panics where nobody holds the lock. It does not ask who does: any task
// may use a lock that is held, as in asyncio.
func (c *Condition) mustHold(call string) {
	c.lock.home.check(call)
	if !c.lock.locked && !c.lock.home.forced() {
		panic("asyncio: " + call + ": the lock is not held: call Acquire first")
	}
}

func (c *Condition) inUse() bool { return c.waiters.Len() > 0 }
