package tape

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/goasyncio/asyncio/internal/coro"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// Options say what a recording is to contain.
type Options struct {
	Title   string
	Detail  monitor.Detail
	Sources map[string]string // texts of the program's files, by the names that frames have
	// MaxEvents bounds a batch: older events are lost, and told to be. 0 is 16,384,
	// below 0 is no bound.
	MaxEvents int
	// Whole is for a run that has not begun yet: what it does is recorded from its first
	// event, and there are no tasks to be listed before.
	Whole bool
	// Slices is how often in a row the loop may be asked for the sake of one batch, for
	// a quarter of a millisecond each. 0 is 4.
	Slices int
}

// A Recorder follows a loop. Who has one watches the loops ([monitor.Watch]) and calls End
// when this one ends. Next, End and Close may be called by any goroutine.
type Recorder struct {
	src    monitor.Source
	opts   Options
	tape   monitor.Tape
	asker  asker
	times  times
	decode *decoder
	stop   chan struct{} // closed by Close and by End
	halt   func()

	begun   bool
	blocked bool      // and it was told
	gap     bool      // events were lost since the tasks were listed
	listed  time.Time // when that was
	woke    *item     // that the loop woke up, as long as nothing came of it
	spare   time.Time // up to when the world is not to be stopped again

	mu   sync.Mutex // held by Next, Settle and End
	left *piece     // what Next had to leave to the others
	last []*Batch   // what they have left for Next
	over bool

	gate     sync.Mutex
	hurry    chan struct{} // closed where Next is to give up waiting for the loop
	settling bool
}

// A piece is what was read of the tape at one time.
type piece struct {
	items   []item
	torn    int // the last place in items before which events are missing, -1 for none
	skipped int // of items, at the beginning: they are before that, or more than a batch may have
	names   *texts
	lost    uint64
	now     int64 // when the loop had written it all, NoTime where that is not known
	listing []listed
}

// Record begins to write down what the loop of src does. Close ends it.
func Record(src monitor.Source, opts Options) *Recorder {
	if opts.MaxEvents == 0 {
		opts.MaxEvents = 16384
	}
	if opts.Slices == 0 {
		opts.Slices = maxSlices
	}
	r := &Recorder{src: src, opts: opts, tape: src.Record(opts.Detail), decode: newDecoder(), begun: opts.Whole, stop: make(chan struct{})}
	r.asker = asker{src: src, stop: r.stop}
	unsettle := monitor.Settling(src, r.Settle)
	r.halt = sync.OnceFunc(func() {
		close(r.stop)
		unsettle()
	})
	return r
}

// Close lets the loop write no more for this recorder. It is idempotent.
func (r *Recorder) Close() error {
	r.halt()
	return r.tape.Close()
}

// Header is the first line.
func (r *Recorder) Header() Header {
	program := filepath.Base(os.Args[0])
	return Header{
		Format: Format, Version: Version, Program: program, PID: os.Getpid(),
		Loop: r.src.Number(), Name: Clean(r.src.Name()), Title: r.opts.Title,
		Start: r.src.Started().Format(time.RFC3339Nano), Virtual: r.src.Virtual(),
		Detail: DetailName(r.opts.Detail), Sources: r.opts.Sources,
	}
}

// DetailName is the name of a detail, as recordings and questions have it.
func DetailName(d monitor.Detail) string {
	return [...]string{"coarse", "exact", "stacks"}[min(d, monitor.Stacks)]
}

// DetailOf is the detail of that name; "" is that of monitor.Coarse.
func DetailOf(name string) (d monitor.Detail, ok bool) {
	switch name {
	case "", "coarse":
		return monitor.Coarse, true
	case "exact":
		return monitor.Exact, true
	case "stacks":
		return monitor.Stacks, true
	}
	return 0, false
}

// Next is what the loop has done since the last call. It holds the loop up for a quarter
// of a millisecond at a time, and waits for it a quarter of a second where it does not
// answer; then the batch says that it is blocked, and by what. It returns [io.EOF] after
// the batch with the end, which comes when End was called.
func (r *Recorder) Next(ctx context.Context) (*Batch, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.last) > 0 {
		b := r.last[0]
		r.last = r.last[1:]
		return b, nil
	}
	if r.over {
		return nil, io.EOF
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.left != nil || !r.mayAsk() {
		return &Batch{}, nil // until End or Settle
	}
	p := r.flush(ctx)
	if r.stopped() { // the rest is for them: they can ask more
		r.left = &piece{now: monitor.NoTime, names: &texts{}, listing: p.listing, torn: -1}
		return &Batch{}, ctx.Err()
	}
	r.read(p)
	if p.names.resolve(ctx, &r.asker, r.opts.Slices); r.stopped() {
		r.left = p
		return &Batch{}, ctx.Err()
	}
	b := r.batch(p)
	r.tellBlocked(b)
	return b, ctx.Err()
}

