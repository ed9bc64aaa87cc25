package prometheus_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	client "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"

	"github.com/goasyncio/asyncio/console/prometheus"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// collector is a collector in a registry that checks all that it says.
func collector(t *testing.T, opts ...prometheus.Option) (*prometheus.Collector, *client.Registry) {
	t.Helper()
	c := prometheus.NewCollector(opts...)
	t.Cleanup(func() { c.Close() })
	r := client.NewPedanticRegistry()
	r.MustRegister(c)
	return c, r
}

// scrape is what a scrape gives, by name and labels as they are usually written.
func scrape(t *testing.T, r *client.Registry) map[string]float64 {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			name := f.GetName() + labels(m)
			switch f.GetType() {
			case dto.MetricType_GAUGE:
				values[name] = m.GetGauge().GetValue()
			case dto.MetricType_COUNTER:
				values[name] = m.GetCounter().GetValue()
			case dto.MetricType_HISTOGRAM:
				h := m.GetHistogram()
				values[name+" count"], values[name+" sum"] = float64(h.GetSampleCount()), h.GetSampleSum()
				for _, b := range h.Bucket {
					values[fmt.Sprintf("%s ≤%g", name, b.GetUpperBound())] = float64(b.GetCumulativeCount())
				}
			}
		}
	}
	return values
}

