package browser_test

import (
	"strings"
	"testing"
)

func TestABlockedLoop(t *testing.T) {
	p := play(t, "blocked")
	for _, how := range []struct{ order, task, function string }{
		{"block", "culprit", "computesForLong"},
		{"sleep", "sleepyhead", "sleepsForLong"},
	} {
		t.Run(how.task, func(t *testing.T) {
			p.t = t
			tab := p.watch()
			tab.connected()
			ask[string](p, how.order)
			tab.waitText("The loop is blocked")
			tab.waitText(how.function)
			tab.waitFor("the badge says it", `document.querySelector(".badge.blocked") !== null`)
			if text := tab.text(".banner"); !strings.Contains(text, how.task) {
				t.Errorf("the banner does not name the task %q: %s", how.task, text)
			}
			tab.pictures("blocked")
			p.tell("release")
			tab.waitFor("the banner is gone", `!document.body.innerText.includes("The loop is blocked")`)
			tab.waitFor("the badge too", `document.querySelector(".badge.blocked") === null`)
			if got, want := tab.number("tasks"), ask[int](p, "count"); got != want {
				t.Errorf("afterwards the page shows %d tasks, the runtime has %d", got, want)
			}
			tab.isSound(p.origin())
		})
	}
}

func TestADeadlock(t *testing.T) {
	p := play(t, "deadlock")
	tab := p.watch()
	tab.connected()
	p.tell("end")
	tab.waitText("Deadlock: everybody waits")
	for _, name := range []string{"ann", "ben", "cem"} {
		tab.waitFor("it names "+name, `document.querySelector(".banner.bad").innerText.includes(`+quote(name)+`)`)
	}
	tab.waitFor("the badge says that the loop has ended", `document.querySelector(".badge.ended") !== null`)
	tab.pictures("deadlock")
	p.stdin.Close() // the program ends
	if err := p.wait(); err == nil {
		t.Error("the program has ended without an error")
	}
	tab.waitFor("it still names the cycle", `["ann", "ben", "cem"].every(n => document.querySelector(".banners").innerText.includes(n))`)
	tab.picture("gone")
	tab.isSound(p.origin())
}

func TestAProgramThatEndsWhileWatched(t *testing.T) {
	for name, end := range map[string]func(*program){
		"by itself": func(p *program) { p.tell("end"); p.stdin.Close() },
		"killed":    (*program).kill,
	} {
		t.Run(name, func(t *testing.T) {
			p := play(t, "mixed")
			tab := p.watch()
			tab.connected()
			want := tab.number("tasks")
			tab.waitFor("all its scripts are there", `performance.getEntriesByType("resource").filter(e => /assets[/](lag|dagre)[^/]*js$/.test(e.name) && e.responseEnd > 0).length === 2`)
			end(p)
			if err := p.wait(); err != nil && name == "by itself" {
				t.Errorf("the program ends with %v", err)
			}
			tab.waitFor("the page says so", `/has ended|connection is gone/.test(document.querySelector(".banners").innerText)`)
			if alert := tab.text("[role=alert]"); !strings.Contains(alert, "ended") && !strings.Contains(alert, "gone") {
				t.Errorf("a screen reader says %q", alert)
			}
			if got := tab.number("tasks"); got != want && name == "killed" {
				t.Errorf("the last picture has %d tasks, before it was %d", got, want)
			}
			tab.pictures("gone")
			tab.show("tasks")
			tab.waitRows()
			if got := len(tab.rows()); got != want {
				t.Errorf("the table still has %d tasks, before it was %d", got, want)
			}
			tab.show("lag") // which has a script of its own
			tab.waitFor("it is there", `document.querySelector("main .chart, main .empty h2") !== null`)
			if text := tab.text("main"); strings.Contains(text, "could not be loaded") {
				t.Error(text)
			}
			tab.isSound(p.origin())
		})
	}
}

// A program that is started again has a new console. With the same token the page goes
// on by itself; with another one it says what to do.
func TestAProgramThatIsStartedAgain(t *testing.T) {
	const token = "0123456789abcdefghij"
	for name, again := range map[string]string{"with the same token": token, "with another token": "zyxwvutsrqponmlkjihg"} {
		t.Run(name, func(t *testing.T) {
			first := play(t, "mixed", "ASYNCIO_CONSOLE_TOKEN="+token)
			tab := first.watch()
			tab.connected()
			first.kill()
			tab.waitText("The connection is gone")
			second := play(t, "mixed", "ASYNCIO_CONSOLE_TOKEN="+again, "ASYNCIO_CONSOLE="+strings.TrimPrefix(first.origin(), "http://"))
			if again != token {
				tab.waitText("has changed its token")
				tab.pictures("token")
				tab.open(second.page)
			}
			tab.waitFor("it shows the new program", `document.querySelector(".badge.asleep") !== null && !document.querySelector(".banner")`)
			if got, want := tab.number("tasks"), ask[int](second, "count"); got != want {
				t.Errorf("the page shows %d tasks, the runtime has %d", got, want)
			}
			tab.isSound(second.origin())
		})
	}
}
