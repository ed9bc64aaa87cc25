package sim

import (
	"flag"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/sim/internal/explore"
)

// An Option says how worlds are to be made.
type Option func(*options)

type options struct {
	from     int // the number of the first schedule
	runs     int
	time     time.Duration // 0: runs alone counts
	seed     uint64
	strategy string
	replay   string
	maxSteps int
	limit    time.Duration
	shrink   time.Duration // how long a failure is made smaller
	declared bool          // steps tell what they touch
	again    bool          // also one that is replayed
	picture  string        // the file for the diagram of a failure
	twice    bool          // each schedule is run twice, to compare
	at       int           // the step at which to stop for a debugger
	faults   *Faults
	bound    explore.Bound // of an exhaustive search
}

const (
	// DefaultRuns is how many schedules Check runs: few enough that go test ./... stays
	// quick. A campaign of your own takes more by a flag or the environment.
	DefaultRuns = 200
	// DefaultSteps is how many steps a world may take before it counts as one that does
	// not end.
	DefaultSteps = 1_000_000
	// DefaultLimit is how much virtual time may pass in a world.
	DefaultLimit = 24 * time.Hour
)

// Runs is how many schedules are run.
func Runs(n int) Option { return func(o *options) { o.runs = n } }

// from leaves out the schedules before k.
func from(k int) Option { return func(o *options) { o.from = k } }

// For is how long schedules are run, of real time, instead of a number of them. What
// is found then depends on the machine; each finding replays anywhere.
func For(d time.Duration) Option { return func(o *options) { o.time = d } }

// Seed is the number from which all decisions of a campaign follow. The default is 1,
// so that go test says the same every time.
func Seed(n uint64) Option { return func(o *options) { o.seed = n } }

// Strategy names how orders are chosen: mix, which is the default and takes the others
// in turn, urw, rw, pos, pct, pct2, or fifo, which is the order of production.
func Strategy(name string) Option { return func(o *options) { o.strategy = name } }

// MaxSteps bounds the steps of a world: see [DefaultSteps].
func MaxSteps(n int) Option { return func(o *options) { o.maxSteps = n } }

// Limit bounds the virtual time of a world: see [DefaultLimit].
func Limit(d time.Duration) Option { return func(o *options) { o.limit = d } }

// Shrink is how long a failure is made smaller, of real time: 5 s if nothing is said. A
// smaller one is found in less time than a large one, and 0 leaves it as it is.
func Shrink(d time.Duration) Option { return func(o *options) { o.shrink = d } }

// WithFaults sets the rates of faults, which are otherwise drawn for each world anew.
// The zero Faults is a world in which nothing goes wrong.
func WithFaults(f Faults) Option { return func(o *options) { o.faults = &f } }

// settings are flags of the test, each with a variable of the environment beside it: a
// flag alone would make go test ./... fail in packages that do not know it.
var settings = []struct {
	name, variable, usage string
	set                   func(o *options, value string) error
}{
	{"seed", "SIM_SEED", "the number from which all decisions follow", func(o *options, v string) (err error) {
		o.seed, err = strconv.ParseUint(v, 0, 64)
		return
	}},
	{"runs", "SIM_RUNS", "how many schedules to run", func(o *options, v string) (err error) {
		o.runs, err = strconv.Atoi(v)
		o.time = 0
		return
	}},
	{"for", "SIM_FOR", "how long to run schedules, such as 30s", func(o *options, v string) (err error) {
		o.time, err = time.ParseDuration(v)
		return
	}},
	{"strategy", "SIM_STRATEGY", "how orders are chosen: mix, urw, rw, pos, pct, pct2, fifo", func(o *options, v string) error {
		o.strategy = v
		return nil
	}},
	{"replay", "SIM_REPLAY", "a schedule to replay, as a failure has printed it", func(o *options, v string) error {
		o.replay = v
		return nil
	}},
	{"shrink", "SIM_SHRINK", "how long to make a failure smaller, such as 1m; also one that is replayed", func(o *options, v string) (err error) {
		o.shrink, err = time.ParseDuration(v)
		o.again = true
		return
	}},
	{"html", "SIM_HTML", "the file for a diagram of the failure: a page, or a picture where it ends in .svg", func(o *options, v string) error {
		o.picture = v
		return nil
	}},
	{"check", "SIM_CHECK", "run each schedule twice and compare them step by step", func(o *options, v string) (err error) {
		o.twice, err = strconv.ParseBool(v)
		return
	}},
	{"break", "SIM_BREAK", "the step of a replay at which to stop for a debugger", func(o *options, v string) (err error) {
		o.at, err = strconv.Atoi(v)
		return
	}},
}

// given are the values of the flags.
var given = map[string]*string{}

func init() {
	if !testing.Testing() {
		return // programs may use Sometimes, and have flags of their own
	}
	for _, s := range settings {
		given[s.name] = flag.String("sim."+s.name, "", s.usage+" (or "+s.variable+" in the environment)")
	}
}

// newOptions is what the test says, and over it the environment, and over that the flags.
func newOptions(t testing.TB, opts []Option) *options {
	t.Helper()
	o := &options{
		runs: DefaultRuns, seed: 1, maxSteps: DefaultSteps, limit: DefaultLimit,
		shrink: 5 * time.Second,
	}
	for _, set := range opts {
		set(o)
	}
	for _, s := range settings {
		value, from := os.Getenv(s.variable), s.variable
		if f := given[s.name]; f != nil && *f != "" {
			value, from = *f, "-sim."+s.name
		}
		if value == "" {
			continue
		}
		if err := s.set(o, value); err != nil {
			t.Fatalf("sim: %s: %v", from, err)
		}
	}
	return o
}
