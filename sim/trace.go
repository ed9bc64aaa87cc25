package sim

import (
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// trace is what happened in a world, step by step, for people. It is only kept in the
// rerun of a schedule that has failed.
type trace struct {
	world *World
	Steps []traceStep
	sites map[siteKey]string // where each task gave way
}

type siteKey struct {
	host int
	task uint64
}

type traceStep struct {
	At    time.Duration
	Host  string
	Task  string
	Site  string // where the task had given way; empty at its first step
	Event *simenv.Event
}

func (t *trace) step(h *Host, task uint64) {
	name := "callback"
	if task > 0 {
		name = h.taskName(task)
	}
	t.Steps = append(t.Steps, traceStep{
		At: t.world.Now(), Host: h.name, Task: name, Site: t.sites[siteKey{h.index, task}],
	})
}

// String is a line for each step and event.
func (t *trace) String() string {
	var b strings.Builder
	for i, s := range t.Steps {
		what := s.Task + "  " + s.Site
		if e := s.Event; e != nil {
			what = fmt.Sprintf("%v %s %s", e.Kind, e.Peer, e.What)
		}
		fmt.Fprintf(&b, "%5d  t=%v  %s  %s\n", i+1, s.At, s.Host, what)
	}
	return b.String()
}

func (t *trace) event(e simenv.Event) {
	t.Steps = append(t.Steps, traceStep{At: t.world.Now(), Host: e.Host, Event: &e})
}

func (t *trace) givesWay(h *Host, task uint64, on any) {
	t.sites[siteKey{h.index, task}] = userSite()
}

// userSite is the innermost place on the stack that is not in the runtime.
func userSite() string {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		if f.Function != "" && !ofRuntime(f.Function) {
			return fmt.Sprintf("%s:%d", f.File[strings.LastIndexByte(f.File, '/')+1:], f.Line)
		}
		if !more {
			return ""
		}
	}
}

// ofRuntime tells whether a function is one of this module's packages below the
// programs of users.
func ofRuntime(function string) bool {
	for _, p := range []string{".", "/aionet.", "/aiohttp", "/aioexec.", "/aiofs.", "/sim.", "/internal/"} {
		if strings.HasPrefix(function, "github.com/goasyncio/asyncio"+p) {
			return true
		}
	}
	return !strings.Contains(function, "/") // the standard library, but for main
}

// taskName is what the task is called now.
func (h *Host) taskName(task uint64) string {
	if h.ctx != nil {
		for _, t := range asyncio.AllTasks(h.ctx) {
			if t.ID() == task {
				return t.Name()
			}
		}
	}
	return fmt.Sprintf("Task-%d", task)
}
