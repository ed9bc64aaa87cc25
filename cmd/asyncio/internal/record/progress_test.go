package record

import (
	"bytes"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/plain"
)

func TestProgressIsToldWhereALineCanBeWrittenOver(t *testing.T) {
	for name, test := range map[string]struct {
		screen plain.Screen
		told   bool
	}{
		"on a terminal":      {plain.Screen{Width: 80}, true},
		"not on a dumb one":  {plain.Screen{Width: 80, Dumb: true}, false},
		"and not in a file ": {plain.Screen{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			test.screen.Writer = &out
			newProgress(&test.screen, time.Second).stop()
			if got := out.Len() > 0; got != test.told {
				t.Errorf("it writes %q", out.String())
			}
		})
	}
}
