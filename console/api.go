package console

import (
	"context"
	"errors"
	"math"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/goasyncio/asyncio/console/internal/web"
	"github.com/goasyncio/asyncio/console/internal/wire"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// maxRequests is how many requests are at work at the same time. More are refused, since
// an answer is held in memory until its client has read it.
const maxRequests = 128

var errBusy = errors.New("too many clients ask at the same time: try again")

// A site is what a console answers, behind its guard.
type site struct {
	hub        *hub
	mux        *http.ServeMux
	places     chan struct{} // of requests that are answered at once
	streams    chan struct{}
	recordings chan struct{}
	openings   *budget
}

func newSite(h *hub) *site {
	s := &site{
		hub: h, mux: http.NewServeMux(), places: make(chan struct{}, maxRequests),
		streams: make(chan struct{}, maxStreams), recordings: make(chan struct{}, maxRecordings), openings: newBudget(maxOpenings),
	}
	s.mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, "the interface has no "+quoted(r.URL.Path))
	})
	s.mux.HandleFunc("/api/v1/program", s.program)
	for what, q := range map[string]question{
		"tasks": tasks, "tasks/{id}": task, "tree": tree, "graph": waits, "stats": stats,
		"histograms": histograms, "warnings": warnings,
		"timers": timers, "descriptors": descriptors, "threads": threads, "resources": resources, "failures": failures,
	} {
		s.mux.HandleFunc("/api/v1/loops/{loop}/"+what, s.asked(q))
	}
	s.mux.HandleFunc("/api/v1/loops/{loop}/stacks", s.stacks)
	s.mux.HandleFunc("/api/v1/loops/{loop}/stream", s.stream)
	s.mux.HandleFunc("/api/v1/loops/{loop}/recording", s.recording)
	s.mux.Handle("/", page(web.Files))
	return s
}

// ServeHTTP takes a place while it answers, unless that takes long by its nature.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if long := path.Base(r.URL.Path); long == "stream" || long == "recording" || strings.HasPrefix(r.URL.Path, "/api/v1/recordings/") {
		s.mux.ServeHTTP(w, r)
		return
	}
	if take(w, s.places, errBusy.Error()) {
		defer leave(s.places)
		s.mux.ServeHTTP(w, r)
	}
}

// take takes one of the places for requests of a kind, until leave. Where none is free it
// answers that, and returns false.
func take(w http.ResponseWriter, places chan struct{}, busy string) bool {
	select {
	case places <- struct{}{}:
		return true
	default:
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusServiceUnavailable, busy)
		return false
	}
}

func leave(places chan struct{}) { <-places }

// processStarted is close enough to when the program was: packages begin with it.
var processStarted = time.Now()

// programName is the name of the executable: arguments are none of a console's business.
var programName = sync.OnceValue(func() string {
	file, err := os.Executable()
	if err != nil {
		file = os.Args[0]
	}
	return wire.Cut(filepath.Base(file), wire.MaxName)
})

func (s *site) program(w http.ResponseWriter, r *http.Request) {
	answer := wire.Program{Program: programName(), PID: os.Getpid(), Go: runtime.Version(), Started: processStarted}
	if info, ok := debug.ReadBuildInfo(); ok {
		answer.Module = info.Main.Path
	}
	ctx, cancel := context.WithTimeout(r.Context(), 2*patience)
	defer cancel()
	loops := s.hub.all()
	loops = loops[:min(len(loops), maxPage)]
	answer.Loops = make([]wire.Loop, len(loops))
	var asked sync.WaitGroup
	for i, l := range loops {
		asked.Go(func() { answer.Loops[i] = l.info(ctx) })
	}
	asked.Wait()
	send(w, http.StatusOK, answer)
}

func stats(ctx context.Context, l *living, p *params) (any, error) {
	s, at, err := l.getStats(ctx)
	if err := keepOld(err); err != nil {
		return nil, err
	}
	return wire.Now{State: l.state(), AgeMS: age(at), Stats: s}, nil
}

