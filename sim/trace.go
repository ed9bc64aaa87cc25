package sim

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/sim/internal/report"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// trace writes down what happens in a world, for people. It is only kept in the rerun
// of a schedule that has failed: it takes a hundred times as long as the steps.
type trace struct {
	world *World
	light bool     // only sums are kept
	sum   uint64   // over the step that runs
	sums  []uint64 // of the steps before

	goroutines int      // the most there were
	strange    []string // goroutines, in words
	stopAt     int      // the step before which a debugger is to stop
	log        report.Log
	known      map[taskKey]*traced
	names      map[string]string // of what is waited for, by its address
	open       int               // the index of the step that runs, from 1; 0: none does
	seen       int               // how much of the tape has been looked at

	decision report.Entry // for the step to come
	stacks   [][]uintptr  // of the entries

	host   *Host // of the step that runs
	task   uint64
	before stay // where its task has stood
}

// taskKey is a task in a world. Each process of a host counts its own.
type taskKey struct {
	host, boot int
	task       uint64
}

// traced is what is known of a task.
type traced struct {
	name  string
	stays stay // where it gave way
	begun bool
}

// stay is where a task waits, and for what.
type stay struct {
	site  string
	stack []uintptr
	on    string
}

// maxEntries is how much a trace remembers. Where there is more its beginning and its
// end are what people read.
const maxEntries = 200_000

func newTrace(w *World) *trace {
	return &trace{world: w, known: map[taskKey]*traced{}, names: map[string]string{}}
}

// of is what is known of a task of a host.
func (t *trace) of(h *Host, task uint64) *traced {
	key := taskKey{h.index, h.boots, task}
	k := t.known[key]
	if k == nil {
		k = &traced{name: h.callName(task)}
		t.known[key] = k
	}
	return k
}

// callName is what people call a task of the host.
func (h *Host) callName(task uint64) string {
	switch {
	case task == 0:
		return "callback"
	case task == 1 && h.index == 0:
		return "test"
	case task == 1:
		return "main"
	}
	if t := h.lookUp(task); t != nil {
		return t.Name()
	}
	return fmt.Sprintf("Task-%d", task)
}

// lookUp is a task of the host that has not ended, or nil.
func (h *Host) lookUp(task uint64) asyncio.AnyTask {
	if h.ctx == nil || h.state == off {
		return nil
	}
	for _, t := range asyncio.AllTasks(h.ctx) {
		if t.ID() == task {
			return t
		}
	}
	return nil
}

// add appends an entry, at the world's time.
func (t *trace) add(e report.Entry) {
	if len(t.log.Entries) >= maxEntries {
		const cut = maxEntries / 4
		t.log.Entries = slices.Delete(t.log.Entries, cut, 2*cut)
		t.stacks = slices.Delete(t.stacks, cut, 2*cut)
		t.log.Dropped += cut
		t.open = 0
	}
	e.At = t.world.Now()
	t.log.Entries = append(t.log.Entries, e)
	t.stacks = append(t.stacks, nil)
}

// chosen is the decision for the step or the call that comes now, if there was one: the
// first on the tape that is not in the log. Draws may have come after it.
func (t *trace) chosen(e *report.Entry) {
	t.look(len(t.world.chooser.Tape()))
	e.Choice, e.Pick, e.Of = t.decision.Choice, t.decision.Pick, t.decision.Of
	t.decision = report.Entry{}
}

// look takes over from the tape the decision for a step that was made before place end.
func (t *trace) look(end int) {
	if end > t.seen {
		c := t.world.chooser.Tape()[t.seen]
		t.decision = report.Entry{Choice: t.seen + 1, Pick: c.Pick, Of: c.N}
	}
	t.seen = max(t.seen, end)
}

