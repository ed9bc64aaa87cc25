package console_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/goasyncio/asyncio/console"
	"github.com/goasyncio/asyncio/console/internal/wire"
	"github.com/goasyncio/asyncio/internal/monitor"
)

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func host(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }

func method(name string) func(*http.Request) { return func(r *http.Request) { r.Method = name } }

func anonymous(r *http.Request) { r.Header.Del("Authorization") }

func TestReliabilityK1_AConsoleIsOffUnlessAskedForAndThisMachinesAlone(t *testing.T) {
	t.Run("nobody watches a program that asks for none", func(t *testing.T) {
		expect(t, "watched", monitor.Watched(), false)
	})
	for _, addr := range []string{"0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:80", "8765", "", "127.0.0.1", "localhost.example:1"} {
		t.Run(fmt.Sprintf("%q is refused", addr), func(t *testing.T) {
			s, err := console.Serve(addr, console.NoDiscovery())
			if err == nil {
				s.Close()
				t.Fatal("it listens on", s.Addr())
			}
			expect(t, "watched", monitor.Watched(), false)
		})
	}
	for _, addr := range []string{":0", "127.0.0.1:0", "localhost:0"} {
		t.Run(fmt.Sprintf("%q listens on a port of its own on this machine", addr), func(t *testing.T) {
			s, err := console.Serve(addr, console.NoDiscovery())
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			tcp, err := net.ResolveTCPAddr("tcp", s.Addr())
			if err != nil || !tcp.IP.IsLoopback() || tcp.Port == 0 {
				t.Errorf("it listens on %v (%v)", tcp, err)
			}
			expect(t, "watched", monitor.Watched(), true)
		})
	}
	t.Run("the default mux knows nothing of it", func(t *testing.T) {
		s := serve(t)
		w := httptest.NewRecorder()
		http.DefaultServeMux.ServeHTTP(w, httptest.NewRequest("GET", s.URL(), nil))
		expect(t, "status", w.Code, http.StatusNotFound)
	})
	t.Run("nobody watches when it is closed", func(t *testing.T) {
		expect(t, "watched", monitor.Watched(), false)
	})
	t.Run("other machines come in where AllowRemote says so", func(t *testing.T) {
		s, err := console.Serve("0.0.0.0:0", console.AllowRemote(), console.NoDiscovery())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		_, port, _ := net.SplitHostPort(s.Addr())
		to := func(r *http.Request) { r.URL.Host = "127.0.0.1:" + port }
		for name, want := range map[string]int{"192.0.2.7:" + port: 200, "[2001:db8::1]": 200, "evil.example": 403} {
			resp, _ := request(t, s, "/api/v1/program", to, host(name))
			expect(t, name, resp.StatusCode, want)
		}
	})
}

func TestReliabilityK2_APageWhoseNamePointsAtUsIsRefused(t *testing.T) {
	s := serve(t, console.AllowHosts("Console.example", "other.example:99"))
	for name, want := range map[string]int{
		"evil.example": 403, "evil.example:8765": 403, "localhost.evil.example": 403, "127.0.0.1.evil.example": 403,
		"127.0.0.2": 403, "0.0.0.0": 403, "[::]": 403, "localhost.": 403, "10.0.0.1": 403, "%": 403,
		"localhost": 200, "LOCALHOST:1": 200, "127.0.0.1": 200, "127.0.0.1:1": 200, "[::1]": 200, "[::1]:1": 200,
		"console.example": 200, "CONSOLE.example:7": 200, "other.example:99": 200, "other.example:98": 403,
	} {
		t.Run(name, func(t *testing.T) {
			resp, text := request(t, s, "/api/v1/program", host(name))
			expect(t, "status", resp.StatusCode, want)
			if want == 403 && !strings.Contains(text, "AllowHosts") {
				t.Errorf("it does not say what to do: %s", text)
			}
		})
	}
	t.Run("a name in the request line counts as one in the field", func(t *testing.T) {
		conn, err := net.Dial("tcp", s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET http://evil.example/api/v1/program HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", s.Token())
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, "status", resp.StatusCode, 403)
	})
	t.Run("before its token is looked at", func(t *testing.T) {
		right, _ := request(t, s, "/?token="+s.Token(), host("evil.example"), anonymous)
		wrong, _ := request(t, s, "/?token=guess", host("evil.example"), anonymous)
		expect(t, "with the right one", right.StatusCode, 403)
		expect(t, "with a wrong one", wrong.StatusCode, 403)
	})
}

