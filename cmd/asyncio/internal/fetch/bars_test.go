package fetch

import (
	"testing"

	"github.com/mattn/go-runewidth"
)

func TestALabelHasTheWidthOfItsColumn(t *testing.T) {
	for label, want := range map[string]string{
		"short":             "short     ",
		"just-right":        "just-right",
		"rather-long-1.bin": "rathe….bin",
		"数字数字数字-1.bin":      "数字…1.bin",
		"":                  "          ",
	} {
		got := fit(label, 10)
		if got != want || runewidth.StringWidth(got) != 10 {
			t.Errorf("fit(%q) = %q of %d columns, want %q", label, got, runewidth.StringWidth(got), want)
		}
	}
}
