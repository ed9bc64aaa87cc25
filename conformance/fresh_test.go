package conformance_test

import (
	"os"
	"strconv"
	"testing"
	"time"
)

// TestS5_FreshCases makes cases that nobody has seen and compares them, where
// a CPython is found that can make them. ASYNCIO_CONFORMANCE_FRESH says how
// many, ASYNCIO_CONFORMANCE_SEED repeats a run.
func TestS5_FreshCases(t *testing.T) {
	python := requirePython(t)
	count := number(t, "ASYNCIO_CONFORMANCE_FRESH", 100)
	seed := number(t, "ASYNCIO_CONFORMANCE_SEED", dateSeed(time.Now()))
	t.Logf("%d fresh cases by %s; to repeat: ASYNCIO_CONFORMANCE_FRESH=%d ASYNCIO_CONFORMANCE_SEED=%d",
		count, python, count, seed)
	if n := expectEqual(t, generate(t, python, count, seed)); n != count {
		t.Errorf("compared %d fresh cases, want %d (seed %d)", n, count, seed)
	}
}

// dateSeed gives each second seeds of its own, so that every run of the test
// sees other programs.
func dateSeed(now time.Time) int { return int(now.Unix()) * 1000 }

func number(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		t.Fatalf("%s=%q is not a number of cases or a seed", variable, text)
	}
	return n
}
