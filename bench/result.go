package main

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// A result is a row of the table with its samples.
type result struct {
	Name    string
	Job     string
	Ops     int
	Unit    string
	Target  float64 // greatest good ratio; 0: none
	Skipped string  // why nothing was measured, where nothing was
	samples [implCount][]float64
}

func (r *result) add(by impl, v float64) { r.samples[by] = append(r.samples[by], v) }

// ratio is the median of the loop over the median of goroutines.
func (r *result) ratio() float64 {
	return median(r.samples[onLoop]) / median(r.samples[onGoroutines])
}

// met reports whether the ratio is within the target. A row that could not be
// measured, or has no target, misses nothing.
func (r *result) met() bool {
	return r.Skipped != "" || r.Target == 0 || r.ratio() <= r.Target
}

// verdict is met in words.
func (r *result) verdict() string {
	switch {
	case r.Skipped != "", r.Target == 0:
		return ""
	case r.met():
		return "met"
	}
	return "MISSED"
}

// median is the middle sample, or the mean of the two in the middle.
func median(samples []float64) float64 {
	s := slices.Sorted(slices.Values(samples))
	half := len(s) / 2
	if len(s)%2 == 1 {
		return s[half]
	}
	return (s[half-1] + s[half]) / 2
}

// sideJSON is what -json prints of a side.
type sideJSON struct {
	Median  float64   `json:"median"`
	Min     float64   `json:"min"`
	Max     float64   `json:"max"`
	Samples []float64 `json:"samples"`
}

// MarshalJSON spells the result with its derived numbers.
func (r result) MarshalJSON() ([]byte, error) {
	row := struct {
		Name    string              `json:"name"`
		Job     string              `json:"job"`
		Ops     int                 `json:"ops"`
		Unit    string              `json:"unit"`
		Skipped string              `json:"skipped,omitempty"`
		Ratio   float64             `json:"ratio,omitempty"`
		Target  float64             `json:"target,omitempty"`
		Met     bool                `json:"met"`
		Sides   map[string]sideJSON `json:"sides"`
	}{r.Name, r.Job, r.Ops, r.Unit, r.Skipped, 0, r.Target, r.met(), map[string]sideJSON{}}
	if r.Skipped == "" {
		row.Ratio = r.ratio()
	}
	for by, s := range r.samples {
		if len(s) > 0 {
			row.Sides[impl(by).String()] = sideJSON{median(s), slices.Min(s), slices.Max(s), s}
		}
	}
	return json.Marshal(row)
}

// number writes a measured value with as many digits as mean something.
func number(v float64, unit string) string {
	if unit == cpu.unit {
		return fmt.Sprintf("%.2f", v)
	}
	return thousands(int(math.Round(v)))
}

// thousands groups the digits of a count.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