func tasks(ctx context.Context, l *living, p *params) (any, error) {
	q, limit := p.query(), p.limit()
	l.touch(monitor.Coarse) // from now on its steps are counted
	after := p.number("after", 0, 0, math.MaxUint64)
	offset := p.number("offset", 0, 0, math.MaxInt32)
	if p.err != nil {
		return nil, p.err
	}
	all, at, err := l.shown(ctx)
	if err != nil {
		return nil, err
	}
	order := all.order(q, l.work)
	a := wire.Tasks{Page: all.page(at), Matching: len(order), Tasks: []wire.Task{}}
	order = order[min(int(offset), len(order)):]
	byID := q.sort == "" && !q.desc
	for _, i := range order {
		t := all.tasks[i]
		if byID && t.ID <= after {
			continue
		}
		if len(a.Tasks) == limit {
			if byID {
				a.Next = a.Tasks[limit-1].ID
			}
			break
		}
		a.Tasks = append(a.Tasks, l.row(t))
	}
	return a, nil
}

// page is how an answer from the listing begins.
func (l *listing) page(at time.Time) wire.Page {
	return wire.Page{At: at, AgeMS: age(at), Total: l.total, Truncated: l.truncated}
}

func task(ctx context.Context, l *living, p *params) (any, error) {
	id := p.number("id", 0, 1, math.MaxUint64)
	if p.err != nil {
		return nil, p.err
	}
	all, at, err := l.shown(ctx)
	if err != nil {
		return nil, err
	}
	type found struct {
		task  monitor.Task
		stack []monitor.Frame
		ok    bool
		at    time.Time
	}
	f, err := ask(ctx, l.asker, func(v monitor.View) (f found) {
		f.task, f.stack, f.ok = v.Task(id)
		f.at = v.Stats().At
		return f
	})
	d := wire.Detail{Stack: f.stack, ListingAgeMS: age(at), ListingTruncated: all.truncated}
	switch i := all.find(id); {
	case err == nil && f.ok:
		d.Task, d.At = l.row(cleanTask(f.task)), f.at
	case errors.Is(err, errBlocked) && i >= 0: // what was known before, and what can be told from outside
		d.Task, d.At, d.AgeMS = l.row(all.tasks[i]), at, age(at)
		stacks, _, _ := l.tracebacks(ctx)
		d.Traceback = stacks[id]
	case err == nil:
		return nil, errNoTask
	default:
		return nil, err
	}
	d.Stack = cleanFrames(d.Stack)
	d.Path = all.path(d.Task.Parent)
	d.Children, d.ChildrenOmitted = all.childrenOf(id)
	return d, nil
}

// maxFrames is how much of a stack is told: its beginning, which is its innermost part.
const maxFrames = 200

func cleanFrames(stack []monitor.Frame) []monitor.Frame {
	clean := []monitor.Frame{}
	for _, f := range stack[:min(len(stack), maxFrames)] {
		f.Function, f.File = wire.Cut(f.Function, wire.MaxName), wire.Cut(f.File, wire.MaxText)
		clean = append(clean, f)
	}
	return clean
}

func tree(ctx context.Context, l *living, p *params) (any, error) {
	root, limit := p.number("root", 0, 0, math.MaxUint64), int(p.number("limit", maxPage, 1, maxPage))
	depth := int(p.number("depth", math.MaxInt32, 1, math.MaxInt32))
	if p.err != nil {
		return nil, p.err
	}
	all, at, err := l.shown(ctx)
	if err != nil {
		return nil, err
	}
	if root != 0 && all.find(root) < 0 {
		return nil, errNoTask
	}
	a := wire.Tree{Page: all.page(at)}
	var more bool
	a.Nodes, more = all.tree(root, depth, limit)
	a.Truncated = a.Truncated || more
	return a, nil
}

func waits(ctx context.Context, l *living, p *params) (any, error) {
	all, at, err := l.shown(ctx)
	if err != nil {
		return nil, err
	}
	g := all.graph()
	a := wire.Graph{At: at, AgeMS: age(at), Edges: g.edges, Cycles: g.cycles, Truncated: g.truncated || all.truncated, Names: map[uint64]string{}}
	for _, e := range g.edges {
		a.Names[e.From], a.Names[e.To] = all.name(e.From), all.name(e.To)
	}
	for _, c := range g.cycles {
		for _, id := range c {
			a.Names[id] = all.name(id)
		}
	}
	return a, nil
}
