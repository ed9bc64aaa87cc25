package asyncio

import (
	"context"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/inside"
)

// owners are the descriptors that the loop hears of, by number. The system gives
// numbers out again, so each owner has a generation (rule N3).
type owners struct {
	table      []owner
	generation uint32
	n          int // owners in the table
}

type owner struct {
	gen  uint32 // 0 where there is none
	sink inside.Sink
}

// next is a handle for a new owner of fd.
func (o *owners) next(fd int) driver.Handle {
	o.generation++
	if o.generation == 0 { // it has wrapped, and 0 is nobody
		o.generation++
	}
	return driver.Handle{FD: fd, Gen: o.generation}
}

// set makes s the owner that h names. One that is still there has lost its
// descriptor: it was closed behind our back.
func (o *owners) set(h driver.Handle, s inside.Sink) {
	if h.FD >= len(o.table) {
		o.table = append(o.table, make([]owner, h.FD+1-len(o.table))...)
	}
	old := o.table[h.FD]
	o.table[h.FD] = owner{h.Gen, s}
	if old.gen != 0 {
		old.sink.Lost(false)
		return
	}
	o.n++
}

// sink is who owns h, or nil where that is somebody else by now.
func (o *owners) sink(h driver.Handle) inside.Sink {
	if h.FD < len(o.table) && o.table[h.FD].gen == h.Gen {
		return o.table[h.FD].sink
	}
	return nil
}

// remove forgets the owner that h names.
func (o *owners) remove(h driver.Handle) {
	if o.sink(h) != nil {
		o.table[h.FD] = owner{}
		o.n--
	}
}

// end tells those that are left, at the end of a run.
func (o *owners) end() {
	for _, left := range o.table {
		if left.gen != 0 {
			left.sink.Lost(true)
		}
	}
	o.table, o.n = nil, 0
}

// poller is the loop as package aionet sees it.
type poller Loop

func pollerOf(ctx context.Context) inside.Poller {
	if l := RunningLoop(ctx); l != nil {
		return (*poller)(l)
	}
	return nil
}

func (p *poller) Driver() driver.Driver { return p.driver }

func (p *poller) Context() (context.Context, error) {
	l := (*Loop)(p)
	if l.current == nil || l.debug && !l.onLoop() {
		return nil, l.notInTask()
	}
	return &l.current.scope, nil
}

func (p *poller) Root() context.Context { return &p.root }

func (p *poller) Register(fd int, s inside.Sink) driver.Handle {
	h := p.owners.next(fd)
	p.owners.set(h, s)
	return h
}

func (p *poller) Unregister(h driver.Handle) { p.owners.remove(h) }

func (p *poller) Await(n int) { p.descriptors += n }

func (p *poller) Call(f func()) { (*Loop)(p).call(f) }

func (p *poller) Local(key any, create func() any) any {
	v, ok := p.locals[key]
	if !ok {
		if p.locals == nil {
			p.locals = make(map[any]any)
		}
		v = create()
		p.locals[key] = v
	}
	return v
}
