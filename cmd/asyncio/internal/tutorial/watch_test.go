package tutorial

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// watched is the command with --watch under way.
type watched struct {
	page  *url.URL
	text  string // what it printed up to where it stays, and with that
	ended chan error
	stop  context.CancelCauseFunc
}

var errInterrupted = errors.New("interrupted")

// watch runs the command in virtual time until both runs are over.
func watch(t *testing.T, open func(string) error, args ...string) *watched {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	out, in := io.Pipe()
	w := &watched{ended: make(chan error, 1), stop: cancel}
	c := newCommand(&options{open: open})
	c.SetArgs(append([]string{"--watch", "--virtual"}, args...))
	c.SetOut(in)
	c.SetErr(io.Discard)
	c.SilenceErrors, c.SilenceUsage = true, true
	go func() {
		err := c.ExecuteContext(ctx)
		in.CloseWithError(io.EOF)
		w.ended <- err
	}()
	t.Cleanup(func() { cancel(errInterrupted) })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		w.text += lines.Text() + "\n"
		if _, page, ok := strings.Cut(lines.Text(), "until Ctrl-C: "); ok {
			w.page, _ = url.Parse(page)
			go io.Copy(io.Discard, out)
			return w
		}
	}
	t.Fatalf("it printed no address, and ended with %v:\n%s", <-w.ended, w.text)
	return nil
}

// browser is a client that keeps cookies, as browsers do.
func newBrowser(t *testing.T) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Jar: jar, Transport: transport, Timeout: 30 * time.Second}
}

func fetch(t *testing.T, c *http.Client, address string) []byte {
	t.Helper()
	a, err := c.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode != 200 {
		t.Fatalf("GET %s: %s, %v", address, a.Status, err)
	}
	return body
}

// run is what a recording says of a run.
type run struct {
	title   string
	sources map[string]string
	end     time.Duration
	said    []string
	lines   []string // of the code, as they ran
}

func readRun(t *testing.T, text []byte) (r run) {
	t.Helper()
	var strs []string
	var frames [][3]any
	var stacks [][]int
	for line := range bytes.Lines(text) {
		var l struct {
			Title   string
			Sources map[string]string
			Strings []string
			Frames  [][3]any
			Stacks  [][]int
			Events  [][]int64
			Ended   *struct{ T int64 }
		}
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatal(err)
		}
		if l.Sources != nil {
			r.title, r.sources = l.Title, l.Sources
		}
		strs, frames, stacks = append(strs, l.Strings...), append(frames, l.Frames...), append(stacks, l.Stacks...)
		for _, e := range l.Events {
			e = append(e, make([]int64, 6-len(e))...)
			if e[1] == 21 && e[3] > 0 {
				r.said = append(r.said, strs[e[3]-1])
			}
			if stack := e[4]; (e[1] == 21 || e[1] == 3) && stack > 0 {
				r.lines = append(r.lines, r.code(frames, stacks[stack-1]))
			}
		}
		if l.Ended != nil {
			r.end = time.Duration(l.Ended.T)
		}
	}
	return r
}

// code is the line of the sources in which a stack is, "" where it is in none.
func (r run) code(frames [][3]any, stack []int) string {
	for _, f := range stack {
		for name, text := range r.sources {
			if strings.HasSuffix(frames[f][1].(string), "/"+name) {
				return strings.TrimSpace(strings.Split(text, "\n")[int(frames[f][2].(float64))-1])
			}
		}
	}
	return ""
}

func TestWatchServesBothRunsWithTheLinesThatRan(t *testing.T) {
	w := watch(t, nil, "--no-open")
	if !strings.Contains(w.text, "Total time: 5.0 s") || !strings.Contains(w.text, "Total time: 3.0 s") {
		t.Errorf("the lesson itself is missing:\n%s", w.text)
	}
	c := newBrowser(t)
	if page := fetch(t, c, w.page.String()); !bytes.Contains(page, []byte("<div id=\"app\">")) {
		t.Errorf("the page is %s", page)
	}
	query, err := url.ParseQuery(w.page.Fragment)
	if err != nil {
		t.Fatal(err)
	}
	var runs []run
	for _, address := range query["recording"] {
		runs = append(runs, readRun(t, fetch(t, c, w.page.Scheme+"://"+w.page.Host+address)))
	}
	if len(runs) != 2 {
		t.Fatalf("the page shows %d runs: %s", len(runs), w.page)
	}
	for i, want := range []run{
		{title: blocking.title, end: 5 * time.Second, lines: []string{"time.Sleep(l.pause)", `say("Compute factorial(%d)…", i)`}},
		{title: waiting.title, end: 3 * time.Second, lines: []string{"if err := asyncio.Sleep(ctx, l.pause); err != nil {", `say("Compute factorial(%d)…", i)`}},
	} {
		got := runs[i]
		if got.title != want.title || got.end != want.end {
			t.Errorf("run %d is %q and ends after %v, want %q and %v", i, got.title, got.end, want.title, want.end)
		}
		for _, line := range want.lines {
			if n := times(got.lines, line); n != 5 { // two steps of A, three of B
				t.Errorf("run %d is %d times at %q, want 5 of\n%s", i, n, line, strings.Join(got.lines, "\n"))
			}
		}
		for _, said := range got.said {
			if !strings.Contains(w.text, said) {
				t.Errorf("run %d says %q on the page only", i, said)
			}
		}
		if len(got.said) != 7 {
			t.Errorf("run %d says %d lines, want 7", i, len(got.said))
		}
	}
}