func TestReliabilityK3_OtherSitesReadNothingThroughTheUsersBrowser(t *testing.T) {
	f := newFake(t, crowd(3)...)
	s := serve(t)
	cookie := login(t, s)
	browser := func(r *http.Request) {
		anonymous(r)
		r.AddCookie(cookie)
	}
	paths := []string{"/", "/api/v1/program", "/api/v1/" + f.of("tasks"), "/api/v1/" + f.of("stream"), "/api/v1/" + f.of("recording?for=1s")}
	for _, path := range paths {
		for name, change := range map[string]func(*http.Request){
			"a fetch of another site":           header("Origin", "https://evil.example"),
			"one of another port":               header("Origin", "http://127.0.0.1:1"),
			"one of a sandboxed frame":          header("Origin", "null"),
			"one whose browser says so":         header("Sec-Fetch-Site", "cross-site"),
			"one of a program beside":           header("Sec-Fetch-Site", "same-site"),
			"one with a second origin":          func(r *http.Request) { r.Header["Origin"] = []string{"http://" + s.Addr(), "https://evil.example"} },
			"a page of ours under another host": func(r *http.Request) { r.Header.Set("Origin", "http://"+s.Addr()); r.Host = "localhost" },
		} {
			t.Run(name+" of "+path, func(t *testing.T) {
				resp, _ := request(t, s, path, browser, change)
				expect(t, "status", resp.StatusCode, 403)
				for field := range resp.Header {
					if strings.HasPrefix(field, "Access-Control-") {
						t.Errorf("the answer has %s", field)
					}
				}
			})
		}
	}
	t.Run("our own page reads, and so does who types the address", func(t *testing.T) {
		for _, change := range []func(*http.Request){
			header("Sec-Fetch-Site", "same-origin"), header("Sec-Fetch-Site", "none"), header("Origin", "http://"+s.Addr()),
		} {
			resp, _ := request(t, s, "/api/v1/program", browser, change)
			expect(t, "status", resp.StatusCode, 200)
		}
	})
	t.Run("there is no WebSocket", func(t *testing.T) {
		resp, _ := request(t, s, "/api/v1/"+f.of("stats"), browser, header("Connection", "Upgrade"), header("Upgrade", "websocket"))
		if resp.StatusCode == http.StatusSwitchingProtocols {
			t.Error("the connection was upgraded")
		}
	})
}

// login opens the address with the token, as a browser does, and returns the cookie.
func login(t *testing.T, s *console.Server) *http.Cookie {
	t.Helper()
	u, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	resp, _ := request(t, s, u.RequestURI(), anonymous)
	expect(t, "status", resp.StatusCode, http.StatusFound)
	expect(t, "where to", resp.Header.Get("Location"), "./")
	if len(resp.Cookies()) != 1 {
		t.Fatalf("cookies: %v", resp.Cookies())
	}
	return resp.Cookies()[0]
}