func labels(m *dto.Metric) string {
	var all []string
	for _, l := range m.Label {
		all = append(all, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
	}
	return "{" + strings.Join(all, ",") + "}"
}

// expect checks some of what a scrape has given.
func expect(t *testing.T, got map[string]float64, want map[string]float64) {
	t.Helper()
	for name, v := range want {
		if g, ok := got[name]; !ok || g != v {
			t.Errorf("%s is %v (there: %v), want %v", name, g, ok, v)
		}
	}
}

// absent checks that nothing is told of a loop.
func absent(t *testing.T, got map[string]float64, part string) {
	t.Helper()
	for name := range got {
		if strings.Contains(name, part) {
			t.Errorf("%s is still told", name)
		}
	}
}

func TestWhatIsTold(t *testing.T) {
	_, r := collector(t)
	l := begin("disk", someStats())
	defer l.end()
	monitor.Tell(l, monitor.Report{Message: "a panic in a callback"})
	const of = `{loop="disk"}`
	got := scrape(t, r)
	expect(t, got, map[string]float64{
		"asyncio_loops" + of: 1, "asyncio_loop_runs_total" + of: 1, "asyncio_loop_blocked" + of: 0, "asyncio_loop_blocked_seconds" + of: 0,
		`asyncio_tasks{loop="disk",state="ready"}`: 3, `asyncio_tasks{loop="disk",state="waiting"}`: 7,
		"asyncio_tasks_created_total" + of: 20, "asyncio_ready_entries" + of: 5, "asyncio_timers" + of: 4,
		"asyncio_threads" + of: 2, "asyncio_handles" + of: 6, "asyncio_descriptors" + of: 8,
		"asyncio_watched_contexts" + of: 9, "asyncio_coroutines" + of: 11, "asyncio_unseen_errors" + of: 1, "asyncio_reports_total" + of: 1,
		"asyncio_rounds_total" + of: 30, "asyncio_entries_total" + of: 40, "asyncio_wakeups_total" + of: 12, "asyncio_posts_total" + of: 13,
		"asyncio_busy_seconds_total" + of: 1.5, "asyncio_asleep_seconds_total" + of: 2.5,
	})
	const lag = "asyncio_timer_lag_seconds" + of
	expect(t, got, map[string]float64{
		lag + " ≤1.024e-06": 2, lag + " ≤4.096e-06": 3, lag + " ≤0.001048576": 4, lag + " ≤17.179869184": 4,
		lag + " count": 5, lag + " sum": (time.Hour + time.Millisecond + 3100*time.Nanosecond).Seconds(),
	})
}

// One name must not keep all metrics of the process from being told.
func TestANameThatIsNoUTF8IsTold(t *testing.T) {
	_, r := collector(t)
	l := begin("disk \xff", someStats())
	defer l.end()
	expect(t, scrape(t, r), map[string]float64{"asyncio_loops{loop=\"disk \uFFFD\"}": 1})
}

func TestTheNamesFollowTheConventions(t *testing.T) {
	_, r := collector(t)
	l := begin("disk", someStats())
	defer l.end()
	problems, err := testutil.GatherAndLint(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestLoopsOfTheSameName(t *testing.T) {
	t.Run("are one series, the sum", func(t *testing.T) {
		_, r := collector(t)
		a, b, other := begin("net", someStats()), begin("net", someStats()), begin("other", someStats())
		defer a.end()
		defer b.end()
		defer other.end()
		got := scrape(t, r)
		expect(t, got, map[string]float64{
			`asyncio_loops{loop="net"}`: 2, `asyncio_timers{loop="net"}`: 8, `asyncio_entries_total{loop="net"}`: 80,
			`asyncio_timer_lag_seconds{loop="net"} count`: 10, `asyncio_timers{loop="other"}`: 4,
		})
	})
	t.Run("go on counting where the ones before have ended, and gauges forget those", func(t *testing.T) {
		_, r := collector(t)
		begin("net", someStats()).end() // nobody has asked it
		a := begin("net", monitor.Stats{Entries: 30})
		expect(t, scrape(t, r), map[string]float64{`asyncio_entries_total{loop="net"}`: 70})
		a.set(func() { a.stats.Entries = 33 })
		a.end()
		want := map[string]float64{
			`asyncio_loops{loop="net"}`: 0, `asyncio_loop_runs_total{loop="net"}`: 2, `asyncio_timers{loop="net"}`: 0,
			`asyncio_entries_total{loop="net"}`: 73, `asyncio_busy_seconds_total{loop="net"}`: 1.5, `asyncio_timer_lag_seconds{loop="net"} count`: 5,
		}
		expect(t, scrape(t, r), want)
		expect(t, scrape(t, r), want)
		b := begin("net", someStats())
		defer b.end()
		expect(t, scrape(t, r), map[string]float64{
			`asyncio_loops{loop="net"}`: 1, `asyncio_loop_runs_total{loop="net"}`: 3, `asyncio_timers{loop="net"}`: 4, `asyncio_entries_total{loop="net"}`: 113,
		})
	})
	t.Run("are told apart by their numbers where that is asked for, as long as they run", func(t *testing.T) {
		_, r := collector(t, prometheus.Numbers())
		a, b := begin("net", someStats()), begin("net", someStats())
		defer b.end()
		got := scrape(t, r)
		for _, l := range []*fakeLoop{a, b} {
			expect(t, got, map[string]float64{fmt.Sprintf(`asyncio_timers{loop="net",number="%d"}`, l.number): 4})
		}
		a.end()
		absent(t, scrape(t, r), fmt.Sprintf(`number="%d"`, a.number))
	})
	t.Run("of names there is a bound, and those above it are one", func(t *testing.T) {
		_, r := collector(t)
		for i := range 300 {
			defer begin(fmt.Sprintf("session-%d", i), someStats()).end()
		}
		got := scrape(t, r)
		series := 0
		for name := range got {
			if strings.HasPrefix(name, "asyncio_timers{") {
				series++
			}
		}
		if series != 101 {
			t.Errorf("%d series for 300 names, want 101", series)
		}
		expect(t, got, map[string]float64{`asyncio_loops{loop="other"}`: 200})
	})
}

func TestALoopThatIsBlocked(t *testing.T) {
	const of = `{loop="net"}`
	t.Run("holds up a scrape for the timeout, and is told with its last numbers", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, r := collector(t)
			l := begin("net", someStats())
			defer l.end()
			expect(t, scrape(t, r), map[string]float64{"asyncio_loop_stats_age_seconds" + of: 0})
			l.block()
			time.Sleep(10 * time.Second)
			begun := time.Now()
			got := scrape(t, r)
			if took := time.Since(begun); took != prometheus.DefaultTimeout {
				t.Errorf("the scrape took %v", took)
			}
			expect(t, got, map[string]float64{
				"asyncio_loop_blocked" + of: 1, "asyncio_loop_blocked_seconds" + of: 0.25, "asyncio_loop_stats_age_seconds" + of: 10.25,
				"asyncio_timers" + of: 4, "asyncio_entries_total" + of: 40,
			})
			time.Sleep(10 * time.Second)
			expect(t, scrape(t, r), map[string]float64{"asyncio_loop_blocked" + of: 1, "asyncio_loop_blocked_seconds" + of: 10.5})
			l.free()
			expect(t, scrape(t, r), map[string]float64{
				"asyncio_loop_blocked" + of: 0, "asyncio_loop_blocked_seconds" + of: 0, "asyncio_loop_stats_age_seconds" + of: 0,
			})
		})
	})
	t.Run("from the beginning has numbers that become old all the same", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, r := collector(t)
			l := begin("net", someStats())
			defer l.end()
			l.block()
			time.Sleep(time.Minute)
			expect(t, scrape(t, r), map[string]float64{"asyncio_loop_stats_age_seconds" + of: 60.25, "asyncio_timers" + of: 0})
		})
	})
	t.Run("is asked one question, however many scrapes there are", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, r := collector(t)
			l := begin("net", someStats())
			defer l.end()
			l.block()
			for range 10 {
				scrape(t, r)
			}
			if n := l.questions(); n != 1 {
				t.Errorf("it has %d questions to answer", n)
			}
		})
	})
	t.Run("does not keep the others from being told, nor double the wait", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, r := collector(t, prometheus.Timeout(time.Second))
			for range 3 {
				l := begin("net", someStats())
				defer l.end()
				l.block()
			}
			free := begin("free", someStats())
			defer free.end()
			begun := time.Now()
			got := scrape(t, r)
			if took := time.Since(begun); took != time.Second {
				t.Errorf("the scrape took %v", took)
			}
			expect(t, got, map[string]float64{"asyncio_loop_blocked" + of: 3, `asyncio_timers{loop="free"}`: 4, `asyncio_loop_blocked{loop="free"}`: 0})
		})
	})
	t.Run("is not one that sleeps and was not woken yet", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, r := collector(t)
			l := begin("net", someStats())
			defer l.end()
			l.block()
			l.asleep.Store(true)
			expect(t, scrape(t, r), map[string]float64{"asyncio_loop_blocked" + of: 0})
		})
	})
	t.Run("and ends while it is asked does not hold up the scrape", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, r := collector(t)
			l := begin("net", someStats())
			l.block()
			begun := time.Now()
			time.AfterFunc(10*time.Millisecond, l.end)
			got := scrape(t, r)
			if took := time.Since(begun); took != 10*time.Millisecond {
				t.Errorf("the scrape took %v", took)
			}
			expect(t, got, map[string]float64{"asyncio_loops" + of: 0, "asyncio_loop_blocked" + of: 0})
		})
	})
}

