package console_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"
	"github.com/goasyncio/asyncio/console"
	"github.com/goasyncio/asyncio/console/internal/tape"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// here is the caller's function, file and line.
func here() (function, file string, line int) {
	pc, file, line, _ := runtime.Caller(1)
	return runtime.FuncForPC(pc).Name(), file, line
}

// rehearse records two tasks that sleep for different times and say so, in virtual time.
func rehearse(t *testing.T, r *console.Rehearsal) []byte {
	t.Helper()
	text, err := r.Record(func() error {
		asynciotest.Run(t, func(ctx context.Context) {
			err := asyncio.WithTaskGroup(ctx, func(_ context.Context, g *asyncio.TaskGroup) error {
				for i := range 2 {
					g.Go(func(ctx context.Context) error {
						return sleepAndTell(ctx, r, time.Duration(i+1)*time.Second)
					}, asyncio.TaskName(fmt.Sprint("sleeper ", i+1)))
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func sleepAndTell(ctx context.Context, r *console.Rehearsal, d time.Duration) error {
	say := func(text, function, file string, line int) {
		r.Note(asyncio.Now(ctx), asyncio.CurrentTask(ctx).ID(), text, function, file, line)
	}
	function, file, line := here()
	say("before", function, file, line)
	err := asyncio.Sleep(ctx, d)
	function, file, line = here()
	say("after", function, file, line)
	return err
}

// everything reads a recording to its end.
func everything(t *testing.T, text []byte) (h tape.Header, batches []*tape.Batch) {
	t.Helper()
	if _, err := tape.Check(bytes.NewReader(text), true); err != nil {
		t.Fatalf("the recording is wrong: %v\n%s", err, text)
	}
	r, err := tape.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for {
		b, err := r.Next()
		if err == io.EOF {
			return r.Header, batches
		}
		if err != nil {
			t.Fatal(err)
		}
		batches = append(batches, b)
	}
}

func TestARehearsalHasTheWholeRunAndWhatTheTasksSaid(t *testing.T) {
	sources := map[string]string{"rehearsal_test.go": "package console_test"}
	h, batches := everything(t, rehearse(t, &console.Rehearsal{Title: "two sleepers", Sources: sources}))
	if h.Title != "two sleepers" || h.Sources["rehearsal_test.go"] != sources["rehearsal_test.go"] || h.Detail != "stacks" || !h.Virtual {
		t.Errorf("the header is %+v", h)
	}
	tables, names := tape.Batch{}, map[uint64]string{}
	var first monitor.Kind = 99
	var said []string
	for _, b := range batches {
		tables.Strings, tables.Frames, tables.Stacks = append(tables.Strings, b.Strings...), append(tables.Frames, b.Frames...), append(tables.Stacks, b.Stacks...)
		for _, task := range b.Tasks {
			names[task.ID] = task.Name
		}
		for _, e := range b.Events {
			if first == 99 {
				first = e.Kind
			}
			if e.Kind == tape.Said {
				said = append(said, fmt.Sprintf("%s %s at %v", names[e.Task], tables.Strings[e.A-1], time.Duration(e.At)))
				if f := tables.Frames[tables.Stacks[e.B-1][0]]; !strings.HasSuffix(f.Function, "sleepAndTell") || f.Line == 0 {
					t.Errorf("it was said at %+v", f)
				}
			}
		}
	}
	if first != monitor.Created {
		t.Errorf("the first event is of kind %d: the run's beginning is missing", first)
	}
	want := "[sleeper 1 before at 0s sleeper 2 before at 0s sleeper 1 after at 1s sleeper 2 after at 2s]"
	if fmt.Sprint(said) != want {
		t.Errorf("%v was said, want %s", said, want)
	}
	if end := batches[len(batches)-1].Ended; end == nil || end.At != int64(2*time.Second) || end.Error != "" {
		t.Errorf("the end is %+v, want one at 2 s", end)
	}
}

func TestARunThatFailsIsRecordedToo(t *testing.T) {
	broken := errors.New("broken")
	text, err := new(console.Rehearsal).Record(func() error {
		return asyncio.Run(t.Context(), func(ctx context.Context) error { return broken })
	})
	if !errors.Is(err, broken) {
		t.Errorf("the error is %v, want that of the run", err)
	}
	if _, batches := everything(t, text); batches[len(batches)-1].Ended == nil {
		t.Error("the recording has no end")
	}
}

func TestARehearsalWithoutALoopSaysSo(t *testing.T) {
	refused := errors.New("refused")
	_, err := new(console.Rehearsal).Record(func() error { return refused })
	if !errors.Is(err, refused) || !strings.Contains(err.Error(), "no loop has begun") {
		t.Errorf("the error is %v", err)
	}
}

func TestANoteOutsideOfARehearsalIsNothing(t *testing.T) {
	new(console.Rehearsal).Note(time.Now(), 1, "hello", "f", "f.go", 1)
}

func TestLoopsThatRunAlreadyAreNotRehearsed(t *testing.T) {
	release := make(chan struct{})
	running := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- asyncio.Run(context.Background(), func(ctx context.Context) error {
			close(running)
			_, _, err := asyncio.Receive(ctx, release)
			return err
		}, asyncio.LoopName("older"))
	}()
	<-running
	text, err := new(console.Rehearsal).Record(func() error {
		return asyncio.Run(t.Context(), func(context.Context) error { return nil }, asyncio.LoopName("younger"))
	})
	close(release)
	if err := errors.Join(err, <-ended); err != nil {
		t.Fatal(err)
	}
	if h, _ := everything(t, text); h.Name != "younger" {
		t.Errorf("%q was recorded", h.Name)
	}
}

func TestRecordingsAreServedBehindTheToken(t *testing.T) {
	var r console.Rehearsal
	text := rehearse(t, &r)
	s := serveRehearsals(t, map[string]*console.Rehearsal{"a b.ndjson": &r})
	if want := s.URL() + "#recording=%2Fapi%2Fv1%2Frecordings%2Fa%2520b.ndjson&recording=%2Fapi%2Fv1%2Frecordings%2Fc"; s.Compare("a b.ndjson", "c") != want {
		t.Errorf("the address is %s, want %s", s.Compare("a b.ndjson", "c"), want)
	}
	for _, test := range []struct {
		name, path, token string
		status            int
	}{
		{"there it is", "a%20b.ndjson", s.Token(), 200},
		{"no other is there", "c.ndjson", s.Token(), 404},
		{"no file of the machine either", "..%2F..%2F..%2Fetc%2Fpasswd", s.Token(), 404},
		{"nobody gets it without the token", "a%20b.ndjson", "", 401},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := askForRecording(t, s, test.path, test.token)
			body, _ := io.ReadAll(a.Body)
			if a.StatusCode != test.status {
				t.Errorf("the status is %d, want %d", a.StatusCode, test.status)
			}
			if test.status == 200 && (!bytes.Equal(body, text) || a.ContentLength != int64(len(text))) {
				t.Error("it is not what was given, with its length")
			}
			if test.status != 200 && bytes.Contains(body, []byte("sleeper")) {
				t.Error("the answer tells of the recording")
			}
		})
	}
}

func serveRehearsals(t *testing.T, all map[string]*console.Rehearsal) *console.Server {
	t.Helper()
	s, err := console.Serve("127.0.0.1:0", console.NoDiscovery(), console.Recordings(all))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func askForRecording(t *testing.T, s *console.Server, name, token string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+s.Addr()+"/api/v1/recordings/"+name, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	a, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Body.Close() })
	return a
}

// readUntil reads lines until one has the text, and returns them all.
func readUntil(t *testing.T, lines *bufio.Reader, text string) (all string) {
	t.Helper()
	for !strings.Contains(all, text) {
		line, err := lines.ReadString('\n')
		if all += line; err != nil {
			t.Fatalf("%v after\n%s", err, all)
		}
	}
	return all
}

// Who watches sees what the run does when it does it, also while a step blocks the loop,
// and has in the end what Record returns.
func TestARehearsalIsSeenWhileItIsUnderWay(t *testing.T) {
	r := &console.Rehearsal{Title: "slowly"}
	s := serveRehearsals(t, map[string]*console.Rehearsal{"r": r})
	early := askForRecording(t, s, "r", s.Token()) // it has not begun
	if early.ContentLength >= 0 {
		t.Errorf("it is said to have %d bytes, and nobody can know", early.ContentLength)
	}
	type recorded struct {
		text []byte
		err  error
	}
	result, blocked, waits := make(chan recorded, 1), make(chan struct{}), make(chan struct{})
	go func() {
		text, err := r.Record(func() error {
			return asyncio.Run(context.Background(), func(ctx context.Context) error {
				function, file, line := here()
				r.Note(asyncio.Now(ctx), 1, "it blocks the loop", function, file, line)
				<-blocked
				_, _, err := asyncio.Receive(ctx, waits)
				return err
			}, asyncio.SlowStep(-1))
		})
		result <- recorded{text, err}
	}()
	lines := bufio.NewReader(early.Body)
	seen := readUntil(t, lines, ",21,1,1,1]") // task 1 has said string 1 at stack 1
	if !strings.Contains(seen, "slowly") || !strings.Contains(seen, "it blocks the loop") {
		t.Errorf("before it there is\n%s", seen)
	}
	close(blocked)
	seen += readUntil(t, lines, "Receive")
	close(waits)
	rest, err := io.ReadAll(lines)
	if err != nil {
		t.Fatal(err)
	}
	got := <-result
	if got.err != nil || seen+string(rest) != string(got.text) {
		t.Errorf("%v: who watched has\n%s%s\nand recorded is\n%s", got.err, seen, rest, got.text)
	}
	if _, batches := everything(t, got.text); batches[len(batches)-1].Ended == nil {
		t.Error("the recording has no end")
	}
}

func TestARecordingThatIsNotWholeIsBrokenOff(t *testing.T) {
	s := serveRehearsals(t, map[string]*console.Rehearsal{"never": new(console.Rehearsal)})
	a := askForRecording(t, s, "never", s.Token())
	s.Close()
	if text, err := io.ReadAll(a.Body); err == nil {
		t.Errorf("it ends well, with %q", text)
	}
}

func TestARehearsalThatWasNotRecordedIsEmpty(t *testing.T) {
	r := new(console.Rehearsal)
	s := serveRehearsals(t, map[string]*console.Rehearsal{"none": r})
	r.Record(func() error { return nil })
	if text, err := io.ReadAll(askForRecording(t, s, "none", s.Token()).Body); err != nil || len(text) > 0 {
		t.Errorf("%q, %v", text, err)
	}
}

// A note is the task's own: another goroutine does not know where in its step it is.
func TestANoteFromElsewhereIsLeftOut(t *testing.T) {
	r := new(console.Rehearsal)
	text, err := r.Record(func() error {
		return asyncio.Run(t.Context(), func(ctx context.Context) error {
			now, function, file, line := time.Now(), "", "", 0
			_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
				r.Note(now, 1, "from a thread", function, file, line)
				return 0, nil
			})
			r.Note(now, 2, "of another task", function, file, line)
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	everything(t, text)
	if bytes.Contains(text, []byte("from a thread")) {
		t.Errorf("%s", text)
	}
}