func TestReliabilityK4_NothingIsDoneAndNothingIsToldWithoutTheToken(t *testing.T) {
	f := newFake(t, crowd(3)...)
	s := serve(t)
	t.Run("it has 128 bits, and each console its own", func(t *testing.T) {
		other := serve(t)
		if len(s.Token()) != 26 || s.Token() == other.Token() { // 26 characters of 5 bits
			t.Errorf("tokens %q and %q", s.Token(), other.Token())
		}
	})
	for _, m := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT2"} {
		t.Run(m+" is no way to ask", func(t *testing.T) {
			resp, _ := request(t, s, "/api/v1/program", method(m))
			expect(t, "status", resp.StatusCode, 405)
			expect(t, "what is", resp.Header.Get("Allow"), "GET, HEAD")
		})
	}
	wrong := map[string]func(*http.Request){
		"none":                   anonymous,
		"another one":            header("Authorization", "Bearer aaaaaaaaaaaaaaaaaaaaaaaaaa"),
		"a part of it":           header("Authorization", "Bearer "+s.Token()[:25]),
		"more than it":           header("Authorization", "Bearer "+s.Token()+"a"),
		"it in capitals":         header("Authorization", "Bearer "+strings.ToUpper(s.Token())),
		"it as a password":       func(r *http.Request) { r.SetBasicAuth("", s.Token()) },
		"an empty one":           header("Authorization", "Bearer "),
		"a megabyte's beginning": header("Authorization", "Bearer "+strings.Repeat("a", 8<<10)),
		"another cookie":         func(r *http.Request) { anonymous(r); r.AddCookie(&http.Cookie{Name: login(t, s).Name, Value: "guess"}) },
		"a cookie of another":    func(r *http.Request) { anonymous(r); r.AddCookie(&http.Cookie{Name: "token", Value: s.Token()}) },
	}
	for name, change := range wrong {
		t.Run("with "+name, func(t *testing.T) {
			for _, path := range []string{"/", "/assets/app.js", "/api/v1/program", "/api/v1/" + f.of("tasks"), "/api/v1/" + f.of("stream"), "/api/v1/" + f.of("stacks")} {
				resp, text := request(t, s, path, change)
				if resp.StatusCode != 401 || strings.Contains(text, "worker") {
					t.Errorf("%s: %s %s", path, resp.Status, text)
				}
			}
		})
	}
	t.Run("a token in the address of the interface is none", func(t *testing.T) {
		resp, _ := request(t, s, "/api/v1/program?token="+s.Token(), anonymous)
		expect(t, "status", resp.StatusCode, 401)
	})
	t.Run("who comes with a browser is told what to do", func(t *testing.T) {
		for _, path := range []string{"/", "/?token=guess"} {
			resp, text := request(t, s, path, anonymous, header("Accept", "text/html,*/*"))
			if resp.StatusCode != 401 || !strings.Contains(text, "?token=") || !strings.Contains(resp.Header.Get("Content-Type"), "text/html") {
				t.Errorf("%s: %s %s", path, resp.Status, text)
			}
			expect(t, "cookies", len(resp.Cookies()), 0)
		}
	})
	t.Run("the cookie is for this console's page alone", func(t *testing.T) {
		c := login(t, s)
		expect(t, "scripts see it", c.HttpOnly, true)
		expect(t, "other sites send it", c.SameSite, http.SameSiteStrictMode)
		if other := login(t, serve(t)); other.Name == c.Name {
			t.Error("a console on another port has a cookie of the same name")
		}
	})
	t.Run("one that a program chooses must be long, and of harmless characters", func(t *testing.T) {
		for _, token := range []string{"short", "fifteen-letters", "with spaces in it all", "with\r\nX: a line break", strings.Repeat("é", 20)} {
			if m, err := console.Handler(console.Token(token)); err == nil {
				m.Close()
				t.Errorf("%q was taken", token)
			}
		}
		m, err := console.Handler(console.Token("sixteen-letters_"))
		if err != nil {
			t.Fatal(err)
		}
		expect(t, "token", m.Token(), "sixteen-letters_")
		m.Close()
	})
}

// hostile are names that somebody may have made from what its users send.
var hostile = map[string]string{
	"markup":                    `<script>alert(1)</script><img src=x onerror=alert(1)>"'&`,
	"escapes of a terminal":     "\x1b[2J\x1b]0;title\x07red\x1b[31m \u009b2J",
	"control characters":        "a\x00b\nc\rd\x7fe",
	"marks of direction":        "user\u202etxt.exe \u2066x\u2069 \u200b\ufeff",
	"bytes that are no text":    "a\xff\xfe\xc3(\xed\xa0\x80z",
	"a megabyte":                strings.Repeat("ab", 1<<19),
	"a megabyte of wide runes":  strings.Repeat("語", 1<<18),
	"a megabyte of no text":     strings.Repeat("\xff", 1<<20),
	"an end of a line's event":  "a\n\ndata: {\"ended\":{}}\n\n",
	"a name like one in JSON":   `","id":7,"x":"`,
	"line ends of JavaScript's": "a\u2028b\u2029c",
}

