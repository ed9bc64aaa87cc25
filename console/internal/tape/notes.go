package tape

import (
	"slices"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// A Note is what a task says of itself in the middle of a step.
type Note struct {
	At    int64 // nanoseconds since the start of the recording
	Task  uint64
	Text  string // "" where it only tells the place
	Frame monitor.Frame
}

// Say takes down a note of the task that runs, behind all that the loop has done until
// now; one of any other task is left out. It is for the loop's own goroutine, in the
// middle of the task's step. What it has taken comes with the following calls of Next; one
// that waits for the loop gives up.
func (r *Recorder) Say(n Note) {
	r.settle(true)
	defer r.settle(false)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return
	}
	r.src.Flush()
	// What the tables get comes with the batch that is made now.
	e := Event{Kind: Said, Task: n.Task, A: r.decode.text(n.Text), B: r.decode.place(n.Frame)}
	r.takeRest(n.At)
	if running := r.decode.running; !slices.Contains(running[max(0, len(running)-1):], n.Task) {
		return
	}
	b := r.last[len(r.last)-1]
	e.At = r.times.last
	b.Events = append(b.Events, e)
}
