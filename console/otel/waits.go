package otel

import (
	"context"
	"errors"
	"io"
	"maps"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// Waits makes a span of each wait that takes at least as long, below the span of its
// task: "wait: sleep", with what it waits for as the attribute asyncio.wait.on. A wait
// lasts from the moment at which the task gives way to the one at which it is ready
// again. They are made outside the loops, from what these write down, some tenths of a
// second later, and cost a loop about what a console costs that follows it. Where a loop
// does more than can be followed some are missing.
func Waits(atLeast time.Duration) Option {
	return func(f *follower) { f.waits = &waits{atLeast: atLeast, loops: map[uint32]*waitLoop{}} }
}

const (
	attrOn = attribute.Key("asyncio.wait.on")
	// look is how often the loops are asked what they have done.
	look = 200 * time.Millisecond
)

// maxStrings is how many texts a recording may have: then another is begun. It changes in
// tests alone.
var maxStrings = 20_000

// waits is a [monitor.Watcher] that makes spans of waits.
type waits struct {
	atLeast time.Duration
	tracer  trace.Tracer
	stop    func()
	work    sync.WaitGroup
	done    chan struct{} // closed by end

	mu    sync.Mutex
	loops map[uint32]*waitLoop
}

// waitLoop is a loop that is followed. Its fields are under the lock of waits.
type waitLoop struct {
	recorder *tape.Recorder
	ended    bool
	spans    map[uint64]taskSpan // by the numbers of tasks
}

type taskSpan struct {
	above trace.SpanContext
	told  int64 // when the last of its waits was over that has a span
	ended bool  // what is still to come of it is what the loop has written down already
}

// start begins to follow the loops.
func (w *waits) start(tracer trace.Tracer) {
	w.tracer = tracer
	w.done = make(chan struct{})
	w.stop = monitor.Watch(w)
}

// end ceases, when there are spans of what the loops have written down so far.
func (w *waits) end() {
	w.stop()
	close(w.done)
	w.work.Wait()
}

func (w *waits) LoopBegins(s monitor.Source) {
	l := &waitLoop{spans: map[uint64]taskSpan{}, recorder: record(s)}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.loops[s.Number()] = l
	w.work.Go(func() { w.follow(s, l) })
}

func record(s monitor.Source) *tape.Recorder {
	return tape.Record(s, tape.Options{Detail: monitor.Exact, MaxEvents: -1})
}

func (w *waits) LoopEnds(s monitor.Source, err error) {
	w.mu.Lock()
	l := w.loops[s.Number()]
	if l == nil {
		w.mu.Unlock()
		return
	}
	l.ended = true
	w.mu.Unlock()
	l.recorder.End(err) // it changes no more
}

func (w *waits) Reported(monitor.Source, monitor.Report) {}

// begun and over are told of the spans of tasks, on the loops.

func (w *waits) begun(loop uint32, task uint64, span trace.SpanContext) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if l := w.loops[loop]; l != nil && span.IsSampled() {
		l.spans[task] = taskSpan{above: span}
	}
}

func (w *waits) over(loop uint32, task uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.loops[loop]
	if l == nil {
		return
	}
	if s, ok := l.spans[task]; ok {
		s.ended = true
		l.spans[task] = s
	}
}

// follow makes spans of what the loop of s does, until it ends.
func (w *waits) follow(s monitor.Source, l *waitLoop) {
	defer l.close(w, s)
	r := w.reading(s, l)
	tick := time.NewTicker(look)
	defer tick.Stop()
	for last := false; !last; {
		select {
		case <-s.Ended():
		case <-w.done:
			last = !l.hasEnded(w) // else it goes on to its end
		case <-tick.C:
		}
		if err := r.next(); errors.Is(err, io.EOF) {
			return
		}
		if len(r.strings) > maxStrings && w.renew(s, l) {
			r = w.reading(s, l)
		}
	}
}

func (l *waitLoop) hasEnded(w *waits) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return l.ended
}

// close takes a loop off the list.
func (l *waitLoop) close(w *waits, s monitor.Source) {
	w.mu.Lock()
	delete(w.loops, s.Number())
	w.mu.Unlock()
	l.recorder.Close()
}

// renew begins another recording of the loop: the texts of one only become more. It
// returns false where the loop has ended.
func (w *waits) renew(s monitor.Source, l *waitLoop) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if l.ended {
		return false
	}
	l.recorder.Close()
	l.recorder = record(s)
	l.forgetEnded() // the ends of some may be in neither
	return true
}

// reading is the state of one recording.
type reading struct {
	waits    *waits
	loop     *waitLoop
	source   monitor.Source
	recorder *tape.Recorder
	model    *tape.Model
	strings  []string
}

func (w *waits) reading(s monitor.Source, l *waitLoop) *reading {
	r := &reading{waits: w, loop: l, source: s, recorder: l.recorder, model: tape.NewModel(), strings: []string{""}}
	r.model.OnState = r.spent
	return r
}

// next goes through what the loop has done since the last time.
func (r *reading) next() error {
	b, err := r.recorder.Next(context.Background())
	if err != nil {
		return err
	}
	r.strings = append(r.strings, b.Strings...)
	if b.Lost > 0 {
		r.model.Gap(b.Lost)
	}
	for _, e := range b.Events {
		_ = r.model.Apply(e) // what cannot be is for those who show recordings to tell
		if e.Kind == monitor.Done {
			r.forget(e.Task)
		}
	}
	if b.Lost > 0 {
		r.waits.mu.Lock()
		r.loop.forgetEnded() // the ends of some are among what is lost
		r.waits.mu.Unlock()
	}
	return nil
}

// forget drops the span of a task that has ended, forgetEnded those of all. It needs the
// lock.

func (r *reading) forget(task uint64) {
	r.waits.mu.Lock()
	defer r.waits.mu.Unlock()
	delete(r.loop.spans, task)
}

func (l *waitLoop) forgetEnded() {
	maps.DeleteFunc(l.spans, func(_ uint64, s taskSpan) bool { return s.ended })
}

// spent makes a span of the time that a task has waited.
func (r *reading) spent(t *tape.Life, until int64) {
	if t.State != tape.Waiting || time.Duration(until-t.Since) < r.waits.atLeast {
		return
	}
	above := r.tells(t, until)
	if !above.IsValid() {
		return
	}
	on := "something"
	if t.On > 0 && t.On < int64(len(r.strings)) {
		on = r.strings[t.On]
	}
	kind, _, _ := strings.Cut(on, " 0x") // an address would make each a name of its own
	started := r.source.Started()
	_, span := r.waits.tracer.Start(trace.ContextWithSpanContext(context.Background(), above), "wait: "+kind,
		trace.WithTimestamp(started.Add(time.Duration(t.Since))), trace.WithAttributes(attrOn.String(on)))
	span.End(trace.WithTimestamp(started.Add(time.Duration(until))))
}

// tells returns the span below which the wait is to be told, none where there is none or it
// was told: a recording that is begun anew may begin before the end of the one before it,
// where somebody else has the loop write too.
func (r *reading) tells(t *tape.Life, until int64) trace.SpanContext {
	r.waits.mu.Lock()
	defer r.waits.mu.Unlock()
	s, ok := r.loop.spans[t.ID]
	if !ok || t.Since < s.told {
		return trace.SpanContext{}
	}
	s.told = until
	r.loop.spans[t.ID] = s
	return s.above
}
