package sim

import (
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
)

// A clock is what a host takes for the time. The world's own is true.
type clock struct {
	skew  time.Duration // of the time of day
	drift int64         // of both clocks, in parts per million: 100 gains 8.64 s a day
}

const million = 1_000_000

// local is the host's monotonic clock at the world's time t.
func (c clock) local(t driver.Instant) driver.Instant {
	if c.drift == 0 {
		return t
	}
	return t + t/million*driver.Instant(c.drift) + t%million*driver.Instant(c.drift)/million
}

// world is the first time of the world at which the host's clock shows l or more.
func (c clock) world(l driver.Instant) driver.Instant {
	if c.drift == 0 || l == driver.Forever {
		return l
	}
	t := l / (million + driver.Instant(c.drift)) * million // within a millionth, and mended below
	for step := driver.Instant(million); step > 0; step /= 2 {
		for c.local(t+step) < l {
			t += step
		}
	}
	if c.local(t) < l {
		t++
	}
	return t
}

// wall is the host's time of day.
func (c clock) wall(t driver.Instant) time.Time {
	return driver.Epoch.Add(time.Duration(c.local(t)) + c.skew)
}
