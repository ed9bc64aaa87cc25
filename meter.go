package asyncio

import (
	"sync"
	"time"

	"github.com/goasyncio/asyncio/internal/driver"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// A meter is kept while somebody wants to know how busy the loop is and how late its
// timers are: it costs a look at the clock for each sleep.
type meter struct {
	users  int
	since  driver.Instant
	asleep time.Duration
	lag    monitor.Histogram
}

func (s *source) Meter() (stop func()) {
	l := s.loop
	s.Post(func(monitor.View) { l.measure(1) })
	return sync.OnceFunc(func() { s.Post(func(monitor.View) { l.measure(-1) }) })
}

// measure enters users of the meter, which is there while there are any.
func (l *Loop) measure(users int) {
	if l.meter == nil {
		l.meter = &meter{since: l.driver.Now()}
		l.timers.lag = &l.meter.lag
	}
	if l.meter.users += users; l.meter.users == 0 {
		l.meter, l.timers.lag = nil, nil
	}
}

// put adds what the meter has measured so far.
func (m *meter) put(s *monitor.Stats, l *Loop) {
	s.Metered = l.timeOf(m.since)
	s.Asleep = m.asleep
	s.Busy = l.driver.Now().Sub(m.since) - m.asleep
	s.Lag = m.lag
}
