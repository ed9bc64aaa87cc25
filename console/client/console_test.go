package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/console"
	"github.com/goasyncio/asyncio/console/client"
)

// withProgram runs a program with a console, and ask with a client of it on another
// goroutine.
func withProgram(t *testing.T, ask func(c *client.Client, loop uint32)) {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	s, err := console.Serve("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, err := client.Find(client.Target{PID: os.Getpid()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	err = asyncio.Run(t.Context(), func(ctx context.Context) error {
		sleeper := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.TaskName("sleeper"))
		defer sleeper.Cancel(nil)
		_, err := asyncio.ToThread(ctx, func(ctx context.Context) (struct{}, error) {
			p, err := c.Program(ctx)
			if err == nil {
				ask(c, p.Loops[0].Number)
			}
			return struct{}{}, err
		})
		return err
	}, asyncio.LoopName("asked"))
	if err != nil {
		t.Error(err)
	}
}

func TestARealConsoleAnswersEveryQuestion(t *testing.T) {
	withProgram(t, func(c *client.Client, loop uint32) {
		ctx := t.Context()
		p, err := c.Program(ctx)
		if err != nil || p.PID != os.Getpid() || p.Loops[0].Name != "asked" || p.Loops[0].State == client.Ended {
			t.Errorf("program: %+v, %v", p, err)
		}
		tasks, err := c.Tasks(ctx, loop, client.TasksQuery{Match: "SLEEP", State: "waiting", Sort: "since", Limit: 5})
		if err != nil || tasks.Matching != 1 || tasks.Total != 2 || tasks.Tasks[0].Name != "sleeper" {
			t.Fatalf("tasks: %+v, %v", tasks, err)
		}
		sleeper := tasks.Tasks[0]
		detail, err := c.Task(ctx, loop, sleeper.ID)
		if err != nil || detail.Task.WaitsFor != sleeper.WaitsFor || len(detail.Stack) == 0 || detail.Path[0].Name != "main" {
			t.Errorf("task: %+v, %v", detail, err)
		}
		tree, err := c.Tree(ctx, loop, 0, 2, 10)
		if err != nil || len(tree.Nodes) != 2 || tree.Nodes[1].ID != sleeper.ID {
			t.Errorf("tree: %+v, %v", tree, err)
		}
		graph, err := c.Graph(ctx, loop)
		if err != nil || len(graph.Cycles) != 0 {
			t.Errorf("graph: %+v, %v", graph, err)
		}
		now, err := c.Stats(ctx, loop)
		if err != nil || now.Tasks != 2 || now.State == "" {
			t.Errorf("stats: %+v, %v", now, err)
		}
		if _, err := c.Histograms(ctx, loop); err != nil {
			t.Error("histograms:", err)
		}
		if w, err := c.Warnings(ctx, loop); err != nil || len(w) != 0 {
			t.Errorf("warnings: %v, %v", w, err)
		}
		timers, _, err := c.Timers(ctx, loop, 0, 10)
		if err != nil || len(timers) != 1 || timers[0].Task != sleeper.ID {
			t.Errorf("timers: %v, %v", timers, err)
		}
		threads, next, err := c.Threads(ctx, loop, 0, 10)
		if err != nil || len(threads) != 1 || next != 0 {
			t.Errorf("threads: %v, %d, %v", threads, next, err)
		}
		_, _, e1 := c.Descriptors(ctx, loop, 0, 10)
		_, _, e2 := c.Resources(ctx, loop, 0, 10)
		_, _, e3 := c.Failures(ctx, loop, 0, 10)
		if err := errors.Join(e1, e2, e3); err != nil {
			t.Error(err)
		}
	})
}

func TestARealConsoleStreamsAndRecords(t *testing.T) {
	withProgram(t, func(c *client.Client, loop uint32) {
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
		defer stop()
		lines := 0
		for line, err := range c.Stream(ctx, loop, "exact") {
			if err != nil || !json.Valid(line) {
				t.Fatalf("line %d: %s, %v", lines, line, err)
			}
			if lines++; lines == 2 {
				break
			}
		}
		text := func(body io.ReadCloser, err error) string {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			defer body.Close()
			all, err := io.ReadAll(body)
			if err != nil {
				t.Error(err)
			}
			return string(all)
		}
		if got := text(c.Stacks(ctx, loop)); !strings.Contains(got, `"sleeper" waiting`) {
			t.Errorf("stacks: %s", got)
		}
		if got := text(c.Recording(ctx, loop, client.RecordingQuery{For: 50 * time.Millisecond, Detail: "stacks"})); !strings.HasPrefix(got, `{"format":"asyncio-recording"`) || !strings.Contains(got, `"sleeper"`) {
			t.Errorf("recording: %s", got)
		}
		if got := text(c.Recording(ctx, loop, client.RecordingQuery{For: 50 * time.Millisecond, Format: "perfetto"})); !json.Valid([]byte(got)) {
			t.Errorf("trace: %s", got)
		}
	})
}

func TestARealConsoleRefuses(t *testing.T) {
	withProgram(t, func(c *client.Client, loop uint32) {
		if _, err := client.New(c.Address(), "guess").Program(t.Context()); !errors.Is(err, client.ErrUnauthorized) {
			t.Errorf("a wrong token: %v", err)
		}
		refused := new(client.StatusError)
		if _, err := c.Task(t.Context(), loop, 99); !errors.As(err, &refused) || refused.Status != 404 {
			t.Errorf("a task that there is not: %v", err)
		}
		if _, err := c.Tasks(t.Context(), loop, client.TasksQuery{Limit: 5000}); !errors.As(err, &refused) || refused.Status != 400 {
			t.Errorf("a page that is too long: %v", err)
		}
	})
}