// step begins a step.
func (t *trace) step(h *Host, task uint64) {
	if t.light {
		t.summed()
		key, _ := h.identity(task)
		t.mix(key)
		t.mix(uint64(t.world.now))
		return
	}
	t.stepEnds()
	t.noteStrangers()
	k := t.of(h, task)
	e := report.Entry{
		Kind: report.Step, Host: h.name, Task: k.name, Step: t.world.steps,
		From: k.stays.site, First: !k.begun && task > 0,
	}
	if e.First {
		if a := h.lookUp(task); a != nil {
			created, _, _ := strings.Cut(a.Info().Created, " in ")
			e.From = baseOf(created)
		}
	}
	e.Key, _ = h.identity(task)
	k.begun = true
	t.host, t.task, t.before = h, task, k.stays
	k.stays = stay{}
	t.chosen(&e)
	t.add(e)
	t.open = len(t.log.Entries)
	t.stacks[t.open-1] = t.before.stack
	if t.world.steps == t.stopAt {
		t.breakHere()
	}
}

// stepEnds closes the entry of the step before. Where the task has not given way it has
// ended, or the step was that of a timer, which only makes it ready.
func (t *trace) stepEnds() {
	if t.open == 0 {
		return
	}
	e := &t.log.Entries[t.open-1]
	t.open = 0
	if e.To != "" || t.task == 0 {
		return
	}
	if e.Ends = t.host.lookUp(t.task) == nil; !e.Ends {
		t.of(t.host, t.task).stays = t.before
	}
}

// givesWay notes where the task that runs ends its step.
func (t *trace) givesWay(h *Host, task uint64) {
	if t.light {
		t.mixStack()
		return
	}
	k := t.of(h, task)
	k.stays = t.place()
	if a := h.lookUp(task); a != nil && !t.world.over {
		k.stays.on = t.named(a.Info().WaitsFor)
	}
	if t.open > 0 {
		e := &t.log.Entries[t.open-1]
		e.To, e.Waits = k.stays.site, k.stays.on
		t.stacks[t.open-1] = k.stays.stack
	}
}

// addresses in what is waited for, which are others in each run.
var addresses = regexp.MustCompile(`0x[0-9a-f]+`)

// named gives what is waited for a number instead of its address.
func (t *trace) named(what string) string {
	return addresses.ReplaceAllStringFunc(what, func(at string) string {
		name, ok := t.names[at]
		if !ok {
			name = fmt.Sprintf("#%d", len(t.names)+1)
			t.names[at] = name
		}
		return name
	})
}

// call notes that something happens between the hosts.
func (t *trace) call(c *simenv.Call) {
	if t.light {
		t.mixText(c.Label)
		return
	}
	t.stepEnds()
	e := report.Entry{Kind: report.Call, Label: c.Label}
	t.chosen(&e)
	t.add(e)
}

// draw notes a decision on the environment.
func (t *trace) draw(label string, n, pick int) {
	if n <= 1 {
		return // nothing was decided
	}
	if t.light {
		t.mixText(label)
		t.mix(uint64(n)<<32 | uint64(pick))
		return
	}
	at := len(t.world.chooser.Tape())
	t.look(at - 1)
	t.seen = at
	t.add(report.Entry{
		Kind: report.Draw, Host: t.world.running.name, Label: label, Choice: at, Pick: pick, Of: n,
	})
}

func (t *trace) event(e simenv.Event) {
	if t.light {
		t.mixText(e.Host + e.Peer + e.What)
		t.mix(e.ID<<32 | uint64(e.Kind)<<24 | uint64(e.Size))
		return
	}
	t.add(report.Entry{
		Kind: report.Event, Host: e.Host, Event: e.Kind.String(), Peer: e.Peer, What: e.What,
		ID: e.ID, Size: e.Size,
	})
}

// fails notes the failure, where it is made.
func (t *trace) fails(f *Failure) {
	if t.light {
		t.mixText(textOf(f.Err))
		return
	}
	t.log.Failure = report.Failure{
		Host: f.Host, At: f.At, Place: t.place().site, Error: t.named(textOf(f.Err)),
	}
}

// end is the log of a world that has ended.
func (t *trace) end() *report.Log {
	t.stepEnds()
	for _, h := range t.world.hosts {
		t.log.Hosts = append(t.log.Hosts, h.name)
	}
	t.log.Seed = t.world.seed
	return &t.log
}
