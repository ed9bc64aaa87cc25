package timeline

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// fills are the colours of the classes in one scheme of the stylesheet.
func fills(css string) map[string]string {
	found := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^\.?([a-z-]+) \{.*?fill: (#[0-9a-f]{6})`).FindAllStringSubmatch(css, -1) {
		found[m[1]] = m[2]
	}
	return found
}

// luminance is the relative luminance of a colour as WCAG 2 defines it.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 24)
	if err != nil {
		t.Fatalf("%q is no colour: %v", hex, err)
	}
	part := func(shift int) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestTextCanBeReadOnWhatIsBehindIt(t *testing.T) {
	light, dark, _ := strings.Cut(stylesheet, "@media")
	for scheme, css := range map[string]string{"light": light, "dark": dark} {
		colors := fills(css)
		for text, behind := range map[string]string{
			"text": "page", "tick": "page", "on-blocks": "blocks", "on-held": "held", "on-waits": "waits",
		} {
			if got := contrast(t, colors[text], colors[behind]); got < 4.5 {
				t.Errorf("%s: %s on %s has a contrast of %.1f, want 4.5", scheme, text, behind, got)
			}
		}
		for _, bar := range []string{"runs", "blocks"} {
			if got := contrast(t, colors[bar], colors["page"]); got < 3 {
				t.Errorf("%s: %s on the page has a contrast of %.1f, want 3", scheme, bar, got)
			}
		}
	}
}
