package console

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/coro"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// A Rehearsal is a run to be recorded from its first event to its last, to be shown to
// people: with the text of the program and with what it says. [Recordings] lets the page
// show it, also while it is under way.
type Rehearsal struct {
	Title   string
	Sources map[string]string // the text of files, by the last parts of their names

	text growing // the recording, as far as it has come

	mu       sync.Mutex
	ready    bool // what begins from now on is to be recorded
	source   monitor.Source
	recorder *tape.Recorder
	said     chan struct{} // there is a note to be read
	over     chan struct{} // closed when the recorder knows of the end
	read     chan struct{} // closed when everything is in text
}

// Record calls run, which must call [asyncio.Run] once, and returns what the loop has done
// as a recording of the format in docs/RECORDING.md, with the stack of each wait. No
// other loop of the process may begin meanwhile. The error is that of run; the recording
// is there all the same, as far as the run has come.
//
// In real time the loop is asked ten times a second what it has done, so that who watches
// the page sees it. In virtual time nobody asks: the run is over at once.
//
// [asyncio.Run]: https://pkg.go.dev/github.com/goasyncio/asyncio#Run
func (r *Rehearsal) Record(run func() error) (recording []byte, err error) {
	defer r.text.end()
	stop := monitor.Watch((*camera)(r)) // tells of the loops that run already, too
	r.set(true)
	err = run()
	r.set(false)
	stop()
	if r.read == nil {
		return nil, errors.Join(err, errors.New("console: nothing was recorded: no loop has begun"))
	}
	<-r.read
	recording, _, _ = r.text.after(0)
	return recording, err
}

func (r *Rehearsal) set(ready bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ready = ready
}

// Note takes down that a task is in the middle of a step at a place of the program, at a
// time of the loop's clock, and what it says there, "" for nothing. It is for the task
// itself: a note that is made elsewhere than in its step is left out, and so is one that
// is made while Record is not under way.
func (r *Rehearsal) Note(at time.Time, task uint64, text, function, file string, line int) {
	r.mu.Lock()
	source, recorder := r.source, r.recorder
	r.mu.Unlock()
	if source == nil || coro.Owner() != source.Number() {
		return
	}
	recorder.Say(tape.Note{
		At: at.Sub(source.Started()).Nanoseconds(), Task: task, Text: text,
		Frame: monitor.Frame{Function: function, File: file, Line: line},
	})
	select {
	case r.said <- struct{}{}:
	default: // that there is something is known
	}
}

// A camera is a rehearsal as a [monitor.Watcher].
type camera Rehearsal

// LoopBegins records the first loop that begins while run is under way.
func (c *camera) LoopBegins(s monitor.Source) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ready || c.recorder != nil {
		return
	}
	c.source = s
	c.recorder = tape.Record(s, tape.Options{Title: c.Title, Sources: c.Sources, Detail: monitor.Stacks, MaxEvents: -1, Whole: true})
	c.said, c.over, c.read = make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
	go (*Rehearsal)(c).follow()
}

// LoopEnds is called on the goroutine of the loop.
func (c *camera) LoopEnds(s monitor.Source, err error) {
	c.mu.Lock()
	ours := s == c.source
	c.mu.Unlock()
	if ours {
		c.recorder.End(err)
		close(c.over)
	}
}

// Reported has nothing to do: what a loop reports is not in its recording.
func (c *camera) Reported(monitor.Source, monitor.Report) {}

// follow writes what the loop does, until it has ended.
func (r *Rehearsal) follow() {
	defer close(r.read)
	defer r.recorder.Close()
	r.text.add(tape.AppendHeader(nil, r.recorder.Header()))
	if r.source.Virtual() {
		<-r.over
	}
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for told := time.Now(); ; {
		b, err := r.recorder.Next(context.Background())
		if err != nil { // io.EOF: this is all
			return
		}
		if !b.Empty() || time.Since(told) >= time.Second {
			r.text.add(b.Append(nil))
			told = time.Now()
		}
		select {
		case <-tick.C:
		case <-r.said:
		case <-r.over:
		}
	}
}
