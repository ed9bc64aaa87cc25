package console_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/console"
	"github.com/goasyncio/asyncio/console/internal/discovery"
	"github.com/goasyncio/asyncio/internal/monitor"
)

func TestAConsoleFromTheEnvironment(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, test := range []struct {
		name string
		env  map[string]string
		on   bool
		says string
	}{
		{"is off where nothing is said of it", nil, false, `^$`},
		{"says where it is", map[string]string{"ASYNCIO_CONSOLE": "127.0.0.1:0"}, true, `^asyncio: console at http://127\.0\.0\.1:\d+/\?token=[a-z2-7]{26}\n$`},
		{"is on this machine where no host is named", map[string]string{"ASYNCIO_CONSOLE": ":0"}, true, `^asyncio: console at http://127\.0\.0\.1:`},
		{"has the token that it is given", map[string]string{"ASYNCIO_CONSOLE": ":0", "ASYNCIO_CONSOLE_TOKEN": "a-token-for-tests"}, true, `token=a-token-for-tests\n$`},
		{"lets the program go on where its address is in use", map[string]string{"ASYNCIO_CONSOLE": taken.Addr().String()}, false, `^asyncio: no console: \S+ is in use, .*port 0.*\n$`},
		{"or is none", map[string]string{"ASYNCIO_CONSOLE": "here"}, false, `^asyncio: no console \(ASYNCIO_CONSOLE=here\): .*HOST:PORT.*\n$`},
		{"or is everybody's", map[string]string{"ASYNCIO_CONSOLE": "0.0.0.0:0"}, false, `^asyncio: no console .*127\.0\.0\.1.*ASYNCIO_CONSOLE_REMOTE=1.*\n$`},
		{"or its token is too short", map[string]string{"ASYNCIO_CONSOLE": ":0", "ASYNCIO_CONSOLE_TOKEN": "x"}, false, `16 characters`},
		{"is everybody's if that is said", map[string]string{"ASYNCIO_CONSOLE": "0.0.0.0:0", "ASYNCIO_CONSOLE_REMOTE": "1"}, true, `^asyncio: console at http://127\.0\.0\.1:`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			s := console.StartFrom(func(name string) string { return test.env[name] }, &out)
			expect(t, "on", s != nil, test.on)
			if !regexp.MustCompile(test.says).MatchString(out.String()) {
				t.Errorf("it says %q", out.String())
			}
			if s != nil {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestAFlightRecorderFromTheEnvironment(t *testing.T) {
	for _, test := range []struct {
		name string
		env  map[string]string
		on   bool
		says string
	}{
		{"is off where nothing is said of it", nil, false, `^$`},
		{"needs no more than a folder", map[string]string{"ASYNCIO_FLIGHT": t.TempDir()}, true, `^$`},
		{"keeps as many events as it is told", map[string]string{"ASYNCIO_FLIGHT": t.TempDir(), "ASYNCIO_FLIGHT_EVENTS": "1000000"}, true, `^$`},
		{"or is none", map[string]string{"ASYNCIO_FLIGHT": t.TempDir(), "ASYNCIO_FLIGHT_EVENTS": "many"}, false, `^asyncio: no flight recorder \(ASYNCIO_FLIGHT_EVENTS=many\): .*number of events\n$`},
		{"nor one of no event", map[string]string{"ASYNCIO_FLIGHT": t.TempDir(), "ASYNCIO_FLIGHT_EVENTS": "0"}, false, `EVENTS=0\): `},
		{"nor one of a detail that there is not", map[string]string{"ASYNCIO_FLIGHT": t.TempDir(), "ASYNCIO_FLIGHT_DETAIL": "fine"}, false, `^asyncio: no flight recorder .*"fine".*\n$`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			r := console.StartFlightFrom(func(name string) string { return test.env[name] }, &out)
			expect(t, "on", r != nil, test.on)
			if !regexp.MustCompile(test.says).MatchString(out.String()) {
				t.Errorf("it says %q", out.String())
			}
			if r != nil {
				r.Close()
			}
		})
	}
}

func TestAServerCanBeFoundByItsUser(t *testing.T) {
	find := func() []discovery.Entry {
		t.Helper()
		all, err := discovery.List()
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	t.Run("while it is there", func(t *testing.T) {
		s := serve(t)
		all := find()
		if len(all) != 1 || all[0].Address != s.Addr() || all[0].Token != s.Token() || all[0].Started.IsZero() {
			t.Errorf("found %+v", all)
		}
		for range 2 { // Close is idempotent
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		expect(t, "found after Close", len(find()), 0)
	})
	t.Run("unless it does not want to be", func(t *testing.T) {
		serve(t, console.NoDiscovery())
		expect(t, "found", len(find()), 0)
	})
}

func TestAConsoleMountedOnAServer(t *testing.T) {
	f := newFake(t, crowd(3)...)
	m, err := console.Handler(console.AllowHosts("admin.example"))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/debug/asyncio/", http.StripPrefix("/debug/asyncio", m))
	server := &http.Server{Handler: mux}
	go server.Serve(listener)
	defer server.Close()
	get := func(path string, change ...func(*http.Request)) (*http.Response, string) {
		return ask(t, "http://"+listener.Addr().String()+path, m.Token(), change...)
	}
	resp, text := get("/debug/asyncio/api/v1/" + f.of("tasks"))
	if resp.StatusCode != 200 || !strings.Contains(text, "worker 3") {
		t.Errorf("tasks: %s %s", resp.Status, text)
	}
	resp, _ = get("/debug/asyncio/api/v1/program", anonymous)
	expect(t, "status without a token", resp.StatusCode, 401)
	resp, _ = get("/debug/asyncio/api/v1/program", host("evil.example"))
	expect(t, "status under another name", resp.StatusCode, 403)
	resp, _ = get("/debug/asyncio/?token="+m.Token(), anonymous, host("admin.example"))
	expect(t, "status of a login", resp.StatusCode, 302)
	where, err := resp.Location()
	if err != nil || where.Path != "/debug/asyncio/" {
		t.Errorf("it leads to %v (%v)", where, err)
	}
	resp, text = get("/debug/asyncio/")
	if resp.StatusCode != 200 || strings.Contains(text, `src="/`) || strings.Contains(text, `href="/`) {
		t.Errorf("the page: %s, with absolute addresses: %s", resp.Status, text)
	}
	if _, script := get("/debug/asyncio/assets/app.js"); strings.Contains(script, "\"/api/") || strings.Contains(script, "`/api/") {
		t.Error("the page asks for absolute addresses")
	}
	for range 2 {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
	resp, _ = get("/debug/asyncio/api/v1/" + f.of("stats"))
	expect(t, "status of a loop after Close", resp.StatusCode, 503)
}

func TestAMountThatIsClosedWaitsForNoClientThatDoesNotRead(t *testing.T) {
	f := newFake(t, crowd(2000)...)
	f.stack = slices.Repeat([]monitor.Frame{{Function: strings.Repeat("f", 100), File: "main.go"}}, 100)
	m, err := console.Handler()
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	server := httptest.NewServer(m)
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/api/v1/"+f.of("stacks"), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+m.Token())
	resp, err := server.Client().Do(r) // the answer has begun
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	expect(t, "status", resp.StatusCode, http.StatusOK)
	began := time.Now()
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 5*time.Second { // a client has ten to read
		t.Errorf("Close took %v", took)
	}
	if n, err := io.Copy(io.Discard, resp.Body); err == nil { // the connection holds less
		t.Errorf("the client takes %d bytes for the whole", n)
	}
}