func TestTheWatchOfACollector(t *testing.T) {
	t.Run("begins with the loops that run, which measure while there is one", func(t *testing.T) {
		before := begin("before", someStats())
		defer before.end()
		c, r := collector(t)
		after := begin("after", someStats())
		defer after.end()
		expect(t, scrape(t, r), map[string]float64{`asyncio_loops{loop="before"}`: 1, `asyncio_loops{loop="after"}`: 1})
		for range 2 {
			if n := before.metered.Load() + after.metered.Load(); n != 2 {
				t.Errorf("%d loops measure, want both", n)
			}
		}
		for range 2 {
			c.Close()
		}
		if n := before.metered.Load() + after.metered.Load(); n != 0 {
			t.Errorf("%d loops measure after Close", n)
		}
	})
	t.Run("ends with Close: what is told then does not change any more", func(t *testing.T) {
		c, r := collector(t)
		l := begin("net", someStats())
		defer l.end()
		scrape(t, r)
		c.Close()
		late := begin("late", someStats())
		defer late.end()
		l.set(func() { l.stats.Entries = 1000 })
		got := scrape(t, r)
		absent(t, got, "late")
		expect(t, got, map[string]float64{`asyncio_entries_total{loop="net"}`: 40, `asyncio_loops{loop="net"}`: 0})
	})
	t.Run("may be that of several, and scrapes may come at the same time", func(t *testing.T) {
		_, r := collector(t)
		_, other := collector(t)
		l := begin("net", someStats())
		defer l.end()
		done := make(chan map[string]float64)
		for range 8 {
			go func() { done <- scrape(t, r) }()
			go func() { done <- scrape(t, other) }()
		}
		for range 16 {
			expect(t, <-done, map[string]float64{`asyncio_timers{loop="net"}`: 4})
		}
	})
}
