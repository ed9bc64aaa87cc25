package asynciotest_test

import (
	"context"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/internal/coro"
)

// recorder is a test that notes its failures instead of failing.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	if len(args) == 1 {
		r.failures = append(r.failures, args[0].(string))
	}
}

func TestCheckLeaks(t *testing.T) {
	t.Run("finds nothing after a run with tasks and threads, in virtual and in real time", func(t *testing.T) {
		defer asynciotest.CheckLeaks(t)()
		program := func(ctx context.Context) error {
			for range 10 {
				asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			}
			_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return 1, nil })
			return err
		}
		if err := asynciotest.Main(t, program); err != nil {
			t.Error(err)
		}
		if err := asyncio.Run(context.Background(), program); err != nil {
			t.Error(err)
		}
	})

	t.Run("finds a goroutine, with its stack", func(t *testing.T) {
		r := &recorder{TB: t}
		check := asynciotest.CheckLeaks(r)
		quit := make(chan struct{})
		go leakedByTheTest(quit)
		check()
		close(quit)
		if len(r.failures) != 1 || !strings.Contains(r.failures[0], "leakedByTheTest") {
			t.Errorf("found %q", r.failures)
		}
	})

	t.Run("finds a coroutine", func(t *testing.T) {
		r := &recorder{TB: t}
		check := asynciotest.CheckLeaks(r)
		c := coro.New(0)
		check()
		c.Close()
		if len(r.failures) == 0 || !strings.Contains(r.failures[len(r.failures)-1], "1 coroutines") {
			t.Errorf("found %q", r.failures)
		}
	})

	t.Run("finds a descriptor", func(t *testing.T) {
		if runtime.GOOS != "linux" {
			t.Skip("this system has no /proc/self/fd")
		}
		r := &recorder{TB: t}
		check := asynciotest.CheckLeaks(r)
		f, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		check()
		f.Close()
		if len(r.failures) != 1 || !strings.Contains(r.failures[0], os.DevNull) {
			t.Errorf("found %q", r.failures)
		}
	})
}

func leakedByTheTest(quit chan struct{}) { <-quit }