// flush has the loop give what it has written down last, and lists its tasks where that
// is to be done.
func (r *Recorder) flush(ctx context.Context) *piece {
	p := &piece{now: monitor.NoTime}
	if !r.begun || r.gap && time.Since(r.listed) > time.Second {
		complete := false
		p.listing, complete = r.asker.list(ctx)
		r.listed, r.gap = time.Now(), !complete
	}
	answer := make(chan int64, 1)
	if r.asker.ask(ctx, func(v monitor.View) {
		v.Flush()
		answer <- r.since(v.Stats().At)
	}) {
		p.now = <-answer
	} else if !r.stopped() {
		// The loop has stopped answering since the list was made, or while it was: what
		// the list tells of may be among the events that it has not given yet.
		r.gap = r.gap || p.listing != nil || !r.begun
		p.listing = nil
	}
	return p
}

// since is a time as a recording has it.
func (r *Recorder) since(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return int64(at.Sub(r.src.Started()))
}

// read lays the events that were written since the last time side by side, and finds
// what must be asked.
func (r *Recorder) read(p *piece) {
	chunks, lost := r.tape.Read()
	total := 0
	if p.torn = -1; lost > 0 {
		p.torn = 0
	}
	for _, c := range chunks {
		if c.Lost > 0 {
			p.torn = total
		}
		total += len(c.Events)
	}
	p.skipped = max(0, p.torn)
	if r.opts.MaxEvents > 0 {
		p.skipped = max(p.skipped, total-r.opts.MaxEvents)
	}
	p.lost = lost + uint64(p.skipped)
	p.items = make([]item, 0, total)
	p.names = &texts{index: map[any]int{}}
	for _, c := range chunks {
		for _, e := range c.Events {
			names := p.names
			if len(p.items) < p.skipped {
				names = nil
			}
			p.items = append(p.items, newItem(c, e, names))
		}
	}
}

// newItem leaves in Ref where the text of the event is among names, -1 for nowhere. A
// nil names is for an event that nobody will see.
func newItem(c *monitor.Chunk, e monitor.Event, names *texts) item {
	i := item{Event: e}
	if e.Stack >= 0 && int(e.Stack) < len(c.Stacks) {
		i.stack = c.Stacks[e.Stack]
	}
	i.Ref = -1
	if e.Ref < 0 || int(e.Ref) >= len(c.Refs) {
		return i
	}
	switch ref := c.Refs[e.Ref].(type) {
	case nil:
	case string:
		i.text = ref
	case monitor.Birth:
		i.birth = &ref
	case *monitor.Birth:
		i.birth = ref
	default:
		if names != nil {
			i.Ref = int32(names.want(ref))
		}
	}
	return i
}

// running is the stack of what runs on the loop, nil where finding it has lately taken
// long: it stops the world, which with 100,000 goroutines lasts a quarter of a second, and
// a machine that is busy makes many loops look blocked.
func (r *Recorder) running() []byte {
	if time.Now().Before(r.spare) {
		return nil
	}
	began := time.Now()
	stack := r.src.Running()
	r.spare = time.Now().Add(20 * time.Since(began))
	return stack
}

// tellBlocked adds that the loop does not answer, or does again. Who is in its way is
// told once.
func (r *Recorder) tellBlocked(b *Batch) {
	switch blocked := r.asker.blocked(); {
	case blocked && !r.blocked:
		r.blocked = true
		stack := r.running()
		b.Blocked = &Blocked{Since: r.times.last, Task: coro.Number(r.src.Number(), stack), Stack: cut(string(stack), maxStack)}
		// What the loop has written last comes only when this step ends, but may tell all.
		if n := len(r.decode.running); n > 0 && b.Blocked.Task == 0 {
			b.Blocked.Task = r.decode.running[n-1]
		}
	case !blocked && r.blocked:
		r.blocked = false
		b.Freed = true
	}
}
