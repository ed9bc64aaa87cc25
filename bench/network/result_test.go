package network

import (
	"math"
	"testing"
	"time"
)

func result(ours, theirs []float64) Result {
	list := func(costs []float64) (samples []Sample) {
		for _, c := range costs {
			samples = append(samples, Sample{Memory: c})
		}
		return samples
	}
	row := Row{Sides: []string{"ours", "theirs"}}
	return Result{Row: row, Samples: [][]Sample{list(ours), list(theirs)}}
}

func TestRatio(t *testing.T) {
	t.Run("is the median of the rounds' ratios, not the ratio of medians", func(t *testing.T) {
		r := result([]float64{10, 40, 300}, []float64{20, 50, 100}) // 0.5, 0.8, 3
		if got := r.Ratio("ours", "theirs"); got != 0.8 {
			t.Errorf("ratio %v", got)
		}
	})
	t.Run("can be asked the other way round", func(t *testing.T) {
		r := result([]float64{10}, []float64{20})
		if got := r.Ratio("theirs", "ours"); got != 2 {
			t.Errorf("ratio %v", got)
		}
	})
}

func TestMet(t *testing.T) {
	r := result([]float64{92}, []float64{100})
	if !r.Met(Target{"ours", "theirs", 0.92}) || r.Met(Target{"ours", "theirs", 0.91}) {
		t.Error("0.92 is within 0.92 and not within 0.91")
	}
	if !r.Met(Target{"ours", "", 92}) || r.Met(Target{"ours", "", 91}) {
		t.Error("92 bytes are within 92 and not within 91")
	}
	r.Skipped = "not here"
	if !r.Met(Target{"ours", "theirs", 0.1}) {
		t.Error("what could not be measured misses nothing")
	}
}

func TestCost(t *testing.T) {
	s := Sample{Messages: 1000, Elapsed: 2 * time.Second, User: time.Millisecond, System: 3 * time.Millisecond}
	if s.UserCost() != 1 || s.SystemCost() != 3 || s.Cost() != 4 || s.Rate() != 500 {
		t.Errorf("1 ms and 3 ms for 1,000 messages in 2 s: user %v, system %v, both %v µs, %v per second", s.UserCost(), s.SystemCost(), s.Cost(), s.Rate())
	}
	if idle := (Sample{Memory: 512}); idle.Cost() != 512 {
		t.Errorf("without messages the cost is memory, not %v", idle.Cost())
	}
}

func TestMedian(t *testing.T) {
	if odd, even := Median([]float64{5, 1, 3}), Median([]float64{4, 1, 3, 2}); odd != 3 || even != 2.5 {
		t.Errorf("medians %v and %v, must be 3 and 2.5", odd, even)
	}
}

func TestRowsCompareWhatTheyMeasure(t *testing.T) {
	for _, r := range Rows() {
		t.Run(r.Name, func(t *testing.T) {
			if r.Conns < r.Quick || r.Quick < 1 || r.exchange.request == "" || r.exchange.prefix == "" {
				t.Errorf("connections %d, quick %d, exchange %+v: makes no sense", r.Conns, r.Quick, r.exchange)
			}
			all := Result{Row: r, Samples: make([][]Sample, len(r.Sides))}
			for i := range all.Samples {
				all.Samples[i] = []Sample{{Memory: 100}}
			}
			for _, target := range r.Targets {
				if got := all.Value(target); target.Than == "" && got != 100 || target.Than != "" && got != 1 || target.Ratio <= 0 {
					t.Errorf("target %+v: where all cost 100 it is %v", target, got)
				}
			}
		})
	}
}

func TestHistogram(t *testing.T) {
	t.Run("a bucket begins at most a sixteenth below what is in it", func(t *testing.T) {
		for _, v := range []uint64{0, 1, 15, 16, 17, 31, 32, 33, 1000, 123_456_789, 1 << 40, math.MaxInt64} {
			low := lowest(bucket(v))
			if low > v || v-low > v/16 {
				t.Errorf("%d is in the bucket from %d", v, low)
			}
			if next := lowest(bucket(v) + 1); v < math.MaxInt64 && next <= v {
				t.Errorf("%d would fit into the next bucket, from %d", v, next)
			}
		}
	})
	t.Run("quantiles are of what was counted", func(t *testing.T) {
		var h histogram
		for i := range 1000 {
			h.add(time.Duration(i+1) * time.Microsecond)
		}
		for q, want := range map[float64]time.Duration{0: time.Microsecond, 0.5: 500 * time.Microsecond, 0.99: 990 * time.Microsecond} {
			if got := h.quantile(q); got > want+time.Microsecond || got < want-want/16-time.Microsecond {
				t.Errorf("quantile %v is %v, must be about %v", q, got, want)
			}
		}
	})
	t.Run("an empty one has none, and a clock that steps back counts as nothing", func(t *testing.T) {
		var h histogram
		if h.quantile(0.5) != 0 {
			t.Error("a quantile of nothing")
		}
		if h.add(-time.Second); h.quantile(0.5) != 0 || h.n != 1 {
			t.Error("less than nothing")
		}
	})
}
