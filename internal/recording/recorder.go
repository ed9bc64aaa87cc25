package recording

import "github.com/goasyncio/asyncio"

// maxSpans bounds a recording: some 50 MB, far more than a picture can show.
const maxSpans = 1 << 20

// Recorder is an observer that keeps what it sees. Give it to a loop:
//
//	recorder := recording.New()
//	err := asyncio.Run(ctx, main, asyncio.Observe(recorder))
//	r := recorder.Recording()
//
// One recorder belongs to one loop. Its methods are called on the loop, or
// after Run has returned: it has no lock.
type Recorder struct{ builder builder }

// New returns a recorder that keeps about a million spans and counts the rest.
func New() *Recorder { return &Recorder{builder{limit: maxSpans}} }

// Observe implements [asyncio.Observer]. Kinds that it does not know only move
// the end of the recording.
func (r *Recorder) Observe(e asyncio.LoopEvent) {
	b := &r.builder
	switch e.Kind {
	case asyncio.EventCreated:
		b.created(e.At, e.Task, e.Name)
	case asyncio.EventStepBegin:
		b.stepBegin(e.At, e.Task, e.Name)
	case asyncio.EventStepEnd:
		b.stepEnd(e.At, e.Task, e.Name)
	case asyncio.EventParked:
		b.taskParked(e.At, e.Task, e.Name, e.On)
	case asyncio.EventWoken:
		b.taskWoken(e.At, e.Task, e.Name)
	case asyncio.EventDone:
		b.taskDone(e.At, e.Task, e.Name)
	default:
		b.event(e.At)
	}
}

// Recording returns what was seen so far. It is a copy.
func (r *Recorder) Recording() Recording { return r.builder.recording() }
