package console_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/console"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// A fakeLoop is a loop of the tests' making: it shows what its fields say, and runs what
// is posted on a goroutine of its own, which a test can block. Real loops are in the
// tests that import package asyncio.
type fakeLoop struct {
	number uint32
	name   string
	posts  chan func(monitor.View)
	ended  chan struct{}
	asleep atomic.Bool
	moved  atomic.Uint64 // steps
	asked  atomic.Int64  // how many posts there were
	listed atomic.Int64  // how many listings were begun
	lost   atomic.Uint64 // events, whenever somebody reads what the loop has written down
	pace   time.Duration // how long a slice of a listing takes

	mu          sync.Mutex // guards what follows, which tests set
	tasks       []monitor.Task
	stack       []monitor.Frame
	timers      []monitor.Timer
	descriptors []monitor.Descriptor
	threads     []monitor.Thread
	resources   []monitor.Resource
	failures    []monitor.Failure
	running     string
	stacks      map[uint64][]byte
	finish      func(error)
}

var fakeNumbers atomic.Uint32

// newFake makes a loop that a console sees.
func newFake(t *testing.T, tasks ...monitor.Task) *fakeLoop {
	t.Helper()
	f := &fakeLoop{
		number: 1<<20 + fakeNumbers.Add(1), name: "fake", tasks: tasks,
		posts: make(chan func(monitor.View), 100), ended: make(chan struct{}),
	}
	f.asleep.Store(true)
	var work sync.WaitGroup
	work.Go(func() {
		for post := range f.posts {
			f.asleep.Store(false)
			post(fakeView{f})
			f.asleep.Store(true)
		}
	})
	monitor.Begin(f)
	var lock sync.Mutex
	ended := false
	f.finish = func(err error) {
		lock.Lock()
		defer lock.Unlock()
		if ended {
			return
		}
		ended = true
		monitor.End(f, err)
		f.mu.Lock()
		close(f.ended)
		close(f.posts)
		f.mu.Unlock()
		work.Wait()
	}
	t.Cleanup(func() { f.finish(nil) })
	return f
}

// block makes the loop stop answering until the function it returns is called.
func (f *fakeLoop) block() (release func()) {
	begun, end := make(chan struct{}), make(chan struct{})
	f.posts <- func(monitor.View) { close(begun); <-end }
	<-begun
	return sync.OnceFunc(func() { close(end) })
}

func (f *fakeLoop) Number() uint32         { return f.number }
func (f *fakeLoop) Name() string           { return f.name }
func (f *fakeLoop) Started() time.Time     { return time.Unix(1_000_000, 0).UTC() }
func (f *fakeLoop) Virtual() bool          { return false }
func (f *fakeLoop) Asleep() bool           { return f.asleep.Load() }
func (f *fakeLoop) Flush()                 {}
func (f *fakeLoop) Moved() uint64          { return f.moved.Load() }
func (f *fakeLoop) Ended() <-chan struct{} { return f.ended }

func (f *fakeLoop) Post(post func(monitor.View)) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.ended:
		return false
	default:
	}
	f.asked.Add(1)
	f.posts <- post
	return true
}

func (f *fakeLoop) Running() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return []byte(f.running)
}

func (f *fakeLoop) Stacks() map[uint64][]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stacks
}

func (f *fakeLoop) Record(monitor.Detail) monitor.Tape { return fakeTape{f.lost.Load()} }
func (f *fakeLoop) Meter() func()                      { return func() {} }
func (f *fakeLoop) Last() monitor.Stats                { return monitor.Stats{} }

// A fakeTape is empty, and may have been too short for so many events.
type fakeTape struct{ lost uint64 }

func (f fakeTape) Read() ([]*monitor.Chunk, uint64) { return nil, f.lost }
func (fakeTape) Close() error                       { return nil }

type fakeView struct{ *fakeLoop }

func (v fakeView) Stats() monitor.Stats {
	v.mu.Lock()
	defer v.mu.Unlock()
	return monitor.Stats{At: time.Now(), Tasks: len(v.tasks), Timers: len(v.timers), Posts: uint64(v.asked.Load())}
}

