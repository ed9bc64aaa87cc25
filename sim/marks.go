package sim

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/goasyncio/asyncio/internal/coro"
	"github.com/goasyncio/asyncio/internal/inside"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// worlds are those under way, by the numbers of their hosts' loops: the way from a
// function in the middle of a program, which knows of no world, to the one that it is
// in. In a program that is not simulated there is none.
var worlds struct {
	n  atomic.Int32
	by sync.Map // uint32 to *World
}

// enter makes the host's loop known, and leave forgets it when it is not used any more.
func (h *Host) enter(ctx context.Context) {
	if h.number != 0 {
		return
	}
	h.number = inside.Number(ctx)
	worlds.by.Store(h.number, h.world)
	worlds.n.Add(1)
}

func (h *Host) leave() {
	if h.number != 0 {
		worlds.by.Delete(h.number)
		worlds.n.Add(-1)
		h.number = 0
	}
}

// here is the world that the calling goroutine is in, or nil.
func here() *World {
	if worlds.n.Load() == 0 {
		return nil
	}
	w, _ := worlds.by.Load(coro.Owner())
	world, _ := w.(*World)
	return world
}

// Sometimes marks a branch that is rare in production: a buffer that is full at once, a
// retry, a cache that has just been emptied. In production it is false. In a simulated
// world it is true now and then: in a quarter of the worlds the mark of that name is
// live, and there every fourth time. Outside a world it costs one load from memory.
//
//	if len(b.queue) == cap(b.queue) || sim.Sometimes("queue is full") {
//		return ErrFull
//	}
func Sometimes(name string) bool {
	w := here()
	return w != nil && w.sometimes(name)
}

func (w *World) sometimes(name string) bool {
	m := w.mark(name)
	if !m.drawn {
		m.drawn = true
		m.live = w.Chance(usual, "the mark is live: "+name)
	}
	if !m.live || !w.Chance(usual, name) {
		return false
	}
	m.times++
	w.running.happens(simenv.Mark, name)
	return true
}

// mark is a place in a program whose visits are counted.
type mark struct {
	name        string
	times       int
	drawn, live bool // of Sometimes
}

func (w *World) mark(name string) *mark {
	i, found := slices.BinarySearchFunc(w.marks, name, func(m *mark, name string) int {
		return strings.Compare(m.name, name)
	})
	if !found {
		w.marks = slices.Insert(w.marks, i, &mark{name: name})
	}
	return w.marks[i]
}

// Reached notes that a world has come by a place: a campaign tells how often each was
// reached.
func (w *World) Reached(name string) {
	w.mark(name).times++
	w.running.happens(simenv.Mark, name)
}

// Reached is [World.Reached] from the middle of a program. In production it does nothing.
func Reached(name string) {
	if w := here(); w != nil {
		w.Reached(name)
	}
}

// count counts something that happens to hosts.
func (w *World) count(what string) { w.mark(what).times++ }
