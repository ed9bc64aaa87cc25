package report

import (
	"fmt"
	"regexp"
	"runtime/debug"
	"strings"
)

// Command is the command line that replays a schedule, for the shell, from any
// directory of the module.
func Command(test, pkg string, seed uint64, tape string) string {
	return fmt.Sprintf("SIM_SEED=%d SIM_REPLAY=%s go test -run '%s' %s", seed, tape, pattern(test), pkg)
}

// Debug is the command line that replays a schedule under Delve and stops before a step.
func Debug(test, pkg string, seed uint64, replay string, step int) string {
	return fmt.Sprintf("SIM_SEED=%d SIM_REPLAY=%s SIM_BREAK=%d dlv test %s -- -test.run '%s'", seed, replay, step, pkg, pattern(test))
}

// pattern is the argument of -run that means this test alone, between quotes.
func pattern(test string) string {
	parts := strings.Split(test, "/")
	for i, p := range parts {
		parts[i] = "^" + strings.ReplaceAll(regexp.QuoteMeta(p), "'", ".") + "$"
	}
	return strings.Join(parts, "/")
}

// Package is the import path of the package whose test this process is, or "." where
// it was built from files.
func Package() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "."
	}
	path := strings.TrimSuffix(info.Path, ".test")
	if path == "" || path == "command-line-arguments" {
		return "."
	}
	return path
}
