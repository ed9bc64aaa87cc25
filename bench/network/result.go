package network

import (
	"encoding/json"
	"slices"
	"time"
)

// A Sample is what was measured of one server in one round.
type Sample struct {
	Messages int           `json:"messages"`
	Elapsed  time.Duration `json:"elapsed_ns"`
	User     time.Duration `json:"user_ns"`   // of the server's process
	System   time.Duration `json:"system_ns"` // likewise
	P50      time.Duration `json:"p50_ns"`    // from sending a message to having its answer
	P99      time.Duration `json:"p99_ns"`

	Memory   float64 `json:"bytes_per_connection"`          // heap and stacks, after a collection
	Resident float64 `json:"resident_bytes_per_connection"` // pages of the process, likewise
}

// Cost is what the row compares: CPU time in microseconds for each message, or bytes
// for each connection.
func (s Sample) Cost() float64 {
	if s.Messages == 0 {
		return s.Memory
	}
	return s.perMessage(s.User + s.System)
}

// UserCost is the part of the cost that is spent outside the system.
func (s Sample) UserCost() float64 { return s.perMessage(s.User) }

// SystemCost is the part of the cost that is spent in the system.
func (s Sample) SystemCost() float64 { return s.perMessage(s.System) }

// Rate is messages per second.
func (s Sample) Rate() float64 { return float64(s.Messages) / s.Elapsed.Seconds() }

func (s Sample) perMessage(d time.Duration) float64 {
	return float64(d) / 1e3 / float64(s.Messages)
}

// A Result is a row with its samples: one list for each side, one sample for each
// round.
type Result struct {
	Row     Row
	Conns   int        // connections
	Skipped string     // why nothing was measured
	Note    string     // what was not as planned
	Samples [][]Sample // by side
}

// Of are the values of f for the samples of a side.
func (r *Result) Of(side string, f func(Sample) float64) []float64 {
	i := slices.Index(r.Row.Sides, side)
	if i < 0 || i >= len(r.Samples) {
		return nil
	}
	values := make([]float64, len(r.Samples[i]))
	for k, s := range r.Samples[i] {
		values[k] = f(s)
	}
	return values
}

// Ratio is what side costs by what than costs: the median over the rounds of the ratio
// in one round, where both have met the same weather.
func (r *Result) Ratio(side, than string) float64 {
	a, b := r.Of(side, Sample.Cost), r.Of(than, Sample.Cost)
	for i := range a {
		a[i] /= b[i]
	}
	return Median(a)
}

// Value is what a target bounds: a ratio, or a cost.
func (r *Result) Value(t Target) float64 {
	if t.Than == "" {
		return Median(r.Of(t.Side, Sample.Cost))
	}
	return r.Ratio(t.Side, t.Than)
}

// Met reports whether a target is met. What could not be measured misses nothing.
func (r *Result) Met(t Target) bool {
	return r.Skipped != "" || r.Value(t) <= t.Ratio
}

// MarshalJSON spells the result with its targets.
func (r Result) MarshalJSON() ([]byte, error) {
	type side struct {
		Server  string   `json:"server"`
		Samples []Sample `json:"samples"`
	}
	type target struct {
		Of     string  `json:"of"`
		Than   string  `json:"than,omitempty"`
		Value  float64 `json:"value"`
		Target float64 `json:"target"`
		Met    bool    `json:"met"`
	}
	row := struct {
		Name    string   `json:"name"`
		Job     string   `json:"job"`
		Conns   int      `json:"connections"`
		Skipped string   `json:"skipped,omitempty"`
		Note    string   `json:"note,omitempty"`
		Targets []target `json:"targets,omitempty"`
		Sides   []side   `json:"sides,omitempty"`
	}{Name: r.Row.Name, Job: r.Row.Job, Conns: r.Conns, Skipped: r.Skipped, Note: r.Note}
	for i, samples := range r.Samples {
		row.Sides = append(row.Sides, side{r.Row.Sides[i], samples})
	}
	for _, t := range r.Row.Targets {
		if r.Skipped == "" {
			row.Targets = append(row.Targets, target{t.Side, t.Than, r.Value(t), t.Ratio, r.Met(t)})
		}
	}
	return json.Marshal(row)
}

// Median is the middle value, or the mean of the two in the middle.
func Median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	half := len(s) / 2
	if len(s)%2 == 1 {
		return s[half]
	}
	return (s[half-1] + s[half]) / 2
}
