package prometheus

import (
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// sums are the numbers of all loops with the same labels.
type sums struct {
	monitor.Stats
	loops      int
	runs       uint64
	reports    uint64
	blocked    int
	blockedFor time.Duration // of the one that is blocked for longest
	age        time.Duration // of the oldest numbers
}

// add adds what is known of a loop that runs.
func (s *sums) add(l *loop, timeout time.Duration) {
	s.count(l)
	s.loops++
	s.Tasks += l.stats.Tasks
	s.Waiting += l.stats.Waiting
	s.Ready += l.stats.Ready
	s.Timers += l.stats.Timers
	s.Threads += l.stats.Threads
	s.Handles += l.stats.Handles
	s.Descriptors += l.stats.Descriptors
	s.Contexts += l.stats.Contexts
	s.Coroutines += l.stats.Coroutines
	s.Failures += l.stats.Failures
	if d := l.blocked(timeout); d > 0 {
		s.blocked++
		s.blockedFor = max(s.blockedFor, d)
	}
	s.age = max(s.age, time.Since(l.at))
}

// count adds what stays when the loop has ended: all that only grows.
func (s *sums) count(l *loop) {
	s.runs++
	s.reports += l.reports
	s.Created += l.stats.Created
	s.Rounds += l.stats.Rounds
	s.Entries += l.stats.Entries
	s.Wakeups += l.stats.Wakeups
	s.Posts += l.stats.Posts
	s.Busy += l.stats.Busy
	s.Asleep += l.stats.Asleep
	s.Lag.Sum += l.stats.Lag.Sum
	for i, n := range l.stats.Lag.Buckets {
		s.Lag.Buckets[i] += n
	}
}

// A metric is one number of the loops with the same labels.
type metric struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(*sums) float64
}

func (m metric) of(s *sums, labels []string) prometheus.Metric {
	return prometheus.MustNewConstMetric(m.desc, m.kind, m.value(s), labels...)
}

func (k key) values(numbers bool) []string {
	if numbers {
		return []string{k.name, strconv.FormatUint(uint64(k.number), 10)}
	}
	return []string{k.name}
}

// describe makes the list of metrics.
func (c *Collector) describe() {
	labels := []string{"loop"}
	if c.numbers {
		labels = append(labels, "number")
	}
	for _, d := range described {
		name, state, of := strings.Cut(d.name, "=")
		var fixed prometheus.Labels
		if of {
			fixed = prometheus.Labels{"state": state}
		}
		kind := prometheus.GaugeValue
		if strings.HasSuffix(name, "_total") {
			kind = prometheus.CounterValue
		}
		c.metrics = append(c.metrics, metric{prometheus.NewDesc("asyncio_"+name, d.help, labels, fixed), kind, d.value})
	}
	c.lag.desc = prometheus.NewDesc("asyncio_timer_lag_seconds", "How late timers were when the loop came to them.", labels, nil)
}

// described are the metrics. What stands behind = is the value of the label state.
var described = []struct {
	name, help string
	value      func(*sums) float64
}{
	{"loops", "Loops that run.", func(s *sums) float64 { return float64(s.loops) }},
	{"loop_runs_total", "Runs of loops that have begun.", func(s *sums) float64 { return float64(s.runs) }},
	{"loop_blocked", "Loops that do not answer, because something blocks them.", func(s *sums) float64 { return float64(s.blocked) }},
	{"loop_blocked_seconds", "How long the longest blocked loop has not answered, since a scrape asked it first.", func(s *sums) float64 { return s.blockedFor.Seconds() }},
	{"loop_stats_age_seconds", "How old the numbers of the loop are. They are old where it is blocked.", func(s *sums) float64 { return s.age.Seconds() }},

	{"tasks=ready", tasksHelp, func(s *sums) float64 { return float64(s.Tasks - s.Waiting) }},
	{"tasks=waiting", tasksHelp, func(s *sums) float64 { return float64(s.Waiting) }},
	{"tasks_created_total", "Tasks that were created.", func(s *sums) float64 { return float64(s.Created) }},
	{"ready_entries", "Steps of tasks and callbacks that are to be run.", func(s *sums) float64 { return float64(s.Ready) }},
	{"timers", "Timers that are set.", func(s *sums) float64 { return float64(s.Timers) }},
	{"threads", "Calls of ToThread that have not come back.", func(s *sums) float64 { return float64(s.Threads) }},
	{"handles", "Handles by which other goroutines reach the loop.", func(s *sums) float64 { return float64(s.Handles) }},
	{"descriptors", "Descriptors that the loop watches.", func(s *sums) float64 { return float64(s.Descriptors) }},
	{"watched_contexts", "Contexts of the standard library whose end the loop waits for.", func(s *sums) float64 { return float64(s.Contexts) }},
	{"coroutines", "Coroutines, those that wait for a task included.", func(s *sums) float64 { return float64(s.Coroutines) }},
	{"unseen_errors", "Errors of tasks that nobody has looked at.", func(s *sums) float64 { return float64(s.Failures) }},
	{"reports_total", "Reports of the loop: unseen errors, panics in callbacks, steps that took too long.", func(s *sums) float64 { return float64(s.reports) }},

	{"rounds_total", "Rounds of the loop.", func(s *sums) float64 { return float64(s.Rounds) }},
	{"entries_total", "Steps of tasks and callbacks that were run.", func(s *sums) float64 { return float64(s.Entries) }},
	{"wakeups_total", "Times that the loop slept and was woken.", func(s *sums) float64 { return float64(s.Wakeups) }},
	{"posts_total", "Calls from other goroutines.", func(s *sums) float64 { return float64(s.Posts) }},
	{"busy_seconds_total", "Time that the loop did not sleep.", func(s *sums) float64 { return s.Busy.Seconds() }},
	{"asleep_seconds_total", "Time that the loop slept.", func(s *sums) float64 { return s.Asleep.Seconds() }},
}

const tasksHelp = "Tasks that have not ended: those that wait, and those that are to run."

// A histogram is that of the lag.
type histogram struct{ desc *prometheus.Desc }

// The buckets that are told: every second one of the loop's, which go by powers of two,
// from a microsecond to 17 seconds.
const firstBucket, lastBucket, bucketStep = 10, 34, 2

func (h histogram) of(s *sums, labels []string) prometheus.Metric {
	below, count := map[float64]uint64{}, uint64(0)
	for i, n := range s.Lag.Buckets {
		count += n
		if i >= firstBucket && i <= lastBucket && i%bucketStep == 0 {
			below[time.Duration(1<<i).Seconds()] = count
		}
	}
	return prometheus.MustNewConstHistogram(h.desc, count, s.Lag.Sum.Seconds(), below, labels...)
}
