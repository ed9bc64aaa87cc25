package browser_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long anything may take before a test gives up. It bounds hangs and
// measures nothing.
const patience = 60 * time.Second

// chromium is the browser that all tests share. Each tab has a profile of its own in it.
var chromium struct {
	once sync.Once
	ctx  context.Context
	err  error
	quit func()
}

var errNoChromium = errors.New("there is no Chromium on this machine: .ci/servers chromium installs it on Debian")

// theBrowser starts it for the first test that needs it. It skips the test where there
// is none.
func theBrowser(t *testing.T) context.Context {
	t.Helper()
	if os.Getenv("ASYNCIO_BROWSER_ARTEFACTS") == "" {
		t.Skip("a browser takes minutes: .ci/run browser")
	}
	chromium.once.Do(startChromium)
	if errors.Is(chromium.err, errNoChromium) {
		t.Skip(chromium.err)
	}
	if chromium.err != nil {
		t.Fatal(chromium.err)
	}
	return chromium.ctx
}

// flags keep the browser on this machine, even where a page asks for more: no name has an
// address, but for the one that evil.example has learnt to point at us.
var flags = map[string]any{
	"headless": "new", "no-sandbox": true, "disable-gpu": true, "disable-quic": true, "no-first-run": true,
	"no-default-browser-check": true, "disable-background-networking": true, "disable-component-update": true,
	"disable-sync": true, "disable-extensions": true, "disable-default-apps": true, "no-proxy-server": true,
	"disable-dev-shm-usage": true, "hide-scrollbars": true, "mute-audio": true, "metrics-recording-only": true,
	// A tab that is not in front is to go on: tests look at several.
	"disable-background-timer-throttling": true, "disable-renderer-backgrounding": true, "disable-backgrounding-occluded-windows": true,
	"disable-features":    "Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable",
	"host-resolver-rules": "MAP evil.example 127.0.0.1, MAP other.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
}

func startChromium() {
	path := chromiumPath()
	if path == "" {
		chromium.err = errNoChromium
		return
	}
	profile, err := os.MkdirTemp("", "asyncio-browser-")
	if err != nil {
		chromium.err = err
		return
	}
	opts := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.WSURLReadTimeout(patience)}
	for name, value := range flags {
		opts = append(opts, chromedp.Flag(name, value))
	}
	alloc, end := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(alloc)
	chromium.ctx = ctx
	chromium.quit = func() {
		chromedp.Cancel(ctx)
		cancel()
		end()
		os.RemoveAll(profile)
	}
	if err := chromedp.Do(ctx); err != nil {
		chromium.err = fmt.Errorf("Chromium does not start: %w", err)
	}
}

// chromiumPath is the browser's program, or "".
func chromiumPath() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func TestMain(m *testing.M) {
	if name := os.Getenv(sceneVariable); name != "" {
		os.Exit(playScene(name))
	}
	status := m.Run()
	if chromium.quit != nil {
		chromium.quit()
	}
	os.Exit(status)
}

func TestTheBrowserIsKeptOnThisMachine(t *testing.T) {
	rules := flags["host-resolver-rules"].(string)
	if !strings.Contains(rules, "MAP * ~NOTFOUND") {
		t.Fatalf("names of other machines are looked up: %s", rules)
	}
	tab := newTab(t)
	if text := tab.failsToOpen("http://example.com/"); !strings.Contains(text, "ERR_NAME_NOT_RESOLVED") {
		t.Errorf("opening a page of another machine: %s", text)
	}
}
