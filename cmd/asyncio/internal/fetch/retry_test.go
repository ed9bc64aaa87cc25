package fetch

import (
	"math/rand/v2"
	"net/http"
	"testing"
	"time"
)

func TestThePauseDoublesUpToItsLimitAndVaries(t *testing.T) {
	b := Backoff{Base: time.Second, Max: 10 * time.Second}
	r := rand.New(rand.NewPCG(1, 2))
	for n, full := range map[int]time.Duration{1: 1, 2: 2, 3: 4, 4: 8, 5: 10, 60: 10, 1 << 20: 10} {
		full *= time.Second
		seen := map[time.Duration]bool{}
		for range 100 {
			d := b.pause(n, r)
			if d < full/2 || d > full {
				t.Fatalf("pause(%d) = %v, want between %v and %v", n, d, full/2, full)
			}
			seen[d] = true
		}
		if len(seen) < 50 {
			t.Errorf("pause(%d) took only %d values in 100 calls: clients would come back together", n, len(seen))
		}
	}
}

func TestNoBaseMeansNoPause(t *testing.T) {
	if d := (Backoff{Max: time.Second}).pause(3, rand.New(rand.NewPCG(1, 2))); d != 0 {
		t.Errorf("pause = %v, want 0", d)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	date := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for _, c := range []struct {
		what, header, date string
		want               time.Duration
		ok                 bool
	}{
		{"may be missing", "", "", 0, false},
		{"may be seconds", "120", "", 2 * time.Minute, true},
		{"may be zero", "0", "", 0, true},
		{"may be a date, counted from now", date(time.Minute), "", time.Minute, true},
		{"may be a date, counted from the server's Date", date(time.Hour), date(time.Hour - time.Second), time.Second, true},
		{"may be a date that is past", date(-time.Hour), "", 0, true},
		{"is ignored where it makes no sense", "soon", "", 0, false},
		{"is ignored where it is negative", "-5", "", 0, false},
		{"does not overflow", "9223372036854775807", "", 1 << 62 / time.Second * time.Second, true},
	} {
		t.Run(c.what, func(t *testing.T) {
			h := http.Header{}
			h.Set("Retry-After", c.header)
			h.Set("Date", c.date)
			if d, ok := retryAfter(h, now); d != c.want || ok != c.ok {
				t.Errorf("retryAfter = %v, %v, want %v, %v", d, ok, c.want, c.ok)
			}
		})
	}
}
