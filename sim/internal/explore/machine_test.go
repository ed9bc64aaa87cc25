package explore_test

import (
	"fmt"
	"time"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

// A machine runs a small concurrent program as a loop would, without being one: tasks
// are lists of segments, what is between two waits each. The chooser decides which
// task runs its next segment, and what the environment does.
type machine struct {
	c       *explore.Chooser
	now     int
	tasks   []*actor
	queue   []*actor // those that could run, in the order of production
	wrong   string   // what has gone wrong, or ""
	atEnd   func() string
	alts    []explore.Alt
	ran     []string // who ran, in order
	running *actor
}

// An actor is a task of a machine.
type actor struct {
	m         *machine
	name      string
	key       uint64
	segments  []segment
	pc        int
	wake      int // sleeps until then
	cancelled bool
	queued    bool
	parent    uint64
}

type segment struct {
	when func() bool // what the wait before it waits for; nil: nothing
	do   func(a *actor)
	site string // "": made of its number
}

// idle is n segments that do nothing.
func idle(n int) []segment { return make([]segment, n) }

func do(f func(a *actor)) []segment { return []segment{{do: f}} }

func wait(when func() bool, f func(a *actor)) []segment { return []segment{{when: when, do: f}} }

func (m *machine) task(name string, parts ...[]segment) *actor {
	a := &actor{m: m, name: name, key: uint64(len(m.tasks))}
	a.parent = a.key
	for _, p := range parts {
		a.segments = append(a.segments, p...)
	}
	m.tasks = append(m.tasks, a)
	if m.c != nil {
		m.c.Created(a.key, classOf(name), a.parent)
	}
	return a
}

func classOf(name string) uint32 {
	h := uint32(2166136261)
	for _, b := range []byte(name) {
		h = (h ^ uint32(b)) * 16777619
	}
	return h
}

// end makes this segment the task's last.
func (a *actor) end() { a.pc = len(a.segments) }

func (a *actor) ended() bool { return a.pc >= len(a.segments) }

// sleep keeps the task from its next segment for d units of time.
func (a *actor) sleep(d int) { a.wake = a.m.now + d }

func (a *actor) ready() bool {
	if a.ended() || a.wake > a.m.now {
		return false
	}
	when := a.segments[a.pc].when
	return when == nil || when() || a.cancelled
}

func (m *machine) fail(text string) {
	if m.wrong == "" {
		m.wrong = text
	}
}

func (m *machine) draw(label string, n int, p float64) int { return m.c.Draw(label, n, p) }

// touch says what the running segment touches.
func (m *machine) touch(objects ...int) {
	for _, o := range objects {
		m.c.Touch(o)
	}
}

// run runs the program to its end, or to the first thing that is wrong.
func (m *machine) run() string {
	for m.wrong == "" {
		m.refresh(nil)
		if len(m.queue) == 0 {
			if !m.pass() {
				break
			}
			continue
		}
		m.alts = m.alts[:0]
		for _, a := range m.queue {
			m.alts = append(m.alts, explore.Alt{Key: a.key, Class: classOf(a.name)})
		}
		i := m.c.Step(m.alts)
		a := m.queue[i]
		m.queue = append(m.queue[:i], m.queue[i+1:]...)
		a.queued = false
		m.ran = append(m.ran, a.name)
		m.running = a
		a.step()
		m.running = nil
		m.refresh(a)
	}
	if m.wrong == "" && m.atEnd != nil {
		m.wrong = m.atEnd()
	}
	return m.wrong
}

func (a *actor) step() {
	f := a.segments[a.pc].do
	a.pc++
	if f != nil {
		f(a)
	}
}

// Now implements explore.Source, as do the next two.
func (m *machine) Now() time.Duration { return time.Duration(m.now) * time.Millisecond }

func (m *machine) Describe(_ []explore.Alt, i int) explore.Label { return m.queue[i].label() }

func (m *machine) Here() explore.Label {
	if m.running == nil {
		return explore.Label{}
	}
	return explore.Label{Task: m.running.name}
}

func (a *actor) label() explore.Label {
	site := a.segments[a.pc].site
	if site == "" {
		site = fmt.Sprintf("model.go:%d", a.pc+1)
	}
	return explore.Label{Host: "test", Task: a.name, Site: site, Wait: "wait"}
}

// refresh takes those out of the queue that cannot run any more, and adds those that
// can now; who has just run comes last.
func (m *machine) refresh(last *actor) {
	kept := m.queue[:0]
	for _, a := range m.queue {
		if a.queued = a.ready(); a.queued {
			kept = append(kept, a)
		}
	}
	m.queue = kept
	for _, a := range m.tasks {
		if a != last {
			m.enqueue(a)
		}
	}
	if last != nil {
		m.enqueue(last)
	}
}

func (m *machine) enqueue(a *actor) {
	if !a.queued && a.ready() {
		a.queued = true
		m.queue = append(m.queue, a)
	}
}

// pass lets time pass to the next moment at which somebody wakes.
func (m *machine) pass() bool {
	next := 0
	for _, a := range m.tasks {
		if !a.ended() && a.wake > m.now && (next == 0 || a.wake < next) {
			next = a.wake
		}
	}
	if next == 0 {
		return false
	}
	m.now = next
	return true
}

// stuck is a check for the end: everybody has come to his.
func (m *machine) stuck(who ...*actor) func() string {
	return func() string {
		for _, a := range who {
			if !a.ended() {
				return a.name + " waits for ever"
			}
		}
		return ""
	}
}

// lock is what a program of the corpus locks. What it touches has the lock's number.
type lock struct {
	number int
	owner  *actor
}

func (l *lock) free() bool { return l.owner == nil }
