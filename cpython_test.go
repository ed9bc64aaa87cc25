package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
)

// The tests in cpython_*_test.go hold what CPython's asyncio does in a given
// scenario, one test a scenario, each with its ID: TestC04 is scenario C04.
// Where this package decides otherwise the test says so, and docs/from-python.md
// gives the reason. Scenarios without a meaning in Go are listed there as well.

// errBoom is the error that tasks fail with.
var errBoom = errors.New("boom")

// trail is what happened, in order.
type trail []string

func (tr *trail) log(format string, args ...any) { *tr = append(*tr, fmt.Sprintf(format, args...)) }

// want checks what has happened so far.
func (tr *trail) want(t testing.TB, want ...string) {
	t.Helper()
	if !slices.Equal(*tr, want) {
		t.Errorf("happened: %q, want %q", *tr, want)
	}
}

// logger makes a callback that logs.
func (tr *trail) logger(text string) func() { return func() { tr.log("%s", text) } }

// expect compares two values by what they print, so that slices, errors and
// pairs need no code of their own.
func expect(t testing.TB, what string, got, want any) bool {
	t.Helper()
	g, w := fmt.Sprint(got), fmt.Sprint(want)
	if g != w {
		t.Errorf("%s: %s, want %s", what, g, w)
	}
	return g == w
}

func expectIs(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

func expectNot(t testing.TB, what string, err, unwanted error) {
	t.Helper()
	if errors.Is(err, unwanted) {
		t.Errorf("%s: error %v must not be %v", what, err, unwanted)
	}
}

// must is for what cannot fail in a test.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// value gives a result that comes without an error.
func value[T any](t testing.TB) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// sleeps is a task body that sleeps and returns v.
func sleeps[T any](d time.Duration, v T) func(context.Context) (T, error) {
	return func(ctx context.Context) (T, error) { return v, asyncio.Sleep(ctx, d) }
}

// fails is a task body that sleeps and fails.
func fails(d time.Duration, err error) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		if cancelled := asyncio.Sleep(ctx, d); cancelled != nil {
			return 0, cancelled
		}
		return 0, err
	}
}

// forever waits for its own end.
func forever(ctx context.Context) (int, error) {
	return 0, asyncio.Sleep(ctx, 1000*time.Hour)
}

// rounds counts the loop's rounds from now on: it keeps one callback in the
// queue until it is stopped.
func rounds(ctx context.Context) (count func() int, stop func()) {
	n, stopped := 0, false
	var next func()
	next = func() {
		if !stopped {
			n++
			asyncio.CallSoon(ctx, next)
		}
	}
	asyncio.CallSoon(ctx, next)
	return func() int { return n }, func() { stopped = true }
}

// othersRan tells whether anybody else had a turn during f.
func othersRan(ctx context.Context, f func()) bool {
	ran := false
	h := asyncio.CallSoon(ctx, func() { ran = true })
	f()
	h.Cancel()
	return ran
}
