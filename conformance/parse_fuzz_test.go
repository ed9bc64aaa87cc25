package conformance_test

import (
	"os"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/conformance"
)

// FuzzParse feeds what nobody has written: a case is refused with its line, or
// it is a program. What is a program is not run: it may repeat for ever.
func FuzzParse(f *testing.F) {
	committed, err := os.ReadFile("testdata/cases.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	for i, line := range strings.Split(string(committed), "\n") {
		if i%100 == 0 {
			f.Add(line)
		}
	}
	f.Add(program(`["L","lock"]`, `["lock","L",[]]`, `["group",[["t","c0"]],[["try",[],[]]]]`))
	f.Add(`{"main":[[]],"objects":[[]]}`)
	f.Fuzz(func(t *testing.T, text string) {
		for c, err := range conformance.Cases(strings.NewReader(text)) {
			if err == nil {
				_, err = conformance.Parse(c)
			}
			if err != nil && !strings.HasPrefix(err.Error(), "line ") {
				t.Errorf("the error does not tell the line: %v", err)
			}
		}
	})
}