func (v fakeView) Tasks(after uint64, buf []monitor.Task) ([]monitor.Task, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if after == 0 {
		v.listed.Add(1)
	}
	from, _ := slices.BinarySearchFunc(v.tasks, after+1, func(t monitor.Task, id uint64) int { return cmp.Compare(t.ID, id) })
	n := copy(buf[:cap(buf)], v.tasks[from:])
	time.Sleep(v.pace)
	return buf[:n], from+n < len(v.tasks)
}

func (v fakeView) Task(id uint64) (monitor.Task, []monitor.Frame, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, t := range v.tasks {
		if t.ID == id {
			return t, v.stack, true
		}
	}
	return monitor.Task{}, nil, false
}

func some[T any](all []T, after int, buf []T) ([]T, bool) {
	from := min(after, len(all))
	n := copy(buf[:cap(buf)], all[from:])
	return buf[:n], from+n < len(all)
}

func (v fakeView) Timers(after int, buf []monitor.Timer) ([]monitor.Timer, bool) {
	return some(v.timers, after, buf)
}

func (v fakeView) Descriptors(after int, buf []monitor.Descriptor) ([]monitor.Descriptor, bool) {
	return some(v.descriptors, after, buf)
}

func (v fakeView) Threads(after int, buf []monitor.Thread) ([]monitor.Thread, bool) {
	return some(v.threads, after, buf)
}

func (v fakeView) Resources(after uint64, buf []monitor.Resource) ([]monitor.Resource, uint64) {
	found, more := some(v.resources, int(after), buf)
	if !more {
		return found, 0
	}
	return found, after + uint64(len(found))
}

func (v fakeView) Failures(after int, buf []monitor.Failure) ([]monitor.Failure, bool) {
	return some(v.failures, after, buf)
}

func (v fakeView) Describe(ref any) string { return fmt.Sprint(ref) }
func (v fakeView) Flush()                  {}

// crowd is many tasks, each the child of main.
func crowd(n int) []monitor.Task {
	tasks := []monitor.Task{{ID: 1, Name: "main", State: "waiting", WaitsFor: "TaskGroup", Begun: true}}
	for id := uint64(2); id <= uint64(n); id++ {
		state := [...]string{"waiting", "ready"}[id%2]
		tasks = append(tasks, monitor.Task{
			ID: id, Name: fmt.Sprintf("worker %d", id), State: state, Parent: 1, Begun: true,
			Since: time.Unix(2_000_000-int64(id), 0).UTC(),
		})
	}
	return tasks
}

// serve turns a console on for the time of the test.
func serve(t *testing.T, opts ...console.Option) *console.Server {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	s, err := console.Serve("127.0.0.1:0", opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error("Close:", err)
		}
	})
	return s
}

// request asks with the token and what change does, and returns the answer, read.
func request(t *testing.T, s *console.Server, path string, change ...func(*http.Request)) (*http.Response, string) {
	t.Helper()
	return ask(t, "http://"+s.Addr()+path, s.Token(), change...)
}

func ask(t *testing.T, address, token string, change ...func(*http.Request)) (*http.Response, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	for _, f := range change {
		f(r)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

// answer is the answer of the API, as a T.
func answer[T any](t *testing.T, s *console.Server, path string) (a T) {
	t.Helper()
	resp, text := request(t, s, "/api/v1/"+path)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s: %s", path, resp.Status, text)
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		t.Fatalf("%s: %v in %s", path, err, text)
	}
	return a
}

// of is the path of what is asked of the loop.
func (f *fakeLoop) of(what string) string { return fmt.Sprintf("loops/%d/%s", f.number, what) }

func expect[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func expectSlice[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// eventually waits until what is true, for ten seconds.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not within ten seconds:", what)
		}
	}
}

func (f *fakeLoop) setRunning(stack string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running = stack
}

func told(f *fakeLoop, message string) { monitor.Tell(f, monitor.Report{Message: message}) }

// numberOfTheLoop is that of the loop that began last.
func numberOfTheLoop() (number uint32) {
	for _, l := range monitor.Loops() {
		number = l.Number()
	}
	return number
}

// askOften asks each second until ctx ends.
func askOften(ctx context.Context, addr, token, path string) {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for ctx.Err() == nil {
		r, err := http.NewRequestWithContext(ctx, "GET", "http://"+addr+"/api/v1/"+path, nil)
		if err != nil {
			panic(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		if resp, err := client.Do(r); err == nil {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}
