// Package fake is a console for tests that has no program behind it: it answers what a
// test wants, which may be what no program would.
package fake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/goasyncio/asyncio/console/client"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// Token is what it wants to see.
const Token = "the-token-of-the-fake"

// A Console answers with what is set. Take the lock while that is changed under way.
type Console struct {
	sync.Mutex
	Program   client.Program
	Tasks     []client.Task // of every loop, by ID; filters and orders are not its business
	Details   map[uint64]client.Detail
	Graph     client.Graph
	Hist      client.Histograms
	Warnings  []client.Warning
	Stacks    string
	Recording func(http.ResponseWriter, *http.Request)
	Refuse    string // an answer of the status 503 to questions about tasks
	Gone      uint32 // a loop that has ended when it is asked, though it is listed
	Truncated bool   // there are more tasks than the console looks at
	Asked     []string

	server *httptest.Server
}

// Now is the time of all lists.
var Now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// Start makes a console of one program with one loop, until the test ends.
func Start(t testing.TB) *Console {
	c := &Console{Details: map[uint64]client.Detail{}}
	c.Program = client.Program{Program: "chat", PID: 4711, Loops: []client.Loop{{Number: 1, Name: "loop", State: client.Asleep, Stats: client.Stats{At: Now}}}}
	c.server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv(client.TokenVariable, Token)
	return c
}

// Address is its HOST:PORT.
func (c *Console) Address() string { return c.server.Listener.Addr().String() }

// Close ends the program. It is idempotent.
func (c *Console) Close() {
	c.server.CloseClientConnections()
	c.server.Close()
}

// ServeHTTP answers.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.Lock()
	defer c.Unlock()
	c.Asked = append(c.Asked, r.URL.RequestURI())
	if r.Header.Get("Authorization") != "Bearer "+Token {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "no token"})
		return
	}
	if c.Gone != 0 && strings.HasPrefix(r.URL.Path, fmt.Sprintf("/api/v1/loops/%d/", c.Gone)) {
		answer(w, http.StatusGone, map[string]string{"error": fmt.Sprintf("loop %d has ended", c.Gone)})
		return
	}
	const loop = "/api/v1/loops/{loop}/"
	mux := http.NewServeMux()
	is := func(what string, a any) {
		mux.HandleFunc(what, func(w http.ResponseWriter, r *http.Request) { answer(w, http.StatusOK, a) })
	}
	is("/api/v1/program", c.Program)
	is(loop+"graph", c.Graph)
	is(loop+"histograms", c.Hist)
	is(loop+"warnings", map[string]any{"warnings": c.Warnings})
	mux.HandleFunc(loop+"tasks", c.tasks)
	mux.HandleFunc(loop+"tasks/{id}", c.task)
	mux.HandleFunc(loop+"stacks", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, c.Stacks)
	})
	if c.Recording != nil {
		mux.HandleFunc(loop+"recording", c.Recording)
	}
	mux.ServeHTTP(w, r)
}

// tasks answers with a page.
func (c *Console) tasks(w http.ResponseWriter, r *http.Request) {
	if c.Refuse != "" {
		answer(w, http.StatusServiceUnavailable, map[string]string{"error": c.Refuse})
		return
	}
	q := struct{ After, Offset, Limit uint64 }{Limit: 100}
	for name, to := range map[string]*uint64{"after": &q.After, "offset": &q.Offset, "limit": &q.Limit} {
		if text := r.URL.Query().Get(name); text != "" {
			json.Unmarshal([]byte(text), to)
		}
	}
	page := client.Tasks{Matching: len(c.Tasks)}
	page.At, page.Total, page.Truncated = Now, len(c.Tasks), c.Truncated
	for i, t := range c.Tasks {
		if t.ID > q.After && uint64(i) >= q.Offset && uint64(len(page.Tasks)) < min(q.Limit, 1000) {
			page.Tasks = append(page.Tasks, t)
		}
	}
	answer(w, http.StatusOK, page)
}

func (c *Console) task(w http.ResponseWriter, r *http.Request) {
	var id uint64
	json.Unmarshal([]byte(r.PathValue("id")), &id)
	if d, ok := c.Details[id]; ok {
		answer(w, http.StatusOK, d)
		return
	}
	answer(w, http.StatusNotFound, map[string]string{"error": "there is no such task"})
}

func answer(w http.ResponseWriter, status int, a any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(a)
}

// Task is a task that waits for something since some time.
func Task(id, parent uint64, name, waitsFor string, since time.Duration) client.Task {
	return client.Task{Task: monitor.Task{
		ID: id, Parent: parent, Name: name, State: "waiting", WaitsFor: waitsFor, Since: Now.Add(-since), Begun: true,
	}}
}

// Run runs a command with its arguments and returns what it writes.
func Run(ctx context.Context, c *cobra.Command, args ...string) (out, errs string, err error) {
	var o, e bytes.Buffer
	c.SetArgs(args)
	c.SetOut(&o)
	c.SetErr(&e)
	c.SilenceErrors, c.SilenceUsage = true, true
	err = c.ExecuteContext(ctx)
	return o.String(), e.String(), err
}
