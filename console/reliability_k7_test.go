package console_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/console"
	"github.com/goasyncio/asyncio/console/internal/wire"
)

// spun is how often spinUntil has looked.
var spun int

// spinUntil keeps the processor, and so the loop, as a long computation does.
//
//go:noinline
func spinUntil(done <-chan struct{}) {
	for spins := 0; ; spins++ {
		select {
		case <-done:
			return
		default:
			spun = spins
		}
	}
}

// waitUntil blocks the loop's goroutine, as a mutex of package sync does.
//
//go:noinline
func waitUntil(done <-chan struct{}) { <-done }

func TestReliabilityK7_ALoopThatHangsIsShownWithWhatItHangsIn(t *testing.T) {
	defer asynciotest.CheckLeaks(t)()
	for name, hang := range map[string]func(<-chan struct{}){"spinUntil": spinUntil, "waitUntil": waitUntil} {
		for _, looked := range []bool{true, false} {
			t.Run(fmt.Sprintf("in %s, looked at before: %v", name, looked), func(t *testing.T) {
				s := serve(t)
				defer s.Close()
				err := hanging(t, s, hang, looked, func(of func(string) string) {
					showsTheHang(t, s, of, name, looked)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// hanging is a program one of whose tasks hangs while ask asks.
func hanging(t *testing.T, s *console.Server, hang func(<-chan struct{}), before bool, ask func(of func(string) string)) error {
	hung, release, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		<-hung
		defer close(release)
		ask(theLoop(t, s))
	}()
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		sleeper := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.TaskName("sleeper"))
		defer sleeper.Cancel(nil)
		if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
			return err
		}
		if before {
			_, err := asyncio.ToThread(ctx, func(context.Context) (wire.Tasks, error) {
				return answer[wire.Tasks](t, s, theLoop(t, s)("tasks")), nil
			})
			if err != nil {
				return err
			}
		}
		culprit := asyncio.Go(ctx, func(context.Context) error {
			close(hung)
			hang(release)
			return nil
		}, asyncio.TaskName("culprit"))
		if _, err := culprit.Await(ctx); err != nil {
			return err
		}
		_, _, err := asyncio.Receive(ctx, done)
		return err
	}, asyncio.SlowStep(-1))
}

func showsTheHang(t *testing.T, s *console.Server, of func(string) string, culprit string, looked bool) {
	t.Helper()
	var l wire.Loop
	// On a slow machine the stack may not be there with the first answer.
	eventually(t, "the loop is called blocked, with its stack", func() bool {
		for _, one := range answer[wire.Program](t, s, "program").Loops {
			if one.State == wire.Blocked {
				l = one
			}
		}
		return l.State == wire.Blocked && strings.Contains(l.Stack, culprit)
	})
	if l.BlockedSince.IsZero() {
		t.Error("nobody knows since when")
	}
	tasks := answer[wire.Tasks](t, s, of("tasks"))
	names := map[string]bool{}
	for _, task := range tasks.Tasks {
		names[task.Name] = true
	}
	if looked && (!names["sleeper"] || !names["main"] || tasks.AgeMS == 0) {
		t.Errorf("what was known before is %v, %v ms ago", names, tasks.AgeMS)
	}
	if len(tasks.Tasks) < 2 {
		t.Errorf("of the tasks it tells %v", tasks.Tasks)
	}
	resp, text := request(t, s, "/api/v1/"+of("stacks"))
	blocked, others, _ := strings.Cut(text, "\ntask ")
	if resp.StatusCode != 200 || !strings.Contains(blocked, "BLOCKED") || !strings.Contains(blocked, culprit) || !strings.Contains(others, "Sleep") {
		t.Errorf("stacks: %s %s", resp.Status, text)
	}
	eventually(t, "there is a warning with the stack", func() bool {
		w := answer[wire.Warnings](t, s, of("warnings")).Warnings
		return len(w) > 0 && w[0].Kind == wire.WarnBlocked && strings.Contains(w[0].Stack, culprit)
	})
	if st := follow(t, s, of("stream")); !strings.Contains(st.until(`"blocked":{`), culprit) {
		t.Error("the stream tells of a loop that is blocked by something else")
	} else {
		st.close()
	}
	expect(t, "state", answer[wire.Now](t, s, of("stats")).State, wire.Blocked)
}

func TestReliabilityK7_ADeadlockIsFoundAndShownThoughSomebodyWatches(t *testing.T) {
	s := serve(t)
	began := time.Now()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			answered := make(chan wire.Tasks, 1)
			go func() { answered <- answer[wire.Tasks](t, s, theLoop(t, s)("tasks")) }()
			_, _, err := asyncio.Receive(ctx, answered)
			return errors.Join(err, new(asyncio.Event).Wait(ctx))
		})
		return new(asyncio.Event).Wait(ctx)
	}, asyncio.LoopName("stuck"))
	if !errors.Is(err, asyncio.ErrDeadlock) {
		t.Fatal(err)
	}
	l := answer[wire.Program](t, s, "program").Loops[0]
	if l.State != wire.Ended || !strings.Contains(l.Error, "all 2 tasks wait") || l.EndedAt.Before(began) {
		t.Errorf("%+v", l)
	}
}

func TestReliabilityK8_NoSecretsAreTold(t *testing.T) {
	const secret = "hunter2-in-the-environment"
	t.Setenv("PASSWORD", secret)
	os.Args = append(os.Args, "--password=hunter2-in-the-arguments")
	defer func() { os.Args = os.Args[:len(os.Args)-1] }()
	s := serve(t)
	defer s.Close()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		listener, err := aionet.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer listener.Close()
		conn, err := aionet.Dial(ctx, "tcp", listener.Addr().String())
		if err != nil {
			return err
		}
		defer conn.Close()
		peer, err := listener.AcceptContext(ctx)
		if err != nil {
			return err
		}
		defer peer.Close()
		reader := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := conn.ReadContext(ctx, make([]byte, 100))
			return err
		}, asyncio.TaskName("reader"))
		defer reader.Cancel(nil)
		accepter := asyncio.Go(ctx, func(ctx context.Context) error { _, err := listener.AcceptContext(ctx); return err })
		defer accepter.Cancel(nil)
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		_, err = asyncio.ToThread(ctx, func(context.Context) (struct{}, error) {
			tellsNone(t, s, "hunter2", s.Token(), conn.LocalAddr().String(), listener.Addr().String())
			return struct{}{}, nil
		})
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// tellsNone asks for everything there is and looks for what nobody must be told.
func tellsNone(t *testing.T, s *console.Server, secrets ...string) {
	t.Helper()
	of := theLoop(t, s)
	paths := []string{"program", of("tasks/1"), of("recording?for=200ms&detail=stacks"), of("recording?for=200ms&format=perfetto")}
	for _, what := range []string{"tasks", "tree", "graph", "timers", "descriptors", "threads", "resources", "failures", "histograms", "warnings", "stacks", "stats"} {
		paths = append(paths, of(what))
	}
	for _, task := range answer[wire.Tasks](t, s, of("tasks")).Tasks {
		paths = append(paths, of(fmt.Sprintf("tasks/%d", task.ID)))
	}
	for _, path := range paths {
		resp, text := request(t, s, "/api/v1/"+path)
		expect(t, path, resp.StatusCode, http.StatusOK)
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s tells %q: %.1000s", path, secret, text)
			}
			if _, port, err := net.SplitHostPort(secret); err == nil && strings.Contains(text, ":"+port) {
				t.Errorf("%s tells the port of %q: %.1000s", path, secret, text)
			}
		}
	}
}
