package browser_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/console"
)

// aConsole is one in this process, which has no loop: what it says is the same to
// everybody, and of no interest to these tests.
func aConsole(t *testing.T) (server *console.Server, origin string) {
	t.Helper()
	theBrowser(t)
	server, err := console.Serve("127.0.0.1:0", console.NoDiscovery())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return server, "http://" + server.Addr()
}

func TestTheTokenOpensThePageAndLeavesTheAddress(t *testing.T) {
	server, origin := aConsole(t)
	tab := newTab(t)
	tab.open(server.URL())
	if at := eval[string](tab, `location.href`); at != origin+"/" {
		t.Errorf("the page is at %s, want %s/", at, origin)
	}
	if n := eval[int](tab, `history.length`); n > 2 { // about:blank, the page
		t.Errorf("the history has %d entries: the address with the token is one of them", n)
	}
	if c := eval[string](tab, `document.cookie`); c != "" {
		t.Errorf("scripts can read the cookie %q", c)
	}
	tab.waitText("No loop runs")
	tab.isSound(origin)
}

// Without the token, or with a wrong one, people are told what to do.
func TestAWrongTokenIsToldWhatToDo(t *testing.T) {
	_, origin := aConsole(t)
	for _, path := range []string{"/", "/?token=", "/?token=aaaaaaaaaaaaaaaaaaaaaaaaaa", "/?token=%00%ff<script>"} {
		t.Run(path, func(t *testing.T) {
			tab := newTab(t)
			tab.open(origin + path)
			tab.waitText("This console wants its token")
			if status := eval[int](tab, `performance.getEntriesByType("navigation")[0].responseStatus`); status != http.StatusUnauthorized {
				t.Errorf("status %d, want 401", status)
			}
			if status := eval[int](tab, `fetch("/api/v1/program").then(a => a.status)`); status != http.StatusUnauthorized {
				t.Errorf("the interface answers with status %d, want 401", status)
			}
			tab.pictures("door")
			tab.isSound(origin)
		})
	}
}

// The name of another site may lead here (DNS rebinding). Its page has the right to read
// what this name answers, so that the console must not answer to it, token or not.
func TestTheNameOfAnotherSiteIsRefused(t *testing.T) {
	server, _ := aConsole(t)
	_, port, err := net.SplitHostPort(server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/?token=" + server.Token(), "/api/v1/program", "/assets/app.js"} {
		tab := newTab(t)
		tab.open("http://evil.example:" + port + path)
		if text := tab.text("body"); !strings.Contains(text, "this console is not called") {
			t.Errorf("%s: the page shows %q", path, text)
		}
		if status := eval[int](tab, `performance.getEntriesByType("navigation")[0].responseStatus`); status != http.StatusForbidden {
			t.Errorf("%s: status %d, want 403", path, status)
		}
		if c := eval[int](tab, fmt.Sprintf(`fetch("/api/v1/program", {headers: {Authorization: "Bearer %s"}}).then(a => a.status)`, server.Token())); c != http.StatusForbidden {
			t.Errorf("%s: a script of that name gets status %d, want 403", path, c)
		}
	}
}

