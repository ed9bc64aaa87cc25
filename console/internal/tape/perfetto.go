package tape

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// WritePerfetto writes a recording as a Chrome trace (the trace event format, in JSON),
// which Perfetto and chrome://tracing show. next gives the batches, and [io.EOF] at the
// end, as [Reader.Next] does. Its memory does not grow with the number of events.
func WritePerfetto(to io.Writer, h Header, next func() (*Batch, error)) error {
	p := &perfetto{
		out: bufio.NewWriter(to), model: NewModel(), strings: []string{""},
		tracks: map[uint64]int{}, names: map[uint64]string{}, wakers: map[uint64]flow{}, callback: -1, asleep: -1,
	}
	p.model.OnState = p.slice
	p.begin(h)
	for {
		b, err := next()
		if err == io.EOF {
			p.end()
			return p.out.Flush()
		}
		if err != nil {
			return err
		}
		p.batch(b)
	}
}

// process and loopTrack are what the loop is in the trace. 0 stands for the idle thread
// of a processor there.
const (
	process   = 1
	loopTrack = 1
)

// perfetto is a trace in the making.
type perfetto struct {
	out     *bufio.Writer
	some    bool
	model   *Model
	strings []string
	frames  []monitor.Frame
	stacks  []string       // as texts
	tracks  map[uint64]int // of tasks
	names   map[uint64]string
	made    int             // tracks of tasks
	flows   int             // arrows
	wakers  map[uint64]flow // who has woken the tasks that are ready

	callback int64 // since when one runs, -1 where none does
	what     string
	asleep   int64 // since when the loop sleeps, -1 where it does not
	floor    int64 // slices begin no earlier: those before a gap end there
}

// A flow is an arrow of which only the beginning is known.
type flow struct {
	from int // track
	at   int64
}

// record is one event of the trace event format.
type record struct {
	Name     string         `json:"name"`
	Category string         `json:"cat,omitempty"`
	Phase    string         `json:"ph"`
	Time     micros         `json:"ts"`
	Duration *micros        `json:"dur,omitempty"`
	Process  int            `json:"pid"`
	Thread   int            `json:"tid"`
	ID       int            `json:"id,omitempty"`
	Scope    string         `json:"s,omitempty"`
	Args     map[string]any `json:"args,omitempty"`
}

// micros are nanoseconds, which the format has as microseconds with a fraction. Perfetto
// multiplies that as a float64 and cuts off: where a nanosecond would be missing then, and
// slices overlap for it, the next larger number is written.
type micros int64

// MarshalJSON implements [json.Marshaler].
func (m micros) MarshalJSON() ([]byte, error) {
	us := float64(m) / 1000
	if int64(us*1000) < int64(m) {
		us = math.Nextafter(us, math.Inf(1))
	}
	return strconv.AppendFloat(nil, us, 'f', -1, 64), nil
}

func (p *perfetto) write(r record) {
	if p.some {
		p.out.WriteString(",\n")
	}
	p.some = true
	r.Process = process
	line, _ := json.Marshal(r) // texts and numbers cannot fail
	p.out.Write(line)          // an error stays, and Flush returns it
}

func (p *perfetto) begin(h Header) {
	other, _ := json.Marshal(map[string]string{"program": h.Program, "start": h.Start, "detail": h.Detail, "title": h.Title})
	fmt.Fprintf(p.out, "{\"displayTimeUnit\":\"ns\",\"otherData\":%s,\"traceEvents\":[\n", other)
	name := fmt.Sprintf("%s: loop %d", h.Program, h.Loop)
	if h.Name != "" {
		name += " " + h.Name
	}
	p.meta("process_name", loopTrack, name)
	p.meta("thread_name", loopTrack, "loop")
	p.order(loopTrack)
}

// meta names something.
func (p *perfetto) meta(kind string, track int, name string) {
	p.write(record{Name: kind, Phase: "M", Thread: track, Args: map[string]any{"name": name}})
}

// order puts a track at the place of its number.
func (p *perfetto) order(track int) {
	p.write(record{Name: "thread_sort_index", Phase: "M", Thread: track, Args: map[string]any{"sort_index": track}})
}

