package browser_test

import (
	"os"
	"path/filepath"
	"regexp"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// artefactsVariable names the folder for pictures.
const artefactsVariable = "ASYNCIO_BROWSER_ARTEFACTS"

// A format is how large a window is.
type format struct {
	name          string
	width, height int64
	phone         bool
}

var (
	screen = format{"screen", 1280, 800, false}
	phone  = format{"phone", 360, 740, true}
)

// size makes the window as large as this.
func (tb *tab) size(f format) {
	tb.t.Helper()
	tb.do(
		command(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: f.width, Height: f.height, DeviceScaleFactor: 1, Mobile: f.phone}),
		command(emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: f.phone}),
	)
}

// theme makes the system prefer light or dark colours, and motion or not.
func (tb *tab) theme(name string, motion bool) {
	tb.t.Helper()
	reduced := "reduce"
	if motion {
		reduced = "no-preference"
	}
	tb.do(command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: reduced},
	}}))
	tb.settle()
}

// settle waits until what has changed is drawn.
func (tb *tab) settle() {
	tb.t.Helper()
	eval[bool](tb, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`)
}

// strange is what a file's name should not have on some system or other.
var strange = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// picture saves what the tab shows as NAME.png, and returns where. Without a folder for
// pictures it goes to the test's own one.
func (tb *tab) picture(name string) string {
	folder := os.Getenv(artefactsVariable)
	if folder == "" {
		folder = tb.t.ArtifactDir()
	}
	file := filepath.Join(folder, strange.ReplaceAllString(tb.t.Name(), "_")+"-"+name+".png")
	image, err := act(tb, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err == nil {
		err = os.WriteFile(file, image, 0o644)
	}
	if err != nil {
		tb.t.Errorf("no picture %s: %v", name, err)
	}
	return file
}

// pictures saves the scene at each size and in each theme, and leaves the tab as it was.
// None may be wider than its window.
func (tb *tab) pictures(name string) {
	tb.t.Helper()
	for _, f := range []format{phone, screen} {
		tb.size(f)
		for _, theme := range []string{"dark", "light"} {
			tb.theme(theme, false)
			tb.picture(name + "-" + f.name + "-" + theme)
		}
		tb.noSidewaysScroll(f)
	}
}

// noSidewaysScroll fails the test where the page is wider than its window.
func (tb *tab) noSidewaysScroll(f format) {
	tb.t.Helper()
	if w := eval[int64](tb, `document.documentElement.scrollWidth`); w > f.width {
		tb.t.Errorf("the page is %d pixels wide in a window of %d", w, f.width)
	}
}
