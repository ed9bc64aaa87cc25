package console

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"time"

	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// An Occasion is when a flight recorder saves what it has.
type Occasion uint8

// The occasions. They can be combined by |.
const (
	OnSignal   Occasion = 1 << iota // the process gets one of the signals
	OnSlowStep                      // the watchdog reports a loop that is blocked (rule T3)
	OnFailure                       // a loop ends because it has failed itself, of a deadlock for example (rule L5), or Run raises a panic
)

// A Flight says what a [FlightRecorder] keeps, when it saves it, and where.
type Flight struct {
	// Dir is the folder for the files. It is made where it is not there, or not any more,
	// for this user alone: recordings contain names and errors of the program.
	Dir string
	// Detail is "coarse", "exact" or "stacks"; "" is coarse, which costs a loop some
	// four nanoseconds for each event. docs/RECORDING.md says what each contains.
	Detail string
	// Events is how many of its last events a loop keeps; 0 is 65,536, which take some
	// 1.2 MB. That is how far back a recording goes: an HTTP server writes some
	// twelve for a request, so 100 requests a second fill it in a minute, 10,000 in half
	// a second.
	Events int
	// On is when it saves by itself; 0 is on every occasion.
	On Occasion
	// Signals are those of OnSignal. Where there are none it is SIGUSR1, on systems that
	// have it.
	Signals []os.Signal
	// Pause is the least time between two recordings of one loop that are saved because of
	// slow steps, of a program that has many. 0 is 10 seconds.
	Pause time.Duration
	// MaxFiles is how many recordings are kept in Dir; the oldest are deleted. Each is two
	// files. Those of one occasion, one for each loop, stay together or go together, and
	// the last ones stay though they be more. 0 is 20.
	MaxFiles int
	// Saved is told of what was saved, on a goroutine of the recorder or on that of the
	// loop that ends. Where it is nil, package slog is.
	Saved func(SavedFlight)
}

// A SavedFlight is a recording that a [FlightRecorder] has saved, or could not save.
type SavedFlight struct {
	File  string // the recording, which asyncio and the page replay
	Trace string // the same for ui.perfetto.dev
	Loop  uint32
	Why   string // "signal", "slow-step", "failure" or what Save was given
	Err   error
}

// A FlightRecorder keeps the last events of each loop of the process, in memory, and
// saves them when something happens. Make one by [StartFlight].
type FlightRecorder struct {
	flight Flight
	detail monitor.Detail
	files  flightFiles
	unhook func()
	stop   chan struct{}
	close  func() error
	work   sync.WaitGroup

	mu     sync.Mutex
	loops  map[uint32]*flightLoop
	closed bool
}

// StartFlight turns a flight recorder on for all loops of the process, those that run and
// those that begin later. It returns an error where the folder cannot be written, so that
// this is known before there is something to save.
//
// A loop writes its last events into a ring of its own and does nothing else for
// it. Whatever is done with them is done on other goroutines.
func StartFlight(f Flight) (*FlightRecorder, error) {
	detail, ok := tape.DetailOf(f.Detail)
	if !ok {
		return nil, fmt.Errorf("console: no recording has the detail %q: give coarse, exact or stacks", f.Detail)
	}
	if f.Events < 0 {
		return nil, fmt.Errorf("console: a flight recorder cannot keep %d events", f.Events)
	}
	f.complete()
	files, err := openFlightFiles(f.Dir, f.MaxFiles)
	if err != nil {
		return nil, err
	}
	r := &FlightRecorder{flight: f, detail: detail, files: files, loops: map[uint32]*flightLoop{}, stop: make(chan struct{})}
	r.close = sync.OnceValue(r.shut)
	if f.On&OnSignal != 0 && len(f.Signals) > 0 {
		r.listen()
	}
	release, unhook := monitor.Keep(f.Events), monitor.Watch(r)
	off := flights.turnOn(r)
	r.unhook = func() { off(); unhook(); release() }
	return r, nil
}

// flights are the flight recorders of the process.
var flights onFlights

type onFlights struct {
	mu sync.Mutex
	on map[*FlightRecorder]bool
}

func (o *onFlights) turnOn(r *FlightRecorder) (off func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.on == nil {
		o.on = map[*FlightRecorder]bool{}
	}
	o.on[r] = true
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.on, r)
	}
}

// detail is the finest in which loops keep what they do; ok is false where they do not.
func (o *onFlights) detail() (finest monitor.Detail, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for r := range o.on {
		finest = max(finest, r.detail)
	}
	return finest, len(o.on) > 0
}

// complete puts in what is not given.
func (f *Flight) complete() {
	if f.On == 0 {
		f.On = OnSignal | OnSlowStep | OnFailure
	}
	if f.Signals == nil {
		f.Signals = flightSignals
	}
	if f.Pause == 0 {
		f.Pause = 10 * time.Second
	}
	if f.MaxFiles <= 0 {
		f.MaxFiles = 20
	}
	if f.Saved == nil {
		f.Saved = logSaved
	}
}

func logSaved(s SavedFlight) {
	if s.Err != nil {
		slog.Error("asyncio: the flight recorder could not save a recording", "loop", s.Loop, "why", s.Why, "error", s.Err)
		return
	}
	slog.Info("asyncio: the flight recorder has saved a recording", "loop", s.Loop, "why", s.Why, "file", s.File)
}

// listen saves at each signal. One that comes while the last one is being answered waits,
// and more than one are one.
func (r *FlightRecorder) listen() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, r.flight.Signals...)
	r.work.Go(func() {
		defer signal.Stop(signals)
		for {
			select {
			case <-signals:
				r.saveAll(context.Background(), "signal")
			case <-r.stop:
				return
			}
		}
	})
}

// Save saves what all loops have done until now. why becomes part of the files' names:
// give a word. It waits, so a task calls it through ToThread; the loop of a task that
// calls it directly is blocked meanwhile, and says so in its recording. The error is that
// of ctx or of the files; what could be saved is returned with it.
func (r *FlightRecorder) Save(ctx context.Context, why string) ([]SavedFlight, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() { // a loop that ends after Close is told to nobody: do not wait for it
		select {
		case <-r.stop:
			cancel(errFlightClosed)
		case <-ctx.Done():
		}
	}()
	saved := r.saveAll(ctx, why)
	var errs []error
	for _, s := range saved {
		errs = append(errs, s.Err)
	}
	return saved, errors.Join(append(errs, context.Cause(ctx))...)
}

var errFlightClosed = errors.New("console: the flight recorder is closed")

// saveAll saves the recordings of all loops, one after the other.
func (r *FlightRecorder) saveAll(ctx context.Context, why string) (saved []SavedFlight) {
	occasion := r.files.occasion()
	for _, l := range r.running() {
		saved = append(saved, l.save(ctx, occasion, why))
	}
	r.files.prune(occasion)
	return saved
}

// Close ends the recording. It waits for what is being saved. It is idempotent.
func (r *FlightRecorder) Close() error { return r.close() }

func (r *FlightRecorder) shut() error {
	r.unhook()
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	close(r.stop)
	r.work.Wait()
	for _, l := range r.running() {
		l.keep.Close()
	}
	return nil
}
