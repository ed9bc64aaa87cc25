package vet_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/vet"
)

func TestTheCallsOfGoVetAreToldFromThoseOfPeople(t *testing.T) {
	for _, test := range []struct {
		args string
		tool bool
	}{
		{"-flags", true},
		{"-V=full", true},
		{"/tmp/b001/vet.cfg", true},
		{"-asyncio.tests -asyncio.without=clock /tmp/b001/vet.cfg", true},
		{"", false},
		{"vet ./...", false},
		{"vet", false},
		{"serve site.cfg", false},
		{"fetch https://example.org/a.cfg", false},
		{"--help", false},
		{"--version", false},
	} {
		t.Run(fmt.Sprintf("asyncio %s", test.args), func(t *testing.T) {
			if got := vet.IsTool(strings.Fields(test.args)); got != test.tool {
				t.Errorf("called by go vet: %v, want %v", got, test.tool)
			}
		})
	}
}

func TestTheHelpNamesEveryRule(t *testing.T) {
	help := vet.New().Long
	for _, rule := range []string{"maporder", "select", "goroutine", "blocks", "clock", "random", "process", "network", "files", "pool", "pointer", "directive"} {
		if !strings.Contains(help, "\n  "+rule+" ") {
			t.Errorf("the help does not name the rule %s", rule)
		}
	}
}
