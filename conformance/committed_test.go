package conformance_test

import (
	"io"
	"os"
	"testing"

	"github.com/goasyncio/asyncio/conformance"
)

// TestS5_CommittedCases is rule S5: the order of things is CPython's.
func TestS5_CommittedCases(t *testing.T) {
	file, err := os.Open("testdata/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if n := expectEqual(t, file); n != 600 {
		t.Errorf("the committed file holds %d cases, want 600", n)
	}
}

// TestAChangedTraceIsNoticed guards the guard: whatever row is changed,
// dropped or added, the case must come out as different, at that row.
func TestAChangedTraceIsNoticed(t *testing.T) {
	file, err := os.Open("testdata/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for c, err := range conformance.Cases(file) {
		if err != nil {
			t.Fatal(err)
		}
		right := c.Trace
		for i, row := range right {
			c.Trace = append(append(append([]conformance.Row{}, right[:i]...), spoil(row, i)), right[i+1:]...)
			expectDifferenceAt(t, c, i)
		}
		c.Trace = right[:len(right)-1]
		expectDifferenceAt(t, c, len(right)-1)
		c.Trace = append(right[:len(right):len(right)], conformance.Row{Tick: 300, Who: "main", Text: "more"})
		expectDifferenceAt(t, c, len(right))
		return // one case is enough: it has dozens of rows
	}
}

// spoil changes one of the three parts of a row, in turn.
func spoil(row conformance.Row, turn int) conformance.Row {
	switch turn % 3 {
	case 0:
		row.Tick++
	case 1:
		row.Who += "x"
	default:
		row.Text += "x"
	}
	return row
}

func expectDifferenceAt(t *testing.T, c *conformance.Case, row int) {
	t.Helper()
	d, err := conformance.Check(c)
	if err != nil {
		t.Fatal(err)
	}
	if d == nil || d.Row != row {
		t.Errorf("trace spoiled at row %d: difference %v", row, d)
	}
}

// expectEqual runs all cases, reports the first few that differ, and counts.
func expectEqual(t *testing.T, cases io.Reader) (n int) {
	t.Helper()
	differing := 0
	for c, err := range conformance.Cases(cases) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		d, err := conformance.Check(c)
		if err != nil {
			t.Fatal(err)
		}
		if d == nil {
			continue
		}
		if differing++; differing <= 5 {
			t.Errorf("case %s differs at row %d:\n%v", c.Name(), d.Row+1, d)
		}
	}
	if differing > 0 {
		t.Errorf("%d equal, %d different", n-differing, differing)
	}
	return n
}
