package tape_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// A watcher records each loop of a test from its beginning, and counts at its end.
type watcher struct {
	opts    tape.Options
	r       *tape.Recorder
	batches []*tape.Batch
	last    monitor.Stats
}

func (w *watcher) LoopBegins(s monitor.Source) { w.r = tape.Record(s, w.opts) }
func (w *watcher) LoopEnds(s monitor.Source, err error) {
	w.r.End(err)
	w.batches, _ = w.r.Capture(context.Background(), 0)
	w.last = s.Last()
}
func (w *watcher) Reported(monitor.Source, monitor.Report) {}

// recorded runs a program and returns its recording, which has passed all checks.
func recorded(t *testing.T, run func() error, opts tape.Options) (*watcher, tape.Summary) {
	t.Helper()
	opts.MaxEvents = -1
	w := &watcher{opts: opts}
	stop := monitor.Watch(w)
	err := run()
	stop()
	if err != nil {
		t.Fatal(err)
	}
	return w, checked(t, w, true)
}

// checked writes the recording, reads it again and replays it.
func checked(t *testing.T, w *watcher, fair bool) tape.Summary {
	t.Helper()
	var text bytes.Buffer
	if err := tape.Write(&text, w.r.Header(), w.batches); err != nil {
		t.Fatal(err)
	}
	s, err := tape.Check(bytes.NewReader(text.Bytes()), fair)
	if err != nil {
		t.Fatalf("%v in\n%.30000s", err, text.Bytes())
	}
	var out bytes.Buffer
	if err := tape.WritePerfetto(&out, w.r.Header(), tape.Each(w.batches)); err != nil {
		t.Fatal(err)
	}
	parseTrace(t, out.Bytes())
	return s
}

// busy is a program with everything that moves tasks.
func busy(ctx context.Context) error {
	queue := asyncio.NewQueue[int](2)
	var lock asyncio.Lock
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
		g.Go(func(ctx context.Context) error {
			defer queue.Shutdown(false)
			for i := range 300 {
				if err := queue.Put(ctx, i); err != nil {
					return err
				}
				if i%50 == 0 {
					asyncio.Sleep(ctx, time.Millisecond)
				}
			}
			return nil
		}, asyncio.TaskName("producer"))
		g.Go(func(ctx context.Context) error {
			for {
				if _, err := queue.Get(ctx); err != nil {
					return nil
				}
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
		}, asyncio.TaskName("consumer"))
		for i := range 20 {
			g.Go(func(ctx context.Context) error {
				if err := lock.Acquire(ctx); err != nil {
					return err
				}
				defer lock.Release()
				return asyncio.Sleep(ctx, 100*time.Microsecond)
			}, asyncio.TaskName(fmt.Sprint("worker ", i)))
		}
		g.Go(func(ctx context.Context) error {
			ctx, limit := asyncio.WithTimeout(ctx, 2*time.Millisecond)
			defer limit.Cancel()
			if err := asyncio.Sleep(ctx, time.Hour); err == nil {
				return errors.New("an hour has passed")
			}
			_, err := asyncio.ToThread(context.WithoutCancel(ctx), func(context.Context) (int, error) { return 1, nil })
			return err
		}, asyncio.TaskName("limited"), asyncio.Eager())
		cancelled := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		asyncio.CallLater(ctx, time.Millisecond, func() { cancelled.Cancel(nil) })
		for range 500 { // tasks that never wait: they follow each other without a switch
			g.Go(func(context.Context) error { return nil })
		}
		return nil
	})
}

