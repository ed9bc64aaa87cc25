package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/console/client"
	"github.com/goasyncio/asyncio/console/internal/discovery"
)

// answer is a server that gives one answer to each question, and remembers the last one.
type answer struct {
	status int
	kind   string
	body   string
	asked  *http.Request
}

func (a *answer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.asked = r
	w.Header().Set("Content-Type", a.kind)
	w.WriteHeader(a.status)
	io.WriteString(w, a.body)
}

// serve starts it and makes a client of it.
func serve(t *testing.T, h http.Handler) *client.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c := client.New(s.Listener.Addr().String(), "secret")
	t.Cleanup(c.Close)
	return c
}

func TestAQuestionCarriesItsTokenAndItsParts(t *testing.T) {
	a := &answer{status: 200, kind: "application/json; charset=utf-8", body: `{}`}
	c := serve(t, a)
	for _, test := range []struct {
		name, url string
		ask       func() error
	}{
		{"program", "/api/v1/program", func() error { _, err := c.Program(t.Context()); return err }},
		{"the first page of tasks", "/api/v1/loops/3/tasks", func() error {
			_, err := c.Tasks(t.Context(), 3, client.TasksQuery{})
			return err
		}},
		{"tasks in all detail", "/api/v1/loops/3/tasks?after=7&desc=1&limit=5&offset=2&q=a%26b%3Dc&sort=since&state=ready", func() error {
			_, err := c.Tasks(t.Context(), 3, client.TasksQuery{State: "ready", Match: "a&b=c", Sort: "since", Desc: true, After: 7, Offset: 2, Limit: 5})
			return err
		}},
		{"a task", "/api/v1/loops/1/tasks/9", func() error { _, err := c.Task(t.Context(), 1, 9); return err }},
		{"the tree", "/api/v1/loops/1/tree?depth=2&root=4", func() error { _, err := c.Tree(t.Context(), 1, 4, 2, 0); return err }},
		{"the graph", "/api/v1/loops/1/graph", func() error { _, err := c.Graph(t.Context(), 1); return err }},
		{"histograms", "/api/v1/loops/1/histograms", func() error { _, err := c.Histograms(t.Context(), 1); return err }},
		{"warnings", "/api/v1/loops/1/warnings", func() error { _, err := c.Warnings(t.Context(), 1); return err }},
		{"stats", "/api/v1/loops/1/stats", func() error { _, err := c.Stats(t.Context(), 1); return err }},
		{"timers", "/api/v1/loops/1/timers?after=10&limit=5", func() error { _, _, err := c.Timers(t.Context(), 1, 10, 5); return err }},
		{"descriptors", "/api/v1/loops/1/descriptors", func() error { _, _, err := c.Descriptors(t.Context(), 1, 0, 0); return err }},
		{"threads", "/api/v1/loops/1/threads", func() error { _, _, err := c.Threads(t.Context(), 1, 0, 0); return err }},
		{"resources", "/api/v1/loops/1/resources", func() error { _, _, err := c.Resources(t.Context(), 1, 0, 0); return err }},
		{"failures", "/api/v1/loops/1/failures", func() error { _, _, err := c.Failures(t.Context(), 1, 0, 0); return err }},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := test.ask(); err != nil {
				t.Fatal(err)
			}
			if got := a.asked.URL.String(); got != test.url || a.asked.Method != "GET" {
				t.Errorf("asked %s %s, want %s", a.asked.Method, got, test.url)
			}
			if got := a.asked.Header.Get("Authorization"); got != "Bearer secret" {
				t.Errorf("Authorization %q", got)
			}
		})
	}
}

