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