func times(all []string, one string) (n int) {
	for _, s := range all {
		if s == one {
			n++
		}
	}
	return n
}

func TestABlockingPauseLastsToTheEndOfItsStep(t *testing.T) {
	w := watch(t, nil, "--no-open")
	c := newBrowser(t)
	fetch(t, c, w.page.String())
	recording := fetch(t, c, "http://"+w.page.Host+"/api/v1/recordings/blocking.ndjson")
	var done []float64
	for line := range bytes.Lines(recording) {
		var l struct{ Events [][]int64 }
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatal(err)
		}
		for _, e := range l.Events {
			if e[1] == 5 {
				done = append(done, time.Duration(e[0]).Round(time.Millisecond).Seconds())
			}
		}
	}
	if want := []float64{2, 5, 5}; !slices.Equal(done, want) { // A, B, main
		t.Errorf("the tasks end after %v s, want %v", done, want)
	}
}

func TestAnInterruptEndsTheWatching(t *testing.T) {
	w := watch(t, nil, "--no-open")
	w.stop(errInterrupted)
	select {
	case err := <-w.ended:
		if err != errInterrupted {
			t.Errorf("the command ends with %v, want the reason", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it goes on")
	}
	if a, err := newBrowser(t).Get(w.page.String()); err == nil {
		a.Body.Close()
		t.Error("the page is still served")
	}
}

func TestTheBrowserIsOpenedOnlyWhereThatIsWanted(t *testing.T) {
	opened := make(chan string, 1)
	open := func(address string) error { opened <- address; return errors.New("there is none") }
	w := watch(t, open)
	select {
	case address := <-opened:
		if address != w.page.String() {
			t.Errorf("%s is opened, and %s is printed", address, w.page)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("no browser is opened")
	}
	fetch(t, newBrowser(t), w.page.String()) // that there is none ends nothing
	w = watch(t, open, "--no-open")
	w.stop(errInterrupted)
	<-w.ended
	if len(opened) > 0 {
		t.Error("--no-open opens one")
	}
}

func TestNoOpenAloneIsAMistake(t *testing.T) {
	err := command(t.Context(), io.Discard, "--virtual", "--no-open")
	if err == nil || !strings.Contains(err.Error(), "--no-open is for --watch") {
		t.Errorf("the error is %v", err)
	}
}

func TestEachSystemHasItsOwnWayToOpenABrowser(t *testing.T) {
	none := func(string) string { return "" }
	x11 := func(name string) string { return map[string]string{"DISPLAY": ":0"}[name] }
	for _, test := range []struct {
		system string
		getenv func(string) string
		want   string
	}{
		{"windows", none, "rundll32 url.dll,FileProtocolHandler"},
		{"darwin", none, "open"},
		{"linux", x11, "xdg-open"},
		{"linux", none, ""},
		{"freebsd", x11, "xdg-open"},
	} {
		if got := strings.Join(browser(test.system, test.getenv), " "); got != test.want {
			t.Errorf("on %s it is %q, want %q", test.system, got, test.want)
		}
	}
}

func TestALessonThatIsInterruptedIsNotShown(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	out := &trap{text: "Task B: Compute factorial(3)", n: 1, spring: func() error { cancel(errInterrupted); return nil }}
	if err := command(ctx, out, "--virtual", "--watch", "--no-open"); err != errInterrupted {
		t.Errorf("the error is %v", err)
	}
	if strings.Contains(out.String(), "until Ctrl-C") {
		t.Error("the command stays all the same")
	}
}

// The page is there before the lesson begins, so that one sees it happen.
func TestTheBrowserIsOpenedBeforeTheLesson(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	var out strings.Builder
	opened := false
	c := newCommand(&options{open: func(address string) error {
		opened = true
		if text := out.String(); !strings.Contains(text, address) || strings.Contains(text, "Task A") {
			t.Errorf("when the browser is opened at %s the screen shows\n%s", address, text)
		}
		cancel(errInterrupted) // nobody wants to see the rest
		return nil
	}})
	c.SetArgs([]string{"--watch"})
	c.SetOut(&out)
	c.SetErr(io.Discard)
	c.SilenceErrors, c.SilenceUsage = true, true
	if err := c.ExecuteContext(ctx); err != errInterrupted || !opened {
		t.Errorf("the command ends with %v; opened: %v", err, opened)
	}
}
