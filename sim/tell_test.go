package sim_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/sim"
)

// listener is a test that may fail: it keeps what it is told.
type listener struct {
	testing.TB
	name            string
	said            strings.Builder
	failed, skipped bool
}

func (l *listener) Name() string                   { return l.name }
func (l *listener) Helper()                        {}
func (l *listener) Error(args ...any)              { l.failed = true; fmt.Fprintln(&l.said, args...) }
func (l *listener) Errorf(format string, a ...any) { l.Error(fmt.Sprintf(format, a...)) }
func (l *listener) Logf(format string, a ...any)   { fmt.Fprintf(&l.said, format+"\n", a...) }
func (l *listener) Fatalf(format string, a ...any) { l.Errorf(format, a...); runtime.Goexit() }
func (l *listener) Skipf(format string, a ...any) {
	l.skipped = true
	l.Logf(format, a...)
	runtime.Goexit()
}

// listen runs a campaign and returns what it has said.
func listen(t *testing.T, name string, body func(*sim.World), opts ...sim.Option) *listener {
	t.Helper()
	l := &listener{TB: t, name: name}
	done := make(chan struct{})
	go func() {
		defer close(done)
		sim.Check(l, body, opts...)
	}()
	<-done
	return l
}

// recordings keeps recordings in a directory of the test.
func recordings(t *testing.T) { t.Setenv("SIM_DIR", t.TempDir()) }

// part is what a pattern's group finds in what was said.
func (l *listener) part(t *testing.T, pattern string) string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(l.said.String())
	if found == nil {
		t.Fatalf("there is no %s in\n%s", pattern, &l.said)
	}
	return found[len(found)-1]
}

func (l *listener) hash(t *testing.T) string      { t.Helper(); return l.part(t, `hash: +(\w{16}),`) }
func (l *listener) token(t *testing.T) string     { t.Helper(); return l.part(t, `SIM_REPLAY=(\S+)`) }
func (l *listener) recording(t *testing.T) string { t.Helper(); return l.part(t, `recording: (\S+)`) }

func (l *listener) wants(t *testing.T, patterns ...string) {
	t.Helper()
	for _, p := range patterns {
		l.part(t, p)
	}
}

// lost is two tasks that read, wait and write, the second one some waits later.
func lost(w *sim.World) { loses(w, nil) }

func loses(w *sim.World, before func(ctx context.Context)) {
	x := 0
	add := func(ctx context.Context) {
		v := x
		asyncio.Yield(ctx)
		x = v + 1
	}
	early := w.Go("early", func(ctx context.Context) error {
		if before != nil {
			before(ctx)
		}
		add(ctx)
		return nil
	})
	late := w.Go("late", func(ctx context.Context) error {
		for range 9 {
			asyncio.Yield(ctx)
		}
		add(ctx)
		return nil
	})
	early.Await(w.Context())
	late.Await(w.Context())
	if x != 2 {
		w.Errorf("x is %d, want 2", x)
	}
}

func TestAFailureTellsWhatHasHappened(t *testing.T) {
	recordings(t)
	l := listen(t, "TestLost", lost)
	l.wants(t,
		`^sim: seed 1, mix/\w+, schedule \d+ of 200 \(.*s each\); shrunk \d+ -> 1 choices in `,
		`at t=0s on host "test": x is 1, want 2`,
		`1 +t=0s +test +test +starts`,
		`t=0s +test +late +.*tell_test.go:\d+.*steps\)`,
		`<- runs here; in the nearest passing run \w+ goes first`,
		`FAILS HERE at tell_test.go:\d+`,
		`the nearest passing run goes on otherwise:`,
		`replay: +SIM_SEED=1 SIM_REPLAY=u1:\S+ go test -run '\^TestLost\$' github.com/goasyncio/asyncio/sim\n`,
	)
	if _, err := os.Stat(l.recording(t)); err != nil {
		t.Errorf("the recording is not there: %v", err)
	}
}

func TestADeadlockTellsWhoWaitsForWhat(t *testing.T) {
	recordings(t)
	l := listen(t, "TestDeadlock", func(w *sim.World) {
		var a, b asyncio.Lock
		both := func(first, second *asyncio.Lock, waits int) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				for range waits {
					asyncio.Yield(ctx)
				}
				if err := first.Acquire(ctx); err != nil {
					return err
				}
				defer first.Release()
				if err := second.Acquire(ctx); err != nil {
					return err
				}
				second.Release()
				return nil
			}
		}
		ab, ba := w.Go("ab", both(&a, &b, 0)), w.Go("ba", both(&b, &a, 5))
		ab.Await(w.Context())
		ba.Await(w.Context())
	})
	l.wants(t,
		`deadlock: every task of host "test" waits`,
		`cycle: ab waits for Lock held by task "ba" -> ba waits for Lock held by task "ab" -> ab`,
		`host +task +waits for +held by +at`,
		`test +ab +Lock held by task "ba" +ba +tell_test.go:\d+`,
		`FAILS HERE`,
	)
}

