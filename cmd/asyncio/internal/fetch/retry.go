package fetch

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Backoff says how often to try again, and after how long.
type Backoff struct {
	Retries int           // after the first attempt
	Base    time.Duration // before the first retry; it doubles with each one
	Max     time.Duration // the longest pause, and the longest Retry-After that is honoured
	Refused bool          // refused connections are tried again too
}

// pause returns how long to wait before retry number n, from 1: Base doubled n-1 times,
// at most Max, of which a random half is left out. Without that, clients that failed
// together would come back together.
func (b Backoff) pause(n int, r *rand.Rand) time.Duration {
	d := b.Base
	for i := 1; i < n && d < b.Max; i++ {
		d *= 2
	}
	d = min(d, b.Max)
	if d <= 0 {
		return 0
	}
	return d/2 + time.Duration(r.Int64N(int64(d/2)+1))
}

// retryAfter reads the header of that name: seconds, or a date, which counts from the
// server's own Date, so that a clock that is wrong on either side does no harm. Without
// Date it counts from now. ok is false where the header is missing or makes no sense.
func retryAfter(h http.Header, now time.Time) (d time.Duration, ok bool) {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		const most = int64(1 << 62 / time.Second)
		if seconds < 0 {
			return 0, false
		}
		return time.Duration(min(seconds, most)) * time.Second, true
	}
	date, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	if server, err := http.ParseTime(h.Get("Date")); err == nil {
		now = server
	}
	return max(0, date.Sub(now)), true
}
