package asyncio

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

// An Option says how a loop is to run.
type Option func(*config)

type config struct {
	name       string
	debug      bool
	labels     bool
	slowStep   time.Duration
	grace      time.Duration
	onError    func(Report)
	signals    []os.Signal
	handleSigs bool
	observer   Observer
	maxThreads int
}

const (
	// DefaultGracePeriod is how long Run waits for tasks and threads that it has
	// cancelled.
	DefaultGracePeriod = 10 * time.Second
	// DefaultSlowStep is how long a step may take before the watchdog reports
	// it; in debug mode it is a tenth, as in asyncio.
	DefaultSlowStep = time.Second
	// DefaultMaxThreads is how many calls of ToThread may be at work at a time.
	DefaultMaxThreads = 512
)

func newConfig(opts []Option) config {
	c := config{grace: DefaultGracePeriod, maxThreads: DefaultMaxThreads, name: "loop"}
	c.debug, c.labels = wanted("ASYNCIO_DEBUG"), wanted("ASYNCIO_LABELS")
	for _, o := range opts {
		o(&c)
	}
	if c.slowStep == 0 {
		c.slowStep = DefaultSlowStep
		if c.debug {
			c.slowStep /= 10
		}
	}
	if c.onError == nil {
		c.onError = logReport
	}
	return c
}

// wanted tells whether a variable of the environment turns something on.
func wanted(variable string) bool {
	v := os.Getenv(variable)
	on, err := strconv.ParseBool(v)
	return v != "" && (on || err != nil) // whoever writes "yes" means it
}

// LoopName names the loop in reports.
func LoopName(name string) Option { return func(c *config) { c.name = name } }

// Debug turns the debug mode on or off: it remembers where tasks are created,
// refuses calls from other goroutines, and reports slow steps with the task that
// made them. It makes every wait a few microseconds slower. The environment
// variable ASYNCIO_DEBUG turns it on as well, unless it is 0 or false.
func Debug(on bool) Option { return func(c *config) { c.debug = on } }

// ProfileLabels puts labels on the goroutines of tasks, which profiles of runtime/pprof
// show and can be filtered by: asyncio_task, the name that the task has when it begins,
// and asyncio_loop. The goroutines that a task starts have them too, those of [ToThread]
// among them. The goroutine of Run, on which callbacks run and the loop waits, has
// asyncio_loop; when Run returns it has the labels of the context that Run was given.
// The labels that a task's context carries are kept, and pprof.Do inside the task adds
// to them. It costs each task about a microsecond. The environment variable
// ASYNCIO_LABELS turns it on as well, unless it is 0 or false.
func ProfileLabels(on bool) Option { return func(c *config) { c.labels = on } }

// SlowStep is how long a step of a task may take until the watchdog reports it,
// with the stack of what blocks the loop (rule T3). A negative value turns the
// watchdog off. The default is [DefaultSlowStep].
func SlowStep(d time.Duration) Option { return func(c *config) { c.slowStep = d } }

// GracePeriod is how long Run waits at its end for the tasks that it has
// cancelled. Those that are left then are reported with their stacks and ended by
// force: their waits call runtime.Goexit, so that deferred functions run.
func GracePeriod(d time.Duration) Option { return func(c *config) { c.grace = d } }

// OnError gets what has no other way to be told: an error that nobody looked at, a
// panic in a callback, a blocked loop. It may be called on another goroutine while
// the loop is blocked. The default writes to the default logger of log/slog.
func OnError(f func(Report)) Option { return func(c *config) { c.onError = f } }

// HandleSignals makes Run cancel main at the first SIGINT or SIGTERM, or the
// signals given, with a [SignalError] as the cause. The second ends the process
// at once.
func HandleSignals(signals ...os.Signal) Option {
	return func(c *config) { c.handleSigs, c.signals = true, signals }
}

// Observe sends the events of the loop to o; see [Observer].
func Observe(o Observer) Option { return func(c *config) { c.observer = o } }

// MaxThreads bounds the calls of ToThread that are at work at a time. The default
// is [DefaultMaxThreads]. It panics where n is less than one.
func MaxThreads(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("asyncio: MaxThreads(%d): a loop needs room for at least one thread", n))
	}
	return func(c *config) { c.maxThreads = n }
}

// A TaskOption says how a task is to be created.
type TaskOption func(*taskConfig)

type taskConfig struct {
	name     string
	eager    bool
	priority int8
	written  any
}

// TaskName gives the task a name for reports.
func TaskName(name string) TaskOption { return func(c *taskConfig) { c.name = name } }

// writtenAs tells the user's function where the task runs one of ours around it. The
// innermost counts.
func writtenAs(fn any) TaskOption {
	return func(c *taskConfig) {
		if c.written == nil {
			c.written = fn
		}
	}
}

// Eager runs the task up to its first wait inside the call that creates it, as
// eager_start does in Python 3.14. Order of effects changes: it is meant for tasks
// that mostly end without waiting. A callback cannot start a task so: there it begins in
// the next round.
func Eager() TaskOption { return func(c *taskConfig) { c.eager = true } }

// Priority puts the task before those of lower priority within each round; 0 is
// everybody's. Every ready task still runs once in every round, so that nobody
// starves. Values are cut to -128…127.
func Priority(p int) TaskOption {
	return func(c *taskConfig) { c.priority = int8(min(max(p, -128), 127)) }
}
