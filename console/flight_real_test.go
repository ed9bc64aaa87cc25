package console_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/console"
	"github.com/goasyncio/asyncio/console/internal/tape"
)

// A savedList collects what a recorder tells of.
type savedList struct {
	mu   sync.Mutex
	list []console.SavedFlight
}

func (s *savedList) add(f console.SavedFlight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, f)
}

func (s *savedList) all() []console.SavedFlight {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list
}

func TestTheRecordingOfARealDeadlock(t *testing.T) {
	var saved savedList
	startFlight(t, console.Flight{Saved: saved.add})
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		var fork, knife asyncio.Lock
		eat := func(first, second *asyncio.Lock) func(context.Context) error {
			return func(ctx context.Context) error {
				if err := first.Acquire(ctx); err != nil {
					return err
				}
				defer first.Release()
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
				return second.Acquire(ctx)
			}
		}
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			g.Go(eat(&fork, &knife), asyncio.TaskName("plato"))
			g.Go(eat(&knife, &fork), asyncio.TaskName("aristotle"))
			return nil
		})
	})
	list := saved.all()
	if !errors.Is(err, asyncio.ErrDeadlock) || len(list) != 1 || list[0].Err != nil {
		t.Fatalf("%v, %+v", err, list)
	}
	s := check(t, list[0].File)
	if s.Ended == nil || s.Ended.Error != err.Error() || s.Made != 3 {
		t.Errorf("%+v", s)
	}
	text, _ := os.ReadFile(list[0].File)
	for _, want := range []string{`"Lock held by task \"aristotle\""`, `"Lock held by task \"plato\""`, `"plato"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
}

// ran tells how long the longest step of each task of a recording was, by name, and
// whether the loop was seen blocked in time.Sleep.
func ran(t *testing.T, file string) (took map[string]time.Duration, blocked bool) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := tape.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	m, names := tape.NewModel(), map[uint64]string{}
	took = map[string]time.Duration{}
	m.OnState = func(l *tape.Life, until int64) {
		if l.State == tape.Running {
			took[names[l.ID]] = max(took[names[l.ID]], time.Duration(until-l.Since))
		}
	}
	for {
		b, err := r.Next()
		if err != nil {
			return took, blocked
		}
		for _, task := range b.Tasks {
			names[task.ID] = task.Name
		}
		for _, e := range b.Events {
			m.Apply(e)
		}
		blocked = blocked || b.Blocked != nil && strings.Contains(b.Blocked.Stack, "time.Sleep")
	}
}

func TestABlockedLoopIsSavedWhileItIsBlockedAndAgainAfterwards(t *testing.T) {
	var saved savedList
	startFlight(t, console.Flight{Saved: saved.add})
	var early map[string]time.Duration
	earlyBlocked := false
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		hog := asyncio.Go(ctx, func(context.Context) error {
			begin := time.Now()
			for len(saved.all()) == 0 { // the loop is blocked until its recording is there
				time.Sleep(5 * time.Millisecond)
			}
			early, earlyBlocked = ran(t, saved.all()[0].File)
			time.Sleep(max(0, 700*time.Millisecond-time.Since(begin)))
			return nil
		}, asyncio.TaskName("hog"))
		if _, err := hog.Await(ctx); err != nil {
			return err
		}
		file := saved.all()[0].File
		// The recorder learns soon that the loop goes on.
		for {
			if took, _ := ran(t, file); took["hog"] > 0 {
				return nil
			}
			if err := asyncio.Sleep(ctx, 10*time.Millisecond); err != nil {
				return err
			}
		}
	}, asyncio.SlowStep(50*time.Millisecond), asyncio.OnError(func(asyncio.Report) {}))
	if err != nil {
		t.Fatal(err)
	}
	if !earlyBlocked || early["hog"] > 0 {
		t.Errorf("while the loop was blocked the recording said so: %v; and of the hog %v", earlyBlocked, early["hog"])
	}
	took, blocked := ran(t, saved.all()[0].File)
	if took["hog"] < 650*time.Millisecond || !blocked {
		t.Errorf("the hog ran for %v, it says, of 700ms; blocked: %v", took["hog"], blocked)
	}
	if list := saved.all(); len(list) != 1 || list[0].Why != "slow-step" {
		t.Errorf("%+v", list)
	}
	check(t, saved.all()[0].File)
}

func TestSlowStepsAreNotSavedAllTheTime(t *testing.T) {
	var saved savedList
	r, _ := startFlight(t, console.Flight{Saved: saved.add, Pause: time.Hour})
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		for range 3 {
			time.Sleep(150 * time.Millisecond)
			if err := asyncio.Sleep(ctx, 60*time.Millisecond); err != nil {
				return err
			}
		}
		return nil
	}, asyncio.SlowStep(50*time.Millisecond), asyncio.OnError(func(asyncio.Report) {}))
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	if list := saved.all(); len(list) > 1 {
		t.Errorf("%d recordings of slow steps in a moment", len(list))
	}
}

func TestASaveFromATaskOfTheLoopItself(t *testing.T) {
	r, _ := startFlight(t, console.Flight{On: console.OnFailure})
	var saved []console.SavedFlight
	err := asyncio.Run(context.Background(), func(ctx context.Context) (err error) {
		asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.TaskName("other"))
		saved, err = asyncio.ToThread(ctx, func(ctx context.Context) ([]console.SavedFlight, error) { return r.Save(ctx, "asked") })
		return err
	})
	if err != nil || len(saved) != 1 {
		t.Fatalf("%v, %+v", err, saved)
	}
	if s := check(t, saved[0].File); s.Made != 2 || s.Left != 2 || s.Ended != nil {
		t.Errorf("%+v", s)
	}
	if took, blocked := ran(t, saved[0].File); blocked || len(took) == 0 {
		t.Errorf("%v, blocked: %v", took, blocked)
	}
}

func TestAFlightGoesBackAsFarAsItWasAskedTo(t *testing.T) {
	for _, test := range []struct{ events, least, most uint64 }{{2000, 2000, 4000}, {100_000, 100_000, 102_000}} {
		var saved savedList
		r, _ := startFlight(t, console.Flight{Events: int(test.events), On: console.OnFailure, Saved: saved.add})
		err := asyncio.Run(context.Background(), func(ctx context.Context) error {
			for range 60_000 { // three events each
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
			var never asyncio.Event
			return never.Wait(ctx)
		})
		list := saved.all()
		if !errors.Is(err, asyncio.ErrDeadlock) || len(list) != 1 || list[0].Err != nil {
			t.Fatalf("%v, %+v", err, list)
		}
		if s := check(t, list[0].File); s.Events < test.least || s.Events > test.most || s.Lost != 0 {
			t.Errorf("%d events are saved where %d were asked for, %d lost", s.Events, test.events, s.Lost)
		}
		r.Close()
	}
	if _, err := console.StartFlight(console.Flight{Dir: t.TempDir(), Events: -1}); err == nil {
		t.Error("a flight recorder keeps less than nothing")
	}
}

func TestTheRecordingOfAPanicThatEndsTheProgram(t *testing.T) {
	var saved savedList
	startFlight(t, console.Flight{Saved: saved.add})
	func() {
		defer func() {
			if list := saved.all(); recover() == nil || len(list) != 1 {
				t.Errorf("when Run panics there is %+v", list)
			}
		}()
		asyncio.Run(context.Background(), func(ctx context.Context) error {
			asyncio.Go(ctx, func(context.Context) error { panic("out of cheese") }, asyncio.TaskName("mouse"))
			return asyncio.Yield(ctx)
		}, asyncio.OnError(func(asyncio.Report) {}))
	}()
	if s := check(t, saved.all()[0].File); s.Ended == nil || !strings.Contains(s.Ended.Error, "out of cheese") || saved.all()[0].Why != "failure" {
		t.Errorf("%+v, %+v", saved.all()[0], s)
	}
}

func TestAFlightRecorderThatIsClosedSavesNothingAndDoesNotWait(t *testing.T) {
	r, _ := startFlight(t, console.Flight{})
	err := asyncio.Run(context.Background(), func(ctx context.Context) error { return r.Close() })
	if _, saveErr := r.Save(context.Background(), "too late"); err != nil || saveErr == nil {
		t.Errorf("closed with %v, saved with %v", err, saveErr)
	}
}