func TestAPanicTellsWhere(t *testing.T) {
	recordings(t)
	l := listen(t, "TestPanic", func(w *sim.World) {
		w.Host("db", func(ctx context.Context) error {
			asyncio.Yield(ctx)
			panic("boom")
		})
		asyncio.Sleep(w.Context(), 1)
	})
	l.wants(t, `on host "db": panic in task "main": boom`, `sim_test.TestAPanicTellsWhere.*\n.*tell_test.go:\d+`)
	if strings.Contains(l.said.String(), "internal/coro") {
		t.Errorf("the stack has lines of the runtime:\n%s", &l.said)
	}
}

func TestATokenReplaysTheSameSteps(t *testing.T) {
	recordings(t)
	found := listen(t, "TestLost", lost)
	t.Setenv("SIM_REPLAY", found.token(t))
	again := listen(t, "TestLost", lost)
	if again.hash(t) != found.hash(t) {
		t.Errorf("the replay was another schedule:\n%s\n%s", &found.said, &again.said)
	}
	again.wants(t, `sim: seed 1, replay`, `x is 1, want 2`)
}

// demo says that TestDemoFailure is to fail.
const demo = "ASYNCIO_SIM_DEMO"

func TestDemoFailure(t *testing.T) {
	if os.Getenv(demo) == "" {
		t.Skip("it fails, for TestTheCommandLineReplays")
	}
	t.Run("in a subtest", func(t *testing.T) { sim.Check(t, lost) })
}

func TestTheCommandLineReplays(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds this test again")
	}
	for _, tool := range []string{"sh", "go"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	recordings(t)
	found := listen(t, "TestDemoFailure/in_a_subtest", lost)
	paste := exec.Command("sh", "-c", found.part(t, `replay: +(.*)\n`))
	paste.Env = append(os.Environ(), demo+"=1")
	out, err := paste.CombinedOutput()
	if err == nil {
		t.Fatalf("the replay passes:\n%s", out)
	}
	if want := "hash:      " + found.hash(t); !strings.Contains(string(out), want) {
		t.Errorf("the replay has not %q:\n%s", want, out)
	}
}

func TestARecordingReplays(t *testing.T) {
	recordings(t)
	found := listen(t, "TestLost", lost)
	for _, prefix := range []string{"", "@"} {
		t.Setenv("SIM_REPLAY", prefix+found.recording(t))
		again := listen(t, "TestLost", lost)
		if again.hash(t) != found.hash(t) {
			t.Errorf("the replay was another schedule:\n%s\n%s", &found.said, &again.said)
		}
		again.wants(t, `the program has done all that is in the recording`)
	}
	t.Run("and not for another test", func(t *testing.T) {
		if other := listen(t, "TestOther", lost); !other.skipped {
			t.Errorf("it was:\n%s", &other.said)
		}
	})
	t.Run("but one that is not there is an error", func(t *testing.T) {
		t.Setenv("SIM_REPLAY", "@nowhere.json")
		listen(t, "TestLost", lost).wants(t, `recording: open nowhere.json`)
	})
}

func TestARecordingReplaysAfterAnEdit(t *testing.T) {
	recordings(t)
	t.Setenv("SIM_REPLAY", "@"+listen(t, "TestLost", lost).recording(t))
	edited := listen(t, "TestLost", func(w *sim.World) {
		loses(w, func(ctx context.Context) { asyncio.Yield(ctx) })
	})
	edited.wants(t, `x is 1, want 2`, `the program is not the recorded one: after \d+ steps and draws, at t=0s, task "early" of host "test" \(tell_test.go:\d+\) came, where the recording has `)
}

func TestAReplayThatPassesRunsItsNeighbours(t *testing.T) {
	recordings(t)
	found := listen(t, "TestLost", lost)
	for name, replay := range map[string]string{"of a token": found.token(t), "of a recording": found.recording(t)} {
		t.Setenv("SIM_REPLAY", replay)
		t.Run(name, func(t *testing.T) {
			fixed := listen(t, "TestLost", func(w *sim.World) {
				for range 3 {
					asyncio.Yield(w.Context())
				}
			})
			if fixed.failed {
				t.Errorf("it failed:\n%s", &fixed.said)
			}
			fixed.wants(t, `the schedule passes now(.|\n)*and so do 200 neighbours`)
			moved := listen(t, "TestLost", func(w *sim.World) {
				loses(w, func(ctx context.Context) {
					for range 4 {
						asyncio.Yield(ctx)
					}
				})
			})
			moved.wants(t, `x is 1, want 2`)
		})
	}
}