func TestARecordingOfARealProgramIsWhatTheLoopCounted(t *testing.T) {
	for _, detail := range []monitor.Detail{monitor.Coarse, monitor.Exact, monitor.Stacks} {
		t.Run(tape.DetailName(detail), func(t *testing.T) {
			w, s := recorded(t, func() error { return asyncio.Run(context.Background(), busy) }, tape.Options{Detail: detail})
			if s.Lost != 0 || s.Left != 0 || s.Ended == nil || s.Ended.Error != "" {
				t.Errorf("%+v", s)
			}
			if s.Made != w.last.Created {
				t.Errorf("%d tasks were made, and the loop counts %d", s.Made, w.last.Created)
			}
			entries := s.Steps
			for _, b := range w.batches {
				for _, e := range b.Events {
					if e.Kind == monitor.Callback {
						entries++
					}
				}
			}
			if eager := uint64(1); entries-eager != w.last.Entries {
				t.Errorf("%d steps and callbacks, one of them eager; the loop counts %d", entries, w.last.Entries)
			}
		})
	}
}

// ran is how long each task ran, as a recording has it.
func ran(batches []*tape.Batch) map[uint64]time.Duration {
	m := tape.NewModel()
	took := map[uint64]time.Duration{}
	m.OnState = func(l *tape.Life, until int64) {
		if l.State == tape.Running {
			took[l.ID] += time.Duration(until - l.Since)
		}
	}
	for _, b := range batches {
		for _, e := range b.Events {
			m.Apply(e)
		}
	}
	return took
}

// A coarse recording looks at the clock only now and then. Steps of some length have
// times of their own all the same: nobody is blamed for what others took.
func TestTasksThatTakeTurnsHaveEachItsOwnTime(t *testing.T) {
	var own [2]time.Duration
	begun, last := time.Now(), 0
	turn := func(i int) { // what a busy machine takes between two steps is the first one's
		now := time.Now()
		own[last] += now.Sub(begun)
		begun, last = now, i
	}
	w, _ := recorded(t, func() error {
		return asyncio.Run(context.Background(), func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				begun = time.Now()
				for i := range own {
					g.Go(func(ctx context.Context) error {
						for range 200 {
							turn(i)
							for time.Since(begun) < time.Duration(100+200*i)*time.Microsecond {
							}
							asyncio.Yield(ctx)
						}
						turn(i)
						return nil
					})
				}
				return nil
			})
		})
	}, tape.Options{Detail: monitor.Coarse})
	took := ran(w.batches)
	for i, own := range own {
		if told := took[uint64(i)+2]; told < own*9/10 || told > own*11/10 {
			t.Errorf("task %d ran for %v, it says; the task itself has measured %v", i+2, told, own)
		}
	}
}

func TestTimesOfARealProgramAreThoseThatItTook(t *testing.T) {
	w, _ := recorded(t, func() error {
		return asyncio.Run(context.Background(), func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
				g.Go(func(context.Context) error { time.Sleep(150 * time.Millisecond); return nil }, asyncio.TaskName("slow"))
				g.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, 50*time.Millisecond) }, asyncio.TaskName("quick"))
				return nil
			})
		}, asyncio.SlowStep(20*time.Millisecond), asyncio.OnError(func(asyncio.Report) {}))
	}, tape.Options{Detail: monitor.Coarse})
	took := ran(w.batches)
	if slow := took[2]; slow < 145*time.Millisecond {
		t.Errorf("the slow task ran for %v, it says, of 150ms in which it blocked the loop", slow)
	}
	if took[3] > took[2]/2 {
		t.Errorf("the quick task ran for %v, it says", took[3])
	}
}

func TestARecordingInVirtualTimeIsExactAndTheSameEachTime(t *testing.T) {
	run := func() string {
		w, s := recorded(t, func() error {
			asynciotest.Run(t, func(ctx context.Context) {
				for i := range 3 {
					asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Duration(i+1)*time.Second) })
				}
				asyncio.Sleep(ctx, 3*time.Second)
			})
			return nil
		}, tape.Options{})
		if !s.Header.Virtual || s.Last != int64(3*time.Second) {
			t.Errorf("%+v", s)
		}
		var text []byte
		for _, b := range w.batches {
			text = b.Append(text)
		}
		return string(text)
	}
	if a, b := run(), run(); a != b {
		t.Errorf("two runs of one program are\n%s\nand\n%s", a, b)
	}
}

