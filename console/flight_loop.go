package console

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// patienceWithSlow is how long the recording of a slow step waits for its end. Before
// that, what is known of it is saved already.
const patienceWithSlow = time.Minute

// A flightLoop is a loop that a flight recorder watches.
type flightLoop struct {
	recorder *FlightRecorder
	source   monitor.Source
	keep     *tape.Recorder // has the loop write, and makes the recording of its end

	mu     sync.Mutex
	slow   time.Time               // when a slow step was saved last
	saving map[*tape.Recorder]bool // what must know of the end
}

// running are the loops that run, by number.
func (r *FlightRecorder) running() []*flightLoop {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.SortedFunc(maps.Values(r.loops), func(a, b *flightLoop) int {
		return cmp.Compare(a.source.Number(), b.source.Number())
	})
}

// LoopBegins implements [monitor.Watcher], as do LoopEnds and Reported.
func (r *FlightRecorder) LoopBegins(s monitor.Source) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.loops[s.Number()] != nil {
		return
	}
	l := &flightLoop{recorder: r, source: s, saving: map[*tape.Recorder]bool{}}
	l.keep = l.record()
	r.loops[s.Number()] = l
}

// LoopEnds saves the recording of a loop that has failed, while it is still there: the
// process may end next.
func (r *FlightRecorder) LoopEnds(s monitor.Source, err error) {
	r.mu.Lock()
	l := r.loops[s.Number()]
	delete(r.loops, s.Number())
	r.mu.Unlock()
	if l == nil {
		return
	}
	for _, saving := range l.underWay() {
		saving.End(err)
	}
	if err == nil || r.flight.On&OnFailure == 0 {
		l.keep.Close()
		return
	}
	l.keep.End(err)
	batches, _ := l.keep.Capture(context.Background(), 0)
	occasion := r.files.occasion()
	l.tell(l.write(r.files.name(occasion, l.source, "failure"), batches), "failure")
	r.files.prune(occasion)
}

// Reported saves the recording of a loop that is blocked.
func (r *FlightRecorder) Reported(s monitor.Source, report monitor.Report) {
	if !report.Slow || r.flight.On&OnSlowStep == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.loops[s.Number()]
	if l == nil || r.closed || !l.maySaveSlow() {
		return
	}
	r.work.Go(l.saveSlow)
}

// maySaveSlow tells whether enough time has passed since the last slow step.
func (l *flightLoop) maySaveSlow() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.slow.IsZero() && time.Since(l.slow) < l.recorder.flight.Pause {
		return false
	}
	l.slow = time.Now()
	return true
}

func (l *flightLoop) record() *tape.Recorder {
	return tape.Record(l.source, tape.Options{Detail: l.recorder.detail, MaxEvents: -1, Slices: 200})
}

// begin opens a recording that is told of the loop's end.
func (l *flightLoop) begin() (r *tape.Recorder, end func()) {
	r = l.record()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.saving[r] = true
	return r, func() {
		r.Close()
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.saving, r)
	}
}

func (l *flightLoop) underWay() []*tape.Recorder {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Keys(l.saving))
}

// save saves what the loop has done until now.
func (l *flightLoop) save(ctx context.Context, occasion, why string) SavedFlight {
	r, end := l.begin()
	defer end()
	batches, err := r.Capture(ctx, 0)
	s := l.write(l.recorder.files.name(occasion, l.source, why), batches)
	s.Err = cmp.Or(s.Err, err)
	return l.tell(s, why)
}

// saveSlow saves what led to a step that takes long, at once: nobody knows whether it
// ends. When it does, what is missing is added.
func (l *flightLoop) saveSlow() {
	const why = "slow-step"
	ctx, cancel := context.WithTimeout(context.Background(), patienceWithSlow)
	defer cancel()
	go func() {
		select {
		case <-l.recorder.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	r, end := l.begin()
	defer end()
	files := l.recorder.files
	occasion := files.occasion()
	name := files.name(occasion, l.source, why)
	var all []*tape.Batch
	var failed error // of the last time
	for {
		b, err := r.Next(ctx)
		if err != nil {
			return // what there was is saved
		}
		first := len(all) == 0
		all = append(all, b)
		over := b.Ended != nil || b.Freed || first && b.Blocked == nil
		if first || over {
			s := l.write(name, all)
			if first || s.Err != nil || failed != nil {
				l.tell(s, why)
			}
			failed = s.Err
			files.prune(occasion)
		}
		if over {
			return
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// write writes both files of a recording.
func (l *flightLoop) write(name string, batches []*tape.Batch) SavedFlight {
	s := l.recorder.files.write(name, l.keep.Header(), batches)
	s.Loop = l.source.Number()
	return s
}

func (l *flightLoop) tell(s SavedFlight, why string) SavedFlight {
	s.Why = why
	l.recorder.flight.Saved(s)
	return s
}