func TestAnswersAreTakenApart(t *testing.T) {
	a := &answer{status: 200, kind: "application/json"}
	c := serve(t, a)
	t.Run("a page of tasks", func(t *testing.T) {
		a.body = `{"at":"2026-01-02T03:04:05Z","age_ms":1.5,"total":9,"matching":2,"next":5,"tasks":[
			{"id":5,"name":"A","state":"waiting","waits_for":"Sleep","site":{"function":"main.f"},"begun":true,"steps":3,"busy_ns":7,"since_watch_ms":0.5}]}`
		got, err := c.Tasks(t.Context(), 1, client.TasksQuery{})
		if err != nil {
			t.Fatal(err)
		}
		if got.Total != 9 || got.Matching != 2 || got.Next != 5 || got.AgeMS != 1.5 || len(got.Tasks) != 1 {
			t.Fatalf("got %+v", got)
		}
		if x := got.Tasks[0]; x.ID != 5 || x.Name != "A" || x.WaitsFor != "Sleep" || x.Steps != 3 || x.BusyNS != 7 || x.SinceWatchMS != 0.5 {
			t.Errorf("got %+v", x)
		}
	})
	t.Run("the graph", func(t *testing.T) {
		a.body = `{"edges":[{"from":1,"to":2,"on":"a lock"}],"cycles":[[1,2]],"names":{"1":"A"}}`
		got, err := c.Graph(t.Context(), 1)
		if err != nil || got.Names[1] != "A" || len(got.Cycles) != 1 || got.Edges[0].To != 2 {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	t.Run("a list", func(t *testing.T) {
		a.body = `{"timers":[{"what":"Sleep","task":3}],"next":7}`
		got, next, err := c.Timers(t.Context(), 1, 0, 1)
		if err != nil || next != 7 || len(got) != 1 || got[0].Task != 3 {
			t.Errorf("got %+v, %v, %v", got, next, err)
		}
	})
	t.Run("the numbers", func(t *testing.T) {
		a.body = `{"tasks":4,"rounds":18,"state":"asleep","age_ms":2}`
		got, err := c.Stats(t.Context(), 1)
		if err != nil || got.Tasks != 4 || got.Rounds != 18 || got.State != "asleep" || got.AgeMS != 2 {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

func TestAnErrorSaysWhatIsWrong(t *testing.T) {
	for _, test := range []struct {
		name, kind, body string
		status           int
		is               error
		says             string
	}{
		{"no token", "application/json", `{"error":"no token"}`, 401, client.ErrUnauthorized, "no token"},
		{"no token, told to a person", "text/html", `<p>token</p>`, 401, client.ErrUnauthorized, "401"},
		{"no such task", "application/json", `{"error":"there is no task 9"}`, 404, nil, "there is no task 9"},
		{"another server", "text/html", `<html>`, 200, client.ErrNoConsole, "text/html"},
		{"another server that has no such page", "text/html", `<html>`, 404, client.ErrNoConsole, "404"},
		{"a redirect is not followed", "text/html", ``, 302, client.ErrNoConsole, "302"},
		{"nonsense", "application/json", `{"pid":"x"}`, 200, client.ErrNoConsole, "pid"},
		{"no JSON", "application/json", `hello`, 200, client.ErrNoConsole, "invalid"},
		{"an answer that breaks off", "application/json", `{"pid":`, 200, io.ErrUnexpectedEOF, "EOF"},
		{"no answer", "application/json", ``, 200, io.ErrUnexpectedEOF, "EOF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := serve(t, &answer{status: test.status, kind: test.kind, body: test.body})
			_, err := c.Program(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v, want it to say %q", err, test.says)
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v is no %v", err, test.is)
			}
			if status := new(client.StatusError); test.name == "no such task" && (!errors.As(err, &status) || status.Status != 404) {
				t.Errorf("%#v has no status", err)
			}
		})
	}
}

func TestAQuestionGoesToTheAddressThatWasNamedAndNowhereElse(t *testing.T) {
	var asked string
	c := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked += r.URL.Path + " "; r.URL.Path != "/elsewhere" {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}
	}))
	if _, err := c.Program(t.Context()); !errors.Is(err, client.ErrNoConsole) || asked != "/api/v1/program " {
		t.Errorf("asked were %s: %v", asked, err)
	}
}

func TestAContextThatEndsEndsTheQuestionWithItsCause(t *testing.T) {
	entered := make(chan bool)
	c := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		entered <- true
		<-r.Context().Done()
	}))
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	go func() { <-entered; cancel(enough) }()
	if _, err := c.Program(ctx); !errors.Is(err, enough) {
		t.Errorf("%v, want the cause", err)
	}
}

func TestNobodyThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	_, err = client.New(l.Addr().String(), "").Program(t.Context())
	if failed := new(net.OpError); !errors.As(err, &failed) || failed.Op != "dial" {
		t.Errorf("%v, want that of package net", err)
	}
}

func TestWhatSpeaksNoHTTPIsNoConsole(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			io.WriteString(c, "SSH-2.0-OpenSSH\r\n")
			io.Copy(io.Discard, c)
		}
	}()
	if _, err := client.New(l.Addr().String(), "").Program(t.Context()); !errors.Is(err, client.ErrNoConsole) {
		t.Errorf("%v, want that it is no console", err)
	}
}

func TestARecordingAndStacksComeAsTheyAre(t *testing.T) {
	a := &answer{status: 200, kind: "text/plain; charset=utf-8", body: "A\n  main.f\n"}
	c := serve(t, a)
	for name, open := range map[string]func() (io.ReadCloser, error){
		"stacks?": func() (io.ReadCloser, error) { return c.Stacks(t.Context(), 2) },
		"recording?detail=exact&for=5s&format=perfetto": func() (io.ReadCloser, error) {
			return c.Recording(t.Context(), 2, client.RecordingQuery{Format: "perfetto", Detail: "exact", For: 5 * time.Second})
		},
		"recording?for=0s": func() (io.ReadCloser, error) { return c.Recording(t.Context(), 2, client.RecordingQuery{}) },
	} {
		t.Run(name, func(t *testing.T) {
			body, err := open()
			if err != nil {
				t.Fatal(err)
			}
			defer body.Close()
			text, err := io.ReadAll(body)
			if err != nil || string(text) != a.body {
				t.Errorf("%q, %v", text, err)
			}
			if got := "/" + strings.TrimPrefix(a.asked.URL.String(), "/api/v1/loops/2/"); got != "/"+strings.TrimSuffix(name, "?") {
				t.Errorf("asked %s", got)
			}
		})
	}
}

func TestTheStreamIsTheLinesOfARecording(t *testing.T) {
	a := &answer{status: 200, kind: "text/event-stream", body: ": hello\n\ndata: {\"format\":1}\n\nevent: x\ndata:{\"now\":2}\n\n"}
	c := serve(t, a)
	var lines []string
	var end error
	for line, err := range c.Stream(t.Context(), 1, "exact") {
		if end = err; err == nil {
			lines = append(lines, string(line))
		}
	}
	if fmt.Sprint(lines) != `[{"format":1} {"now":2}]` || end != io.EOF {
		t.Errorf("%q, %v", lines, end)
	}
	if got := a.asked.URL.RequestURI(); got != "/api/v1/loops/1/stream?detail=exact" {
		t.Errorf("asked %s", got)
	}
	t.Run("which may be left", func(t *testing.T) {
		for line, err := range c.Stream(t.Context(), 1, "") {
			if err != nil || !json.Valid(line) {
				t.Errorf("%q, %v", line, err)
			}
			break
		}
	})
	t.Run("and are bounded", func(t *testing.T) {
		a.body = "data: " + strings.Repeat("x", 17<<20)
		for _, err := range c.Stream(t.Context(), 1, "") {
			if !errors.Is(err, client.ErrNoConsole) {
				t.Errorf("%v", err)
			}
		}
	})
}

// left puts entries where consoles leave them.
func left(t *testing.T, entries ...discovery.Entry) {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv(client.TokenVariable, "")
	for _, e := range entries {
		if _, err := e.Write(); err != nil {
			t.Skip(err) // not a system where files have owners
		}
	}
}

