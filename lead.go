package asyncio

// A task that gives way does not have to switch back to the loop's goroutine, only
// for the loop to switch to the next task: it can run the next entries of the queue
// itself, on its own coroutine, until its own turn comes. That halves the switches
// where two tasks take turns, and a task that is alone switches not at all. The
// order is the queue's as before; who calls Resume is all that differs.
//
// It is worth the trouble only where the task's turn comes soon: where few are
// ready, and after few have run. A task that waits for long, as main often does,
// must not stay the leader of those who take turns.
//
// There is one leader at a time, and only tasks that the loop itself has resumed
// become one: a chain of coroutines that resume each other would have to be unwound
// link by link. The leader runs tasks. For a callback, and wherever the world must
// be looked at, it gives way to the loop.

// soon is how many entries a leader runs, its own turn included. Where as many are
// ready already, its turn cannot be among them: a parked task comes behind them.
const soon = 4

// leads runs the tasks that come before t in the queue, until t's own turn. It returns
// false where t must give way to the loop instead.
func (t *taskCore) leads() bool {
	l := t.scope.loop
	return l.ready.n < soon && l.lead(t)
}

func (l *Loop) lead(t *taskCore) bool {
	if l.nested || l.stepped {
		return false
	}
	if l.leading {
		return l.continues(t)
	}
	l.leading, l.current = true, nil
	for range soon {
		next := l.nextTask()
		if next == nil {
			break
		}
		if next == t {
			l.leading = false
			l.begin(t)
			return true
		}
		next.run()
	}
	l.leading, l.current = false, t // for whoever resumed it
	return false
}

// continues goes on with t, which another task leads, where nobody comes before it. To
// give way to the leader would be two switches for nothing: it would resume t at once.
func (l *Loop) continues(t *taskCore) bool {
	if l.ready.n == 0 || l.ready.front() != entry(t) || l.nextTask() == nil {
		return false
	}
	l.begin(t)
	return true
}

// nextTask takes the next entry out of the queue, and begins the next round where it
// has to, if that entry is a task and nothing else is to be done before. Else it
// returns nil.
func (l *Loop) nextTask() *taskCore {
	if l.left == 0 && !l.nextRound() {
		return nil
	}
	next, ok := l.ready.front().(*taskCore)
	if !ok {
		return nil
	}
	l.left--
	if l.watch.probe.Load() != 0 {
		l.attendTo(next)
	}
	l.ready.pop()
	return next
}

// nextRound begins the next round where that takes no more than a look at the
// clock: it is drive's part and poll's for a loop that has something to do.
func (l *Loop) nextRound() bool {
	if l.stepwise || l.stopping || l.failure != nil || l.ready.n == 0 ||
		l.ranked || l.descriptors > 0 || l.posts.some.Load() ||
		l.idlers.Len() > 0 || l.bridges.n > 0 && l.driver.Virtual() {
		return false
	}
	if len(l.timers.nodes) > 0 {
		l.now = l.driver.Now()
		l.timers.fire(l.now, &l.ready)
	}
	l.left = l.ready.batch()
	l.ready.count()
	return true
}
