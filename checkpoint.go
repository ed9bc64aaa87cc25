package asyncio

import "context"

// freeWaits is the number of waits in one step that may end at once before the
// task gives way (rule S4). It is tokio's number.
const freeWaits = 128

// Checkpoint is the beginning of every wait. It returns ctx's error if ctx has
// ended: a cancellation is met by every wait under it, not only by the first.
// Otherwise it returns at once, but for each 128th call in one step, which
// gives way to the other tasks.
func Checkpoint(ctx context.Context) error {
	_, err := checkpoint(ctx)
	return err
}

func checkpoint(ctx context.Context) (*taskCore, error) {
	s, ok := ctx.(*scope)
	if !ok {
		return checkpointOther(ctx)
	}
	l := s.loop
	t := l.current
	if t == nil || l.debug && !l.onLoop() {
		return nil, l.notInTask()
	}
	l.budget--
	if l.budget <= 0 {
		t.giveWay()
	}
	if err := s.err(); err != nil {
		return nil, err
	}
	return t, nil
}

// checkpointOther is checkpoint for a context that is not a scope itself.
func checkpointOther(ctx context.Context) (*taskCore, error) {
	s, kind := resolve(ctx)
	if kind == noScope {
		return nil, ErrNoLoop
	}
	l := s.loop
	t := l.current
	if t == nil || l.debug && !l.onLoop() {
		return nil, l.notInTask()
	}
	l.budget--
	if l.budget <= 0 {
		t.giveWay()
	}
	return t, endOf(ctx, s, kind)
}

// endOf is the error of a context of that kind, if it has ended.
func endOf(ctx context.Context, s *scope, kind scopeKind) error {
	switch kind {
	case ownScope:
		return s.err()
	case foreignScope:
		if err := ctx.Err(); err != nil {
			return newEnded(err, context.Cause(ctx)).wait
		}
	}
	return nil
}

// admit is the beginning of a wait that suspends: it finds the running task and
// the scope that bounds the wait, nil if nothing does.
func admit(ctx context.Context) (*taskCore, *scope, error) {
	s, ok := ctx.(*scope)
	kind := ownScope
	if !ok {
		if s, kind = resolve(ctx); kind == noScope {
			return nil, nil, ErrNoLoop
		}
	}
	l := s.loop
	t := l.current
	if t == nil || l.debug && !l.onLoop() {
		return nil, nil, l.notInTask()
	}
	switch kind {
	case freeScope:
		return t, nil, nil
	case foreignScope:
		return t, l.foreignScope(ctx), nil
	}
	if err := s.err(); err != nil {
		return nil, nil, err
	}
	return t, s, nil
}

// foreignScope makes a scope for one wait under a context of the standard library.
func (l *Loop) foreignScope(ctx context.Context) *scope {
	s := &scope{loop: l, values: ctx}
	s.watch(ctx)
	if m := s.more.Load(); m != nil {
		m.forOneWait = true
	}
	return s
}