// tokenSent is the token that a client sends.
func tokenSent(t *testing.T, at string, target client.Target) string {
	t.Helper()
	c, err := client.Find(target)
	if err != nil {
		t.Fatal(err)
	}
	if c.Address() != at {
		t.Errorf("it asks %s, want %s", c.Address(), at)
	}
	defer c.Close()
	_, err = c.Program(t.Context())
	if status := new(client.StatusError); errors.As(err, &status) {
		return strings.TrimPrefix(status.Message, "Bearer ")
	}
	t.Fatal(err)
	return ""
}

func TestFindKnowsTheTokensOfTheProgramsOfThisUser(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusTeapot)
		json.NewEncoder(w).Encode(map[string]string{"error": r.Header.Get("Authorization")})
	}))
	defer s.Close()
	at := s.Listener.Addr().String()
	_, port, _ := net.SplitHostPort(at)
	left(t, discovery.Entry{PID: os.Getpid(), Address: at, Token: "found"})
	for _, test := range []struct {
		name, token string
		target      client.Target
	}{
		{"the only one", "found", client.Target{}},
		{"by its process", "found", client.Target{PID: os.Getpid()}},
		{"by its address", "found", client.Target{Address: at}},
		{"by its port", "found", client.Target{Address: ":" + port}},
		{"by its port without a colon", "found", client.Target{Address: port}},
		{"by the other name of this machine", "found", client.Target{Address: "localhost:" + port}},
		{"by a URL without a token", "found", client.Target{Address: "http://" + at + "/"}},
		{"a token that is given goes first", "given", client.Target{Address: at, Token: "given"}},
		{"and so does that of a URL", "url", client.Target{Address: "http://" + at + "/?token=url"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := tokenSent(t, at, test.target); got != test.token {
				t.Errorf("it sends %q, want %q", got, test.token)
			}
		})
	}
	t.Run("the environment's where there is no other", func(t *testing.T) {
		left(t)
		t.Setenv(client.TokenVariable, "environment")
		if got := tokenSent(t, at, client.Target{Address: at}); got != "environment" {
			t.Errorf("it sends %q", got)
		}
	})
	t.Run("and none of another address", func(t *testing.T) {
		for _, another := range []string{"127.0.0.2:" + port, "127.0.0.1:1"} {
			left(t, discovery.Entry{PID: os.Getpid(), Address: another, Token: "another"})
			if got := tokenSent(t, at, client.Target{Address: at}); got != "" {
				t.Errorf("it sends %q", got)
			}
		}
	})
}

func TestFindSaysWhyThereIsNothing(t *testing.T) {
	me := discovery.Entry{PID: os.Getpid(), Address: "127.0.0.1:1", Token: "a", Program: "one"}
	parent := discovery.Entry{PID: os.Getppid(), Address: "127.0.0.1:2", Token: "b", Program: "two"}
	find := func(target client.Target) error {
		_, err := client.Find(target)
		return err
	}
	left(t)
	if err := find(client.Target{}); !errors.Is(err, client.ErrNoProgram) {
		t.Errorf("without a program: %v", err)
	}
	if err := find(client.Target{PID: os.Getpid()}); !errors.Is(err, client.ErrNotOn) {
		t.Errorf("a process without a console: %v", err)
	}
	if err := find(client.Target{PID: 1 << 30}); !errors.Is(err, client.ErrNoProcess) {
		t.Errorf("no process: %v", err)
	}
	left(t, me, parent)
	several := new(client.SeveralError)
	if err := find(client.Target{}); !errors.As(err, &several) || len(several.Processes) != 2 {
		t.Errorf("two programs: %v", err)
	}
	for _, address := range []string{"::::", "127.0.0.1:", "https://127.0.0.1:8765/", "http://127.0.0.1/", "http://%"} {
		if err := find(client.Target{Address: address}); err == nil {
			t.Errorf("%s is taken for an address", address)
		}
	}
	if err := find(client.Target{Address: "127.0.0.1:1", PID: 1}); err == nil {
		t.Error("an address and a process at the same time")
	}
}