func TestARecordingThatBeginsInTheMiddleSaysWhatIsThere(t *testing.T) {
	var s tape.Summary
	var first *tape.Batch
	var names []string
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		source := monitor.Loops()[0]
		for i := range 1000 {
			asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.TaskName(fmt.Sprint("sleeper ", i)))
		}
		asyncio.Sleep(ctx, time.Millisecond)
		r := tape.Record(source, tape.Options{MaxEvents: -1})
		var text bytes.Buffer
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			done := new(asyncio.Event)
			g.Go(func(ctx context.Context) error {
				for !done.IsSet() {
					if err := asyncio.Sleep(ctx, 100*time.Microsecond); err != nil {
						return err
					}
				}
				return nil
			})
			batches, err := asyncio.ToThread(ctx, func(ctx context.Context) ([]*tape.Batch, error) { return r.Capture(ctx, 120*time.Millisecond) })
			done.Set()
			if err != nil {
				return err
			}
			first = batches[0]
			return tape.Write(&text, r.Header(), batches)
		})
		if err != nil {
			return err
		}
		s, err = tape.Check(&text, true)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range first.Events {
		if e.Kind == tape.Exists && e.A == int64(tape.Waiting) && text(first, e.B) == "sleep" {
			i := slices.IndexFunc(first.Tasks, func(x tape.Task) bool { return x.ID == e.Task })
			names = append(names, first.Tasks[i].Name)
			if d := time.Duration(e.D - e.C); d < time.Hour || d > time.Hour+time.Minute {
				t.Errorf("%s sleeps for an hour, and its timer is said to be due %v after the sleep began", names[len(names)-1], d)
			}
		}
	}
	if s.Left < 1002 || len(names) < 1000 || names[0] != "sleeper 0" || s.Steps < 10 {
		t.Errorf("%d sleepers and %+v", len(names), s)
	}
}

func TestALoopIsNotHeldUpByARecordingOfManyTasks(t *testing.T) {
	const tasks = 20_000
	var worst time.Duration
	var listed int
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		for range tasks {
			asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		}
		asyncio.Sleep(ctx, time.Millisecond)
		r := tape.Record(monitor.Loops()[0], tape.Options{MaxEvents: -1})
		over := false
		asyncio.Go(ctx, func(ctx context.Context) error {
			last := time.Now()
			for !over {
				asyncio.Yield(ctx)
				now := time.Now()
				worst = max(worst, now.Sub(last))
				last = now
			}
			return nil
		})
		b, err := asyncio.ToThread(ctx, func(ctx context.Context) (*tape.Batch, error) { return r.Next(ctx) })
		over = true
		r.Close()
		for _, e := range b.Events {
			if e.Kind == tape.Exists {
				listed++
			}
		}
		return err
	})
	if err != nil || listed < tasks {
		t.Fatalf("%v, %d tasks", err, listed)
	}
	t.Logf("the loop was held up for %v at most", worst) // no bound: the machine may do other things
}

func TestRecordingsOfRandomProgramsAreConsistent(t *testing.T) {
	for seed := range int64(30) {
		w, s := recorded(t, func() error {
			return asyncio.Run(context.Background(), func(ctx context.Context) error { return random(ctx, seed) },
				asyncio.OnError(func(asyncio.Report) {}))
		}, tape.Options{Detail: monitor.Detail(seed % 3)})
		if s.Left > 0 || s.Made != w.last.Created {
			t.Errorf("seed %d: %+v; the loop has made %d", seed, s, w.last.Created)
		}
	}
}

