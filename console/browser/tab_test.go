package browser_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A tab is a page in a profile of its own, and what happened in it.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	said     []string // by the page: console, exceptions, what the browser complains of
	faults   []string // of these, exceptions and violations of the page's security policy
	dialogs  []string // alert and the like: nothing here opens one
	requests []string // what was asked for, from wherever
}

// newTab opens an empty one. At the end of the test it is closed; a page that has thrown
// an exception, has opened a dialog or asked another server has failed.
func newTab(t *testing.T) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(theBrowser(t), chromedp.WithNewBrowserContext())
	tb := &tab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, tb.event); err != nil { // makes the tab, which lives as long as ctx
		t.Fatal(err)
	}
	tb.do(command(network.Enable, network.EnableParams{}), command(log.Enable, cdp.Empty{}), command(runtime.Enable, cdp.Empty{}))
	tb.size(screen)
	t.Cleanup(func() {
		if t.Failed() {
			tb.tell()
		}
		cancel()
	})
	return tb
}

// event is called for everything that happens in the tab. It must not wait.
func (tb *tab) event(e any) {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	switch e := e.(type) {
	case *runtime.EventConsoleAPICalled:
		var words []string
		for _, a := range e.Args {
			words = append(words, string(a.Value)+a.Description)
		}
		tb.said = append(tb.said, fmt.Sprintf("console.%s: %s", e.Type, strings.Join(words, " ")))
	case *runtime.EventExceptionThrown:
		tb.said = append(tb.said, "exception: "+thrown(e.ExceptionDetails))
		tb.faults = append(tb.faults, thrown(e.ExceptionDetails))
	case *log.EventEntryAdded:
		tb.said = append(tb.said, fmt.Sprintf("%s (%s): %s %s", e.Entry.Level, e.Entry.Source, e.Entry.Text, e.Entry.URL))
		if e.Entry.Source == log.EntrySourceSecurity || strings.Contains(e.Entry.Text, "Content Security Policy") {
			tb.faults = append(tb.faults, e.Entry.Text)
		}
	case *page.EventJavascriptDialogOpening:
		tb.dialogs = append(tb.dialogs, e.Message)
		go chromedp.Call(tb.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{})
	case *network.EventRequestWillBeSent:
		tb.requests = append(tb.requests, e.Request.URL)
	case *inspector.EventTargetCrashed:
		tb.faults = append(tb.faults, "the page has crashed")
	}
}

// thrown is an exception in words.
func thrown(e *runtime.ExceptionDetails) string {
	if e.Exception != nil && e.Exception.Description != "" {
		return e.Exception.Description
	}
	return e.Text
}

// act runs an action of the browser, within patience.
func act[T any](tb *tab, a chromedp.Action[T]) (T, error) {
	ctx, cancel := context.WithTimeoutCause(tb.ctx, patience, fmt.Errorf("the browser has not done it within %v", patience))
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w (%w)", err, context.Cause(ctx))
	}
	return v, err
}

func (tb *tab) try(actions ...chromedp.Action[chromedp.Void]) error {
	_, err := act(tb, chromedp.Steps(actions...))
	return err
}

// do is try for what must not fail.
func (tb *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	tb.t.Helper()
	if err := tb.try(actions...); err != nil {
		tb.t.Fatal(err)
	}
}

// command is a command of the browser's protocol as an action.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, c, params)
		return err
	})
}

// open goes to an address and waits until the page is loaded.
func (tb *tab) open(url string) {
	tb.t.Helper()
	tb.do(chromedp.Navigate(url))
}

// failsToOpen is why an address cannot be opened.
func (tb *tab) failsToOpen(url string) string {
	tb.t.Helper()
	err := tb.try(chromedp.Navigate(url))
	if err == nil {
		tb.t.Fatalf("%s can be opened", url)
	}
	return err.Error()
}

// eval is what an expression of JavaScript gives. It may be a promise.
func eval[T any](tb *tab, expression string) T {
	tb.t.Helper()
	value, err := act(tb, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		tb.t.Fatalf("%.200s: %v", expression, err)
	}
	return value
}

// script runs a program of the test's own in the page. The page's security policy does
// not reach it.
func script(text string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](text)
}

// waitFor waits until an expression is true, which is what the sentence says.
func (tb *tab) waitFor(sentence, expression string) {
	tb.t.Helper()
	end := time.Now().Add(patience)
	for {
		value, err := act(tb, chromedp.Evaluate[any](expression))
		if value == true {
			return
		}
		if time.Now().After(end) {
			tb.t.Fatalf("the page never came to this: %s\n%s is %v (%v)", sentence, expression, value, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// waitText waits until the page shows a text, whatever its case and spaces.
func (tb *tab) waitText(want string) {
	tb.t.Helper()
	tb.waitFor("it shows "+want, fmt.Sprintf(`document.body.innerText.replace(/\s+/g, " ").toLowerCase().includes(%s)`, quote(strings.ToLower(want))))
}

// text is what the element shows.
func (tb *tab) text(selector string) string {
	tb.t.Helper()
	return eval[string](tb, fmt.Sprintf(`document.querySelector(%s)?.innerText ?? ""`, quote(selector)))
}

// click presses on the middle of the element with the mouse, as people do.
func (tb *tab) click(selector string) {
	tb.t.Helper()
	tb.do(chromedp.Click(chromedp.CSS(selector)))
}

// press presses keys. Names of keys are those of package kb.
func (tb *tab) press(keys ...string) {
	tb.t.Helper()
	for _, k := range keys {
		tb.do(chromedp.KeyEvent(k))
	}
}

// quote makes a literal of JavaScript.
func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // no string makes one
	}
	return string(text)
}

// tell writes down what one needs to find out why a test has failed.
func (tb *tab) tell() {
	tb.t.Logf("the tab is shown in %s", tb.picture("failed"))
	tb.mu.Lock()
	defer tb.mu.Unlock()
	tb.t.Logf("the page has said:\n\t%s", strings.Join(tb.said, "\n\t"))
}

// isSound fails the test where the page has thrown an exception, broken its own security
// policy, opened a dialog, or asked anybody but its own server.
func (tb *tab) isSound(origin string) {
	tb.t.Helper()
	tb.mu.Lock()
	defer tb.mu.Unlock()
	for _, f := range tb.faults {
		tb.t.Errorf("the page is at fault: %s", f)
	}
	for _, d := range tb.dialogs {
		tb.t.Errorf("a dialog was opened: %q", d)
	}
	own := 0
	for _, url := range tb.requests {
		switch {
		case strings.HasPrefix(url, origin+"/"):
			own++
		case strings.HasPrefix(url, "data:"), strings.HasPrefix(url, "blob:"+origin+"/"), url == "about:blank":
		default:
			tb.t.Errorf("the page has asked for %s, which is not of its server %s", url, origin)
		}
	}
	if own == 0 {
		tb.t.Errorf("no request to %s was seen: the test looks in the wrong way", origin)
	}
}

// typeInto replaces the text of a field, key by key.
func (tb *tab) typeInto(selector, text string) {
	tb.t.Helper()
	tb.do(script(fmt.Sprintf(`(e => { e.focus(); e.select(); })(document.querySelector(%s))`, quote(selector))))
	tb.press(kb.Delete)
	for _, r := range text {
		tb.press(string(r))
	}
}

// pause gives the page and the program some time.
func (tb *tab) pause() { time.Sleep(300 * time.Millisecond) }