func TestReliabilityK5_NamesAreTextAndShort(t *testing.T) {
	for what, name := range hostile {
		t.Run(what, func(t *testing.T) {
			f := newFake(t, monitor.Task{ID: 1, Name: name, State: "waiting", WaitsFor: name, Tasks: []uint64{1}})
			f.stacks = map[uint64][]byte{1: []byte(name)}
			f.timers = []monitor.Timer{{What: name}}
			f.failures = []monitor.Failure{{Task: name, Error: name}}
			f.resources = []monitor.Resource{{Kind: name, State: name}}
			f.stack = []monitor.Frame{{Function: name, File: name}}
			s := serve(t)
			monitor.Tell(f, monitor.Report{Message: name, Task: name, Stack: []byte(name)})
			got := answer[wire.Tasks](t, s, f.of("tasks")).Tasks[0].Name
			if want := strings.ToValidUTF8(name, "\uFFFD"); len(name) <= wire.MaxName {
				expect(t, "name", got, want)
			} else if len(got) > wire.MaxName || !strings.HasSuffix(got, "…") || !strings.HasPrefix(want, strings.TrimSuffix(got, "…")) {
				t.Errorf("a name of %d bytes came as %d bytes: %.300q", len(name), len(got), got)
			}
			for _, what := range []string{"tasks", "tasks/1", "tree", "graph", "timers", "failures", "resources", "warnings", "stacks"} {
				resp, text := request(t, s, "/api/v1/"+f.of(what))
				harmless(t, what, resp, text)
			}
		})
	}
	t.Run("so is what a client sends", func(t *testing.T) {
		s := serve(t)
		for what, name := range hostile {
			resp, text := request(t, s, "/api/v1/loops/"+url.PathEscape(name[:min(len(name), 4000)])+"/tasks")
			expect(t, what, resp.StatusCode/100, 4)
			harmless(t, what, resp, text)
		}
	})
	t.Run("no answer runs in a browser, is framed, read by others or kept", func(t *testing.T) {
		f := newFake(t, crowd(2)...)
		s := serve(t)
		for _, path := range []string{"/", "/assets/app.js", "/nothing", "/api/v1/program", "/api/v1/nothing", "/api/v1/" + f.of("stacks")} {
			for _, change := range []func(*http.Request){func(*http.Request) {}, anonymous, host("evil.example"), method("POST")} {
				resp, _ := request(t, s, path, change)
				for field, want := range map[string]string{
					"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
					"Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Cross-Origin-Resource-Policy": "same-origin",
				} {
					if got := resp.Header.Get(field); !strings.Contains(got, want) {
						t.Errorf("%s: %s: %q", path, field, got)
					}
				}
				policy := resp.Header.Get("Content-Security-Policy")
				if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors 'none'") {
					t.Errorf("%s: policy %q", path, policy)
				}
			}
		}
	})
}

// harmless checks that an answer is valid text which neither a terminal nor a browser
// takes for anything else, and of bounded length.
func harmless(t *testing.T, what string, resp *http.Response, text string) {
	t.Helper()
	if !utf8.ValidString(text) || len(text) > 512<<10 {
		t.Errorf("%s: %d bytes, valid: %v", what, len(text), utf8.ValidString(text))
	}
	for _, r := range text {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029') {
			t.Errorf("%s has %q", what, r)
			return
		}
	}
	kind := resp.Header.Get("Content-Type")
	if kind == "application/json" && strings.ContainsAny(text, "<>&") {
		t.Errorf("%s has markup: %.200s", what, text)
	}
	if kind != "application/json" && kind != "text/plain; charset=utf-8" {
		t.Errorf("%s is %q", what, kind)
	}
}