func TestADiagramOfTheFailureIsDrawn(t *testing.T) {
	recordings(t)
	for name, begins := range map[string]string{"d.svg": "<svg ", "d.html": "<!DOCTYPE html>"} {
		file := filepath.Join(t.TempDir(), name)
		t.Setenv("SIM_HTML", file)
		listen(t, "TestLost", lost).wants(t, `diagram: +`+regexp.QuoteMeta(file))
		page, err := os.ReadFile(file)
		if err != nil || !strings.HasPrefix(string(page), begins) || !strings.Contains(string(page), "x is 1, want 2") {
			t.Errorf("%s: %v\n%.200s", name, err, page)
		}
	}
	t.Run("or it is said why not", func(t *testing.T) {
		t.Setenv("SIM_HTML", filepath.Join(t.TempDir(), "nowhere", "d.svg"))
		listen(t, "TestLost", lost).wants(t, `there is no diagram: open .*nowhere`, `x is 1, want 2`)
	})
}

func TestWhatHappensBetweenTheHostsIsInTheTrace(t *testing.T) {
	recordings(t)
	l := listen(t, "TestBetween", func(w *sim.World) {
		h := w.Host("db", serveEcho)
		w.After(time.Second, "the moon rises", func() {})
		asyncio.Sleep(w.Context(), 2*time.Second)
		w.Crash(h)
		w.Restart(h)
		w.Pause(h)
		w.Reached("a mark")
		_, _ = echo(w.Context(), "db:7", "hello")
		w.Errorf("enough")
	}, sim.WithFaults(sim.Faults{}))
	l.wants(t, `t=1s +world +· +the moon rises`, `t=2s +db +· +crashed`, `t=2s +db +· +restarted`, `t=2s +db +· +paused`,
		`t=2s +test +· +mark a mark`, `host "test": enough`)
}

func TestAReplayIsOfOneCallOfCheck(t *testing.T) {
	recordings(t)
	l := &listener{TB: t, name: "TestTwoCalls"}
	var ran atomic.Int64 // worlds run in parallel
	both := func() {
		sim.Check(l, func(*sim.World) { ran.Add(1) })
		sim.Check(l, lost)
	}
	both()
	token, recording, hash := l.token(t), l.recording(t), l.hash(t)
	if !strings.HasPrefix(token, "2/u1:") {
		t.Fatalf("the token is %s", token)
	}
	for _, replay := range []string{token, recording} {
		t.Setenv("SIM_REPLAY", replay)
		ran.Store(0)
		l = &listener{TB: t, name: "TestTwoCalls"}
		both()
		if ran.Load() != 0 || l.hash(t) != hash {
			t.Errorf("%s: the first call ran %d worlds\n%s", replay, ran.Load(), &l.said)
		}
	}
}

func TestAFailureNamesGoroutinesThatTheWorldHasNotMade(t *testing.T) {
	recordings(t)
	end := make(chan struct{})
	defer close(end)
	l := listen(t, "TestStranger", func(w *sim.World) {
		go func() { <-end }()
		asyncio.Yield(w.Context())
		w.Errorf("enough")
	})
	l.wants(t, `enough`, `a goroutine that the world has not made was made at tell_test.go:\d+, by .*sim_test`)
}

func TestAReplayCanBeShrunk(t *testing.T) {
	recordings(t)
	found := listen(t, "TestLost", lost)
	t.Setenv("SIM_REPLAY", "u1:AAEAAQABAgEFAQEBAQEBAQ") // with decisions that do not matter
	t.Setenv("SIM_SHRINK", "1m")
	l := listen(t, "TestLost", func(w *sim.World) {
		lost(w)
		w.Errorf("x is 1, want 2")
	})
	l.wants(t, `shrunk \d+ -> 0 choices`)
	if found.token(t) == l.token(t) {
		t.Error("it is the schedule that was found before")
	}
}

func TestALongTapeIsReplayedByItsRecording(t *testing.T) {
	recordings(t)
	l := listen(t, "TestLong", func(w *sim.World) {
		sum := 0
		for range 3000 {
			sum += w.Int(1<<20, "a number")
		}
		if sum > 0 {
			w.Errorf("the sum is %d", sum)
		}
	}, sim.Shrink(0))
	token := l.token(t)
	if !strings.HasPrefix(token, "@") || token[1:] != l.recording(t) {
		t.Fatalf("the command has %.100s", token)
	}
	t.Setenv("SIM_REPLAY", token)
	again := listen(t, "TestLong", func(w *sim.World) {
		for range 3000 {
			w.Int(1<<20, "a number")
		}
		w.Errorf("the sum is 0")
	})
	if again.hash(t) != l.hash(t) {
		t.Errorf("the replay is another schedule")
	}
}