// evilPage is the page of another site, opened in the browser of somebody who has the
// console's cookie. It tries all ways to the console that pages have, and tells what
// it could read or do.
const evilPage = `<!doctype html><title>evil</title><body>
<iframe id="inner" src="%[1]s/"></iframe>
<form id="form" method="post" action="%[1]s/api/v1/program" target="sink"><input name="a" value="b"></form><iframe name="sink"></iframe>
<script>
const at = %[2]q, outcome = {};
const read = (name, promise) => promise.then(v => outcome[name] = "READ " + v, e => outcome[name] = "refused");
const later = new Promise(done => setTimeout(done, 1500));
const frame = document.getElementById("inner");
Promise.all([
	read("fetch", fetch(at + "/api/v1/program").then(a => a.text())),
	read("fetch with cookies", fetch(at + "/api/v1/program", {credentials: "include"}).then(a => a.text())),
	read("fetch with a header", fetch(at + "/api/v1/program", {headers: {Authorization: "Bearer x"}}).then(a => a.text())),
	read("post", fetch(at + "/api/v1/program", {method: "POST", body: "{}"}).then(a => a.text())),
	read("event source", new Promise((yes, no) => {
		const s = new EventSource(at + "/api/v1/loops/1/stream", {withCredentials: true});
		s.onmessage = m => yes(m.data); s.onopen = () => yes("open"); s.onerror = () => { s.close(); no(); };
	})),
	read("web socket", new Promise((yes, no) => {
		const s = new WebSocket(at.replace("http", "ws") + "/api/v1/loops/1/stream");
		s.onopen = () => yes("open"); s.onmessage = m => yes(m.data); s.onerror = no;
	})),
	read("image", new Promise((yes, no) => { const i = new Image(); i.onload = () => yes(i.naturalWidth); i.onerror = no; i.src = at + "/assets/icon.svg"; })),
	read("script", new Promise((yes, no) => { const s = document.createElement("script"); s.onload = () => yes("ran"); s.onerror = no; s.src = at + "/assets/app.js"; document.head.append(s); })),
	read("style", new Promise((yes, no) => { const l = document.createElement("link"); l.rel = "stylesheet"; l.onload = () => yes("applied"); l.onerror = no; l.href = at + "/assets/style.css"; document.head.append(l); })),
	read("frame", later.then(() => { const d = frame.contentDocument; if (!d) throw "of another origin"; return d.body.innerText; })),
	read("form", (document.getElementById("form").submit(), later).then(() => { const d = frames.sink.document; return d.body.innerText; })),
]).then(() => window.outcome = outcome);
</script>`

func TestThePageOfAnotherSiteReadsNothing(t *testing.T) {
	server, origin := aConsole(t)
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, evilPage, origin, origin)
	}))
	defer evil.Close()
	at, err := url.Parse(evil.URL)
	if err != nil {
		t.Fatal(err)
	}
	// Another port of this machine is the same site, as cookies see it, and another
	// origin; another name is neither.
	for _, address := range []string{"http://127.0.0.1:" + at.Port(), "http://localhost:" + at.Port(), "http://other.example:" + at.Port()} {
		t.Run(address[:strings.LastIndex(address, ":")], func(t *testing.T) {
			tab := newTab(t)
			tab.open(server.URL()) // the cookie
			tab.waitText("No loop runs")
			tab.open(address)
			tab.waitFor("the other page has tried everything", `!!window.outcome`)
			outcome := eval[map[string]string](tab, `window.outcome`)
			if len(outcome) != 11 {
				t.Errorf("%d ways were tried, want 11: %v", len(outcome), outcome)
			}
			for way, how := range outcome {
				if how != "refused" {
					t.Errorf("%s: %.200s", way, how)
				}
			}
		})
	}
}

// A link on another page does not carry the cookie, which is what the door page says;
// and the address with the token may be typed or pasted.
func TestALinkOfAnotherSiteDoesNotOpenTheConsole(t *testing.T) {
	server, origin := aConsole(t)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><a id="link" href="%s/">look</a>`, origin)
	}))
	defer other.Close()
	at, err := url.Parse(other.URL)
	if err != nil {
		t.Fatal(err)
	}
	tab := newTab(t)
	tab.open(server.URL())
	tab.waitText("No loop runs")
	tab.open("http://other.example:" + at.Port())
	tab.click("#link")
	tab.waitFor("the console has answered", fmt.Sprintf(`location.origin === %q && document.readyState === "complete"`, origin))
	if text := tab.text("body"); !strings.Contains(text, "answers to its own page") && !strings.Contains(text, "wants its token") {
		t.Errorf("it shows %q", text)
	}
}