// track is that of a task. It gets one when it is seen first.
func (p *perfetto) track(id uint64) int {
	if track, ok := p.tracks[id]; ok {
		return track
	}
	p.made++
	track := loopTrack + p.made
	p.tracks[id] = track
	p.meta("thread_name", track, p.label(id))
	p.order(track)
	return track
}

func (p *perfetto) label(id uint64) string {
	usual := "Task-" + strconv.FormatUint(id, 10)
	if name := p.names[id]; name != "" && name != usual {
		return fmt.Sprintf("%s (task %d)", name, id)
	}
	return usual
}

func (p *perfetto) text(i int64) string {
	if i < 0 || i >= int64(len(p.strings)) {
		return ""
	}
	return p.strings[i]
}

// traceback is a stack as people know them.
func (p *perfetto) traceback(stack []int) string {
	text := ""
	for _, i := range stack {
		if i >= 0 && i < len(p.frames) {
			text += fmt.Sprintf("%s\n\t%s:%d\n", p.frames[i].Function, p.frames[i].File, p.frames[i].Line)
		}
	}
	return text
}

func (p *perfetto) batch(b *Batch) {
	p.strings = append(p.strings, b.Strings...)
	p.frames = append(p.frames, b.Frames...)
	for _, stack := range b.Stacks {
		p.stacks = append(p.stacks, p.traceback(stack))
	}
	for _, t := range b.Tasks {
		p.names[t.ID] = t.Name
		if track, ok := p.tracks[t.ID]; ok {
			p.meta("thread_name", track, p.label(t.ID))
		}
	}
	if b.Lost > 0 {
		p.gap(b.Lost)
	}
	for _, e := range b.Events {
		p.event(e)
	}
	p.model.Now = max(p.model.Now, b.Now)
	if b.Blocked != nil {
		p.mark("the loop is blocked", b.Blocked.Since, map[string]any{"stack": b.Blocked.Stack})
	}
	if b.Warning != nil {
		p.mark("warning", p.model.Now, map[string]any{"warning": b.Warning})
	}
	if b.Ended != nil {
		p.model.Now = max(p.model.Now, b.Ended.At)
		p.mark("the run has ended", b.Ended.At, map[string]any{"error": b.Ended.Error})
	}
}

// gap ends everything: what it has become is not known.
func (p *perfetto) gap(lost uint64) {
	p.close()
	clear(p.wakers)
	p.model.Gap(lost)
	p.mark(fmt.Sprintf("%d events are missing", lost), p.model.Now, nil)
}

func (p *perfetto) mark(name string, at int64, args map[string]any) {
	p.write(record{Name: name, Category: "loop", Phase: "i", Time: micros(at), Thread: loopTrack, Scope: "p", Args: args})
}

// end closes the trace.
func (p *perfetto) end() {
	p.close()
	p.out.WriteString("\n]}\n")
}

// close ends what is open, at the time of the model. Nothing begins earlier after that.
func (p *perfetto) close() {
	p.idle(p.model.Now)
	open := []*Life{}
	for _, t := range p.model.Tasks {
		open = append(open, t)
	}
	slices.SortFunc(open, func(a, b *Life) int { return cmp.Compare(a.ID, b.ID) })
	for _, t := range open {
		p.slice(t, p.model.Now)
		t.Since = p.model.Now
	}
	p.floor = p.model.Now
}

// event adds one event. What the loop itself does are slices of its own track.
func (p *perfetto) event(e Event) {
	p.prepare(e)
	_ = p.model.Apply(e) // the model goes on as well as it can
	switch e.Kind {
	case monitor.Step:
		p.arrives(e)
	case monitor.Callback:
		p.callback, p.what = e.At, p.text(e.A)
	case monitor.Sleep:
		p.asleep = e.At
	case monitor.Round:
		p.write(record{Name: "tasks", Phase: "C", Time: micros(e.At), Thread: loopTrack, Args: map[string]any{
			"ready": p.model.Ready, "others": len(p.model.Tasks) - p.model.Ready,
		}})
	case monitor.Done:
		delete(p.tracks, e.Task)
		delete(p.names, e.Task)
		delete(p.wakers, e.Task)
	}
}
