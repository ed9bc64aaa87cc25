package human_test

import (
	"testing"
	"time"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/human"
)

func TestSizesAndTimesForPeople(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 KB", 999_949: "999.9 KB", 999_950: "1.0 MB",
		3_145_728: "3.1 MB", 5_000_000_000: "5.0 GB", 1<<63 - 1: "9.2 EB",
	} {
		if got := human.Size(n); got != want {
			t.Errorf("Size(%d) = %s, want %s", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0.00 s", 250 * time.Millisecond: "0.25 s", 3 * time.Second: "3.0 s",
		125 * time.Second: "2m5s", time.Hour + 500*time.Millisecond: "1h0m1s",
	} {
		if got := human.Seconds(d); got != want {
			t.Errorf("Seconds(%v) = %s, want %s", d, got, want)
		}
	}
}

func TestThingsAreCounted(t *testing.T) {
	for want, n := range map[string]int{"0 tasks": 0, "1 task": 1, "2 tasks": 2} {
		if got := human.Plural(n, "task"); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestWhatFitsIntoATable(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 0: "0 s", 999: "999 ns", 850 * time.Microsecond: "850 µs", time.Second - 1: "999 ms",
		3290 * time.Millisecond: "3.2 s", 59 * time.Second: "59 s", 125 * time.Second: "2m05s",
		5*time.Hour + 7*time.Minute: "5h07m", 76 * time.Hour: "3d04h", 1<<63 - 1: "106751d23h",
	} {
		if got := human.Brief(d); got != want {
			t.Errorf("Brief(%v) = %s, want %s", d, got, want)
		}
	}
	for n, want := range map[uint64]string{
		0: "0", 9999: "9999", 10_000: "10.0k", 999_949: "999.9k", 999_950: "1.0M", 1<<64 - 1: "18.4E",
	} {
		if got := human.Count(n); got != want {
			t.Errorf("Count(%d) = %s, want %s", n, got, want)
		}
	}
}