// random makes a tree of tasks that do this and that, and cancels some of them.
func random(ctx context.Context, seed int64) error {
	state := uint64(seed)*2654435761 + 1
	next := func(n uint64) uint64 {
		state = state*6364136223846793005 + 1442695040888963407
		return state >> 33 % n
	}
	var lock asyncio.Lock
	event := new(asyncio.Event)
	var body func(depth int) func(context.Context) error
	body = func(depth int) func(context.Context) error {
		return func(ctx context.Context) error {
			for range next(6) {
				var err error
				switch next(8) {
				case 0:
					err = asyncio.Yield(ctx)
				case 1:
					err = asyncio.Sleep(ctx, time.Duration(next(300))*time.Microsecond)
				case 2:
					if err = lock.Acquire(ctx); err == nil {
						err = asyncio.Yield(ctx)
						lock.Release()
					}
				case 3:
					limit, end := asyncio.WithTimeout(ctx, time.Duration(next(500))*time.Microsecond)
					event.Wait(limit)
					end.Cancel()
				case 4:
					if depth < 3 {
						var opts []asyncio.TaskOption
						if next(2) == 0 {
							opts = append(opts, asyncio.Eager())
						}
						child := asyncio.Go(ctx, body(depth+1), opts...)
						if next(3) == 0 {
							child.Cancel(nil)
						}
					}
				case 5:
					asyncio.CallSoon(ctx, event.Set)
				case 6:
					event.Clear()
				case 7:
					return errors.New("had enough")
				}
				if err != nil {
					return err
				}
			}
			return nil
		}
	}
	for range 5 {
		asyncio.Go(ctx, body(0))
	}
	return asyncio.Sleep(ctx, time.Millisecond)
}

func TestTheEndOfADeadlockTellsWhatEverybodyWaitedFor(t *testing.T) {
	w := &watcher{opts: tape.Options{MaxEvents: -1}}
	stop := monitor.Watch(w)
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		var lock asyncio.Lock
		if err := lock.Acquire(ctx); err != nil {
			return err
		}
		defer lock.Release()
		asyncio.Go(ctx, lock.Acquire, asyncio.TaskName("waiter"))
		return new(asyncio.Event).Wait(ctx)
	}, asyncio.OnError(func(asyncio.Report) {}))
	stop()
	s := checked(t, w, true)
	if !errors.Is(err, asyncio.ErrDeadlock) || s.Ended == nil || !strings.Contains(s.Ended.Error, "deadlock") {
		t.Errorf("%v, %+v", err, s)
	}
	m := tape.NewModel()
	on := map[uint64]string{}
	words := []string{""}
	m.OnState = func(l *tape.Life, until int64) {
		if l.State == tape.Waiting && on[l.ID] == "" {
			on[l.ID] = words[l.On]
		}
	}
	for _, b := range w.batches {
		words = append(words, b.Strings...)
		for _, e := range b.Events {
			m.Apply(e)
		}
	}
	if len(on) != 2 || on[1] != "Event" || on[2] != `Lock held by task "main"` {
		t.Errorf("they waited for %v", on)
	}
}

// A live stream has, batch by batch, what is recorded as a whole.
func TestBatchesOfALoopThatRunsFitTogether(t *testing.T) {
	done := make(chan error, 1)
	w := &following{done: done}
	stop := monitor.Watch(w)
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		for range 60 {
			if err := busy(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	stop()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := tape.Write(&text, w.r.Header(), w.batches); err != nil {
		t.Fatal(err)
	}
	s, err := tape.Check(&text, true)
	if err != nil {
		t.Fatal(err)
	}
	if len(w.batches) < 3 || s.Lost == 0 && s.Left > 0 || s.Ended == nil {
		t.Errorf("%d batches, %+v", len(w.batches), s)
	}
	t.Logf("%d batches, %d events, %d lost", len(w.batches), s.Events, s.Lost)
}

// A following watcher reads while the loop runs.
type following struct {
	r       *tape.Recorder
	batches []*tape.Batch
	done    chan error
}

func (f *following) LoopBegins(s monitor.Source) {
	f.r = tape.Record(s, tape.Options{MaxEvents: -1})
	go func() {
		for {
			b, err := f.r.Next(context.Background())
			if err != nil {
				if err == io.EOF {
					err = nil
				}
				f.done <- err
				return
			}
			f.batches = append(f.batches, b)
		}
	}()
}
func (f *following) LoopEnds(s monitor.Source, err error)        { f.r.End(err) }
func (f *following) Reported(s monitor.Source, r monitor.Report) {}
