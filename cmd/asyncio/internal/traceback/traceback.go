// Package traceback makes of the tracebacks of Go what a person wants to see of a task.
package traceback

import (
	"regexp"
	"strings"
)

var (
	goroutine = regexp.MustCompile(`^goroutine \d+ .*?\[([^\]]*)\]:$`)
	arguments = regexp.MustCompile(`\([^()]*\)$`)
	offset    = regexp.MustCompile(` \+0x[0-9a-f]+$`)
)

// Calls are the lines of a traceback without what differs between tasks that do the same,
// the values of arguments and the addresses, and without the machinery of coroutines.
func Calls(lines []string) (kept []string) {
	skip := false
	for _, line := range lines {
		if goroutine.MatchString(line) || line == "" {
			continue
		}
		if !strings.HasPrefix(line, " ") {
			line = arguments.ReplaceAllString(strings.TrimPrefix(line, "created by "), "")
			skip = Machinery(line)
		}
		if !skip {
			kept = append(kept, offset.ReplaceAllString(line, ""))
		}
	}
	return kept
}

// ofRuntime is a function of our own runtime: its receiver, if any, and its name.
var ofRuntime = regexp.MustCompile(`^github\.com/goasyncio/asyncio\.(?:\(?\*?(\w+)(?:\[\.\.\.\])?\)?\.)?(\w+)`)

// Machinery tells that a function is how the runtime works inside: nobody who looks for
// what a task does has written or called it.
func Machinery(function string) bool {
	for _, prefix := range []string{"runtime.", "iter.", "panic", "github.com/goasyncio/asyncio/internal/"} {
		if strings.HasPrefix(function, prefix) {
			return true
		}
	}
	m := ofRuntime.FindStringSubmatch(function)
	if m == nil {
		return false
	}
	if m[2] == "Park" {
		return true // below every wait
	}
	return !exported(m[1]) || !exported(m[2]) || strings.Contains(function, ".func")
}

// exported tells that users see a name. No receiver is none that they do not see.
func exported(name string) bool { return name == "" || name[0] >= 'A' && name[0] <= 'Z' }

// Waiting says in brackets what the goroutine of a traceback waits for, where that is
// not the loop: " (chan receive)". It is empty for one that runs.
func Waiting(lines []string) string {
	for _, line := range lines {
		if m := goroutine.FindStringSubmatch(line); m != nil {
			switch state, _, _ := strings.Cut(m[1], ","); state {
			case "running", "runnable", "coroutine", "":
			default:
				return " (" + state + ")"
			}
			return ""
		}
	}
	return ""
}
