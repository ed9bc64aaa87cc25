package browser_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// number is what the strip of numbers shows under a name, -1 where it does not.
func (tb *tab) number(name string) int {
	tb.t.Helper()
	text := eval[string](tb, fmt.Sprintf(`[...document.querySelectorAll(".strip div")].find(d => d.querySelector("dt").innerText.trim() === %s)?.querySelector("dd").innerText ?? ""`, quote(name)))
	n, err := strconv.Atoi(strings.ReplaceAll(text, ",", ""))
	if err != nil {
		return -1
	}
	return n
}

// quantile is the value below which the part q of all lies.
func quantile(values []float64, q float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[min(int(q*float64(len(values))), len(values)-1)]
}
