// Package human writes numbers for people.
package human

import (
	"fmt"
	"time"
)

// Seconds writes a duration as people time things: 0.25 s, 3.0 s, 2m05s.
func Seconds(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// Plural counts things: "1 task", "3 tasks".
func Plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Size writes a number of bytes with three digits or so, in powers of 1,000.
func Size(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	value, unit := float64(n)/1000, 0
	for value >= 999.95 {
		value, unit = value/1000, unit+1
	}
	return fmt.Sprintf("%.1f %cB", value, "KMGTPE"[unit])
}

// Brief writes a duration in few columns, for tables: 850 µs, 12 ms, 3.2 s, 2m05s,
// 5h07m, 3d04h. What is below 0 is 0.
func Brief(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d <= 0:
		return "0 s"
	case d < time.Microsecond:
		return fmt.Sprintf("%d ns", d)
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d/time.Microsecond)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d/time.Millisecond)
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Truncate(100*time.Millisecond).Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
	case d < day:
		return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%dd%02dh", d/day, d%day/time.Hour)
}

// Count writes a number in few columns: 9999, 12.3k, 4.5M.
func Count(n uint64) string {
	if n < 10_000 {
		return fmt.Sprint(n)
	}
	value, unit := float64(n)/1000, 0
	for value >= 999.95 {
		value, unit = value/1000, unit+1
	}
	return fmt.Sprintf("%.1f%c", value, "kMGTPE"[unit])
}
