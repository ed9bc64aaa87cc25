package asyncio

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"sync"
	"sync/atomic"
)

// Signals are signals to the process as something to wait for. Make it with
// [OpenSignals]. While it is open its signals do not have their usual effect.
//
// Equal signals that nobody has taken yet are one, as they are for the system; but
// however many come of one kind, the first of another is not lost behind them.
type Signals struct {
	loop    *Loop
	sources []*signalSource
	arrived []*signalSource // in the order in which they came
	waiters WaitQueue
	group   sync.WaitGroup
	quit    chan struct{}
	closed  bool
}

// signalSource is one kind of signal. It has a channel of its own: one that two
// share can lose one of them.
type signalSource struct {
	signal os.Signal
	came   chan os.Signal
	known  atomic.Bool // to the loop, or on its way there; Wait takes it back
	shared atomic.Bool // somebody else has received the last one too
}

// OpenSignals starts receiving the given signals. It does not wait. Several may be
// open for the same signal, on one loop or on several, beside [HandleSignals] and
// signal.Notify: each gets it. Close it when it is no longer needed; the end of the
// loop closes what is left.
func OpenSignals(ctx context.Context, signals ...os.Signal) (*Signals, error) {
	l := mustLoop(ctx)
	switch {
	case len(signals) == 0:
		return nil, errors.New("asyncio: OpenSignals needs at least one signal")
	case slices.Contains(signals, os.Kill):
		return nil, fmt.Errorf("asyncio: OpenSignals: nobody can receive the signal %v", os.Kill)
	}
	s := &Signals{loop: l, quit: make(chan struct{})}
	for i, sig := range signals {
		if slices.Contains(signals[:i], sig) {
			continue
		}
		source := &signalSource{signal: sig, came: make(chan os.Signal, 1)}
		s.sources = append(s.sources, source)
		if l.explored != nil {
			continue // a simulated host gets no signals of the process that simulates it
		}
		listeners.add(sig, 1)
		signal.Notify(source.came, sig)
		s.group.Go(func() { s.take(source) })
	}
	l.signalled = append(l.signalled, s)
	return s, nil
}

// take is the goroutine of one source. While the loop knows of a signal that nobody
// has taken, further ones are the same: so a storm of them cannot flood the postbox.
func (s *Signals) take(from *signalSource) {
	for {
		select {
		case <-from.came:
			from.shared.Store(listeners.add(from.signal, 0) > 1)
			if !from.known.Swap(true) {
				s.loop.posts.post(func() { s.arrive(from) })
			}
		case <-s.quit:
			return
		}
	}
}

func (s *Signals) arrive(from *signalSource) {
	if !s.closed {
		s.arrived = append(s.arrived, from)
		s.waiters.Wake(1)
	}
}

// Wait waits for the next signal, in the order in which they have come. A loop in
// which somebody waits here is not deadlocked (rule L5). A cancelled Wait has taken
// no signal (rule C3). A second one at a time gets [ErrBusy]; Close ends it with
// os.ErrClosed.
//
// Signals come in real time: a virtual clock does not stand still for them.
func (s *Signals) Wait(ctx context.Context) (os.Signal, error) {
	t, err := checkpoint(ctx)
	switch {
	case err != nil:
		return nil, err
	case s.loop != t.scope.loop:
		return nil, ErrOtherLoop
	case s.waiters.Len() > 0:
		return nil, ErrBusy
	}
	for len(s.arrived) == 0 && !s.closed {
		if err := s.park(ctx); err != nil {
			return nil, err
		}
	}
	if s.closed {
		return nil, os.ErrClosed
	}
	first := s.arrived[0]
	s.arrived = slices.Delete(s.arrived, 0, 1)
	first.known.Store(false)
	return first.signal, nil
}

func (s *Signals) park(ctx context.Context) error {
	s.loop.handles++
	defer func() { s.loop.handles-- }() // also where the task is ended by force
	_, err := s.waiters.Park(ctx, s)
	return err
}

// String is what reports call the wait.
func (s *Signals) String() string {
	text := "a signal:"
	for _, source := range s.sources {
		text += " " + source.signal.String()
	}
	return text
}

// Close ends the receiving: a signal that nobody else receives has its usual effect
// again. One that has come, and that no Wait has taken, is not lost: where no other
// Signals and no HandleSignals has received it too, Close sends it to the process
// once more, on systems where a process can do that. It may be called twice.
func (s *Signals) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	s.waiters.WakeAll()
	for _, source := range s.sources {
		signal.Stop(source.came)
	}
	close(s.quit)
	s.group.Wait()
	for _, source := range s.sources {
		if s.loop.explored != nil {
			break // none was received: see OpenSignals
		}
		others := listeners.add(source.signal, -1) > 0
		if len(source.came) > 0 && !others || source.known.Load() && !source.shared.Load() {
			sendSelf(source.signal)
		}
	}
	if i := slices.Index(s.loop.signalled, s); i >= 0 {
		s.loop.signalled = slices.Delete(s.loop.signalled, i, i+1)
	}
	return nil
}

// closeSignals closes what is open at the end of a run.
func (l *Loop) closeSignals() {
	for len(l.signalled) > 0 {
		l.signalled[0].Close()
	}
}

// sendSelf sends the process a signal. On Windows it cannot.
func sendSelf(s os.Signal) {
	if p, err := os.FindProcess(os.Getpid()); err == nil {
		_ = p.Signal(s)
	}
}

// listeners counts, for all loops of the process, who receives a signal.
var listeners = signalCount{n: make(map[os.Signal]int)}

type signalCount struct {
	mu sync.Mutex
	n  map[os.Signal]int
}

// add returns the new count.
func (c *signalCount) add(s os.Signal, n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n[s] += n
	return c.n[s]
}
