package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goasyncio/asyncio/bench/network"
)

// machine is what the numbers depend on.
type machine struct {
	CPU        string `json:"cpu"`
	Cores      int    `json:"cores"`
	OS         string `json:"os"`
	Arch       string `json:"arch"`
	Go         string `json:"go"`
	GOMAXPROCS int    `json:"gomaxprocs"`
}

func thisMachine() machine {
	return machine{cpuModel(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), runtime.GOMAXPROCS(0)}
}

// cpuModel is the processor's name where the system has a file with it.
func cpuModel() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown CPU"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), ":")
		if strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown CPU"
}

type report struct {
	Machine machine          `json:"machine"`
	Quick   bool             `json:"quick"`
	Rounds  int              `json:"rounds"`
	Results []result         `json:"results"`
	Network []network.Result `json:"network,omitempty"`
}

// missed names the rows whose target is missed.
func (r report) missed() []string {
	var list []string
	for _, res := range r.Results {
		if !res.met() {
			list = append(list, res.Name)
		}
	}
	for _, res := range r.Network {
		for _, t := range res.Row.Targets {
			if !res.Met(t) {
				list = append(list, strings.TrimSpace(fmt.Sprintf("%s: %s %s", res.Row.Name, t.Side, t.Than)))
			}
		}
	}
	return list
}

func (r report) print(w io.Writer, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	_, err := io.WriteString(w, r.table())
	return err
}

// table is in Markdown tables that read well as plain text.
func (r report) table() string {
	m := r.Machine
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d cores, %s/%s, %s, GOMAXPROCS=%d. ", m.CPU, m.Cores, m.OS, m.Arch, m.Go, m.GOMAXPROCS)
	fmt.Fprintf(&b, "Median (min–max) of %d rounds; ", r.Rounds)
	if len(r.Results) > 0 {
		b.WriteString("ratio = asyncio / goroutines, ")
	}
	b.WriteString("lower is better.\n")
	if r.Quick {
		b.WriteString("-quick: a tenth of the work; do not quote these numbers.\n")
	}
	if len(r.Results) > 0 {
		b.WriteByte('\n')
		rows := [][]string{{"workload", "count", "asyncio", "goroutines", "bare iter.Pull", "ratio", "target", ""}}
		for _, res := range r.Results {
			rows = append(rows, res.cells())
		}
		writeTable(&b, rows)
	}
	r.networkTables(&b)
	return b.String()
}

func (r result) cells() []string {
	job := r.Name + ": " + r.Job
	if r.Skipped != "" {
		return []string{job, thousands(r.Ops), "–", "–", "–", "–", "–", "skipped: " + r.Skipped}
	}
	cells := []string{job, thousands(r.Ops)}
	for _, s := range r.samples {
		cells = append(cells, spread(s, r.Unit))
	}
	target := "–"
	if r.Target > 0 {
		target = fmt.Sprintf("≤ %.2f", r.Target)
	}
	return append(cells, fmt.Sprintf("%.2f", r.ratio()), target, r.verdict())
}

func spread(samples []float64, unit string) string {
	if len(samples) == 0 {
		return "–"
	}
	short, _, _ := strings.Cut(unit, "/") // per operation goes without saying
	return fmt.Sprintf("%s %s (%s–%s)", number(median(samples), unit), short,
		number(slices.Min(samples), unit), number(slices.Max(samples), unit))
}

// writeTable pads the cells of each column to its widest.
func writeTable(b *strings.Builder, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	rule := make([]string, len(widths))
	for i, n := range widths {
		rule[i] = strings.Repeat("-", max(n, 3))
	}
	for _, row := range slices.Insert(slices.Clone(rows), 1, rule) {
		for i, cell := range row {
			fmt.Fprintf(b, "| %s%s ", cell, strings.Repeat(" ", widths[i]-min(widths[i], utf8.RuneCountInString(cell))))
		}
		b.WriteString("|\n")
	}
}
