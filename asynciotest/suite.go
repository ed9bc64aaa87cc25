package asynciotest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/internal/inside"
)

// hang is how long a case may take before it counts as hanging: a hundred times
// what the slowest takes on a slow machine. No case waits for it.
const hang = 60 * time.Second

// suite is what the suites have in common.
type suite struct{ traits Trait }

// allow skips the case where the kind has a trait that rules it out.
func (s suite) allow(t *testing.T, without Trait) {
	t.Helper()
	if no := s.traits & without; no != 0 {
		t.Skipf("not for this kind:%v", no)
	}
}

// run runs a case on a loop of its own and checks that nothing is left of it.
func (s suite) run(t *testing.T, main func(ctx context.Context) error) {
	t.Helper()
	defer CheckLeaks(t)()
	if inside.RunSuite != nil {
		inside.RunSuite(t, main)
		return
	}
	ctx := context.Background()
	if s.traits&VirtualTime != 0 {
		ctx = Context(ctx)
	}
	audit := func(b inside.Books) {
		if err := b.Err(); err != nil {
			t.Error(err)
		}
	}
	err := asyncio.Run(inside.WithAudit(ctx, audit), func(ctx context.Context) error {
		if s.traits&VirtualTime == 0 { // where whatever hangs is a deadlock
			bounded, timeout := asyncio.WithTimeout(ctx, hang)
			defer timeout.Cancel()
			ctx = bounded
		}
		// A task, because a plain Read waits under the context of its task.
		_, err := asyncio.Go(ctx, main).Join(ctx)
		return err
	})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Error(err)
	}
}

// together runs the functions as the tasks of one group.
func together(ctx context.Context, fns ...func(ctx context.Context) error) error {
	return asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
		for _, fn := range fns {
			g.Go(fn)
		}
		return nil
	})
}

// A countedWait is a Read, a Write or the like: what waits and counts bytes.
type countedWait func(ctx context.Context, p []byte) (n int, err error)

// An outcome is what a countedWait has returned.
type outcome struct {
	n   int
	err error
}

// begin starts a wait as a task and lets it come to where it waits. Its error is
// part of its result, and not the task's.
func begin(ctx context.Context, f countedWait, p []byte) (*asyncio.Task[outcome], error) {
	task := asyncio.CreateTask(ctx, func(ctx context.Context) (outcome, error) {
		n, err := f(ctx, p)
		return outcome{n, err}, nil
	})
	return task, WaitIdle(ctx)
}

// plain makes a countedWait of a method that takes no context.
func plain(f func(p []byte) (int, error)) countedWait {
	return func(_ context.Context, p []byte) (int, error) { return f(p) }
}

// send writes all of data in one call.
func send(ctx context.Context, s Stream, data []byte) error {
	n, err := s.WriteContext(ctx, data)
	if err == nil && n != len(data) {
		err = fmt.Errorf("a write of %d bytes returned %d and no error", len(data), n)
	}
	return err
}

// readSome is one read, which must read something or return an error.
func readSome(ctx context.Context, s Stream, p []byte) (int, error) {
	n, err := s.ReadContext(ctx, p)
	if err == nil && (n <= 0 || n > len(p)) {
		return 0, fmt.Errorf("a read into %d bytes returned %d and no error", len(p), n)
	}
	return n, err
}

// expect reads as much as want is long and compares.
func expect(ctx context.Context, s Stream, want []byte) error {
	got := make([]byte, len(want))
	for at := 0; at < len(got); {
		n, err := readSome(ctx, s, got[at:])
		if at += n; err != nil {
			return fmt.Errorf("after %d of %d bytes: %w", at, len(want), err)
		}
	}
	return same(got, want)
}

// readAll reads to the end, in pieces into which every packet fits.
func readAll(ctx context.Context, s Stream) (got []byte, err error) {
	buf := make([]byte, 64<<10)
	for {
		n, err := readSome(ctx, s, buf)
		got = append(got, buf[:n]...)
		if err == io.EOF {
			return got, nil
		}
		if err != nil {
			return got, err
		}
	}
}

// expectEnd reads to the end and compares.
func expectEnd(ctx context.Context, s Stream, want []byte) error {
	got, err := readAll(ctx, s)
	if err != nil {
		return fmt.Errorf("after %d of %d bytes: %w", len(got), len(want), err)
	}
	return same(got, want)
}

// exchange shows that the stream works in both directions. The two messages cross,
// so that it does for streams without a buffer, too.
func exchange(ctx context.Context, a, b Stream) error {
	return together(ctx,
		func(ctx context.Context) error { return send(ctx, a, []byte("question")) },
		func(ctx context.Context) error { return expect(ctx, b, []byte("question")) },
		func(ctx context.Context) error { return send(ctx, b, []byte("answer")) },
		func(ctx context.Context) error { return expect(ctx, a, []byte("answer")) })
}

// same is an error that says where two byte strings differ.
func same(got, want []byte) error {
	if bytes.Equal(got, want) {
		return nil
	}
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	return fmt.Errorf("got %d bytes, want %d; they differ from byte %d on", len(got), len(want), at)
}

// wants is an error where err is not target.
func wants(what string, err, target error) error {
	if !errors.Is(err, target) {
		return fmt.Errorf("%s: got the error %v, want %v", what, err, target)
	}
	return nil
}

// pattern is n bytes that look random and depend on seed alone.
func pattern(n int, seed uint64) []byte {
	data := make([]byte, n+8)
	r := rand.NewPCG(seed, 1)
	for i := 0; i < n; i += 8 {
		v := r.Uint64()
		for j := range 8 {
			data[i+j] = byte(v >> (8 * j))
		}
	}
	return data[:n]
}

// flood is more than any stream holds on its way, so that writing it waits for the
// reader.
var flood = sync.OnceValue(func() []byte { return pattern(32<<20, 99) })

// pieces are sizes of reads and writes around those at which buffers end.
var pieces = []int{1, 7, 1021, 4096, 16385, 65537, 2, 511}

// countdown calls f after so many rounds of the loop.
func countdown(ctx context.Context, rounds int, f func()) {
	if rounds == 0 {
		f()
		return
	}
	asyncio.CallSoon(ctx, func() { countdown(ctx, rounds-1, f) })
}

// cancelled calls f with p under a context that is cancelled after so many rounds.
func cancelled(ctx context.Context, rounds int, f countedWait, p []byte) (int, error) {
	ctx, cancel := asyncio.WithCancel(ctx)
	defer cancel(nil)
	countdown(ctx, rounds, func() { cancel(errSuite) })
	return f(ctx, p)
}

// errSuite is the cause of the suites' cancellations.
var errSuite = errors.New("asynciotest: cancelled by the suite")
