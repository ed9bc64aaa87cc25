package console

import (
	"slices"

	"github.com/goasyncio/asyncio/console/internal/wire"
	"github.com/goasyncio/asyncio/internal/monitor"
)

const (
	maxEdges  = 1000
	maxCycles = 100
	maxCycle  = 1000 // tasks of one cycle
)

// A graph is who waits for whom.
type graph struct {
	edges     []wire.Edge // those of cycles first
	cycles    [][]uint64  // in the order of waiting
	truncated bool
}

// newGraph makes the graph of some tasks, which are in the order of their IDs.
func newGraph(tasks []monitor.Task) graph {
	w := walk{tasks: tasks, place: map[uint64]int{}, mark: make([]int, len(tasks))}
	for i, t := range tasks {
		breathe(i)
		w.place[t.ID] = i
	}
	for i := range tasks {
		breathe(i)
		if w.mark[i] == 0 {
			w.from(i)
		}
	}
	g := graph{cycles: w.cycles, edges: []wire.Edge{}, truncated: w.more}
	if g.cycles == nil {
		g.cycles = [][]uint64{}
	}
	g.addEdges(tasks)
	return g
}

// inCycle tells that a task is in one of the cycles.
func (g graph) inCycle(id uint64) bool {
	return slices.ContainsFunc(g.cycles, func(c []uint64) bool { return slices.Contains(c, id) })
}

// addEdges adds the edges of cycles and then the others, until there are enough.
func (g *graph) addEdges(tasks []monitor.Task) {
	type pair struct{ from, to uint64 }
	circular := map[pair]bool{}
	for _, c := range g.cycles {
		for i, from := range c {
			circular[pair{from, c[(i+1)%len(c)]}] = true
		}
	}
	for _, wanted := range []bool{true, false} {
		for i, t := range tasks {
			breathe(i)
			for _, to := range t.Tasks {
				switch {
				case circular[pair{t.ID, to}] != wanted:
				case len(g.edges) == maxEdges:
					g.truncated = true
					return
				default:
					g.edges = append(g.edges, wire.Edge{From: t.ID, To: to, On: t.WaitsFor})
				}
			}
		}
	}
}

// A walk goes through the graph in depth, from the oldest tasks on, as the loop's own
// search for the cycles of a deadlock does, and finds each cycle that closes on its way.
type walk struct {
	tasks  []monitor.Task
	place  map[uint64]int
	mark   []int // 0, visiting or visited
	way    []step
	cycles [][]uint64
	more   bool
}

// A step of a walk is a task, and which of its edges comes next.
type step struct{ at, next int }

const visiting, visited = 1, 2

func (w *walk) from(i int) {
	w.enter(i)
	for len(w.way) > 0 {
		s := &w.way[len(w.way)-1]
		if s.next == len(w.tasks[s.at].Tasks) {
			w.mark[s.at] = visited
			w.way = w.way[:len(w.way)-1]
			continue
		}
		to, ok := w.place[w.tasks[s.at].Tasks[s.next]]
		s.next++
		switch {
		case !ok:
		case w.mark[to] == visiting:
			w.close(to)
		case w.mark[to] == 0:
			w.enter(to)
		}
	}
}

func (w *walk) enter(i int) {
	w.mark[i] = visiting
	w.way = append(w.way, step{at: i})
}

// close notes the cycle from the task at to back to it.
func (w *walk) close(to int) {
	first := len(w.way) - 1
	for w.way[first].at != to {
		first--
	}
	if len(w.cycles) == maxCycles || len(w.way)-first > maxCycle {
		w.more = true
		return
	}
	var cycle []uint64
	for _, s := range w.way[first:] {
		cycle = append(cycle, w.tasks[s.at].ID)
	}
	w.cycles = append(w.cycles, cycle)
}
