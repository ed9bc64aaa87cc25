package console

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// A Rehearsal is a run to be recorded from its first event to its last, to be shown to
// people: with the text of the program and with what it says.
type Rehearsal struct {
	Title   string
	Sources map[string]string // the text of files, by the last parts of their names

	mu       sync.Mutex
	ready    bool // what begins from now on is to be recorded
	source   monitor.Source
	recorder *tape.Recorder
	notes    []tape.Note
}

// Record calls run, which must call [asyncio.Run] once, and returns what the loop has done
// as a recording of the format in docs/RECORDING.md, with the stack of each wait. No
// other loop of the process may begin meanwhile. The error is that of run; the recording
// is there all the same, as far as the run has come.
//
// [asyncio.Run]: https://pkg.go.dev/github.com/goasyncio/asyncio#Run
func (r *Rehearsal) Record(run func() error) (recording []byte, err error) {
	stop := monitor.Watch((*camera)(r)) // tells of the loops that run already, too
	r.set(true)
	err = run()
	r.set(false)
	stop()
	if r.recorder == nil {
		return nil, errors.Join(err, errors.New("console: nothing was recorded: no loop has begun"))
	}
	defer r.recorder.Close()
	batches, readErr := r.batches()
	recording = tape.AppendHeader(nil, r.recorder.Header())
	for _, b := range tape.Annotate(batches, r.notes) {
		recording = b.Append(recording)
	}
	return recording, errors.Join(err, readErr)
}

func (r *Rehearsal) set(ready bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ready = ready
}

// Note takes down that a task is in the middle of a step at a place of the program, at a
// time of the loop's clock, and what it says there, "" for nothing. Any goroutine may
// call it while Record is under way.
func (r *Rehearsal) Note(at time.Time, task uint64, text, function, file string, line int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.source == nil {
		return
	}
	r.notes = append(r.notes, tape.Note{
		At: at.Sub(r.source.Started()).Nanoseconds(), Task: task, Text: text,
		Frame: monitor.Frame{Function: function, File: file, Line: line},
	})
}

// A camera is a rehearsal as a [monitor.Watcher].
type camera Rehearsal

// LoopBegins records the first loop that begins while run is under way.
func (c *camera) LoopBegins(s monitor.Source) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ready && c.recorder == nil {
		c.source = s
		c.recorder = tape.Record(s, tape.Options{Title: c.Title, Sources: c.Sources, Detail: monitor.Stacks, MaxEvents: -1})
	}
}

// LoopEnds is called on the goroutine of the loop.
func (c *camera) LoopEnds(s monitor.Source, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s == c.source {
		c.recorder.End(err)
	}
}

// Reported has nothing to do: what a loop reports is not in its recording.
func (c *camera) Reported(monitor.Source, monitor.Report) {}

// batches are what was recorded. The loop has ended: nothing is waited for.
func (r *Rehearsal) batches() (all []*tape.Batch, err error) {
	for {
		b, err := r.recorder.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, b)
	}
}
