package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goasyncio/asyncio/bench/network"
)

// networkTables writes two tables: what a message costs, and what a connection takes.
func (r report) networkTables(b *strings.Builder) {
	messages := [][]string{{"workload", "server", "CPU µs/message", "user", "system", "messages/s", "p50 µs", "p99 µs", "CPU: ratio, target"}}
	connections := [][]string{{"workload", "server", "heap and stacks, B/connection", "resident, B/connection", "heap and stacks: ratio, target"}}
	var notes []string
	for _, res := range r.Network {
		if res.Skipped != "" {
			notes = append(notes, res.Row.Name+": skipped: "+res.Skipped)
			continue
		}
		if res.Note != "" {
			notes = append(notes, res.Row.Name+": "+res.Note)
		}
		for i, side := range res.Row.Sides {
			job := ""
			if i == 0 {
				job = res.Row.Name + ": " + res.Row.Job
			}
			if res.Row.Messages {
				messages = append(messages, slices.Concat([]string{job, side}, messageCells(res, side)))
			} else {
				connections = append(connections, slices.Concat([]string{job, side}, connectionCells(res, side)))
			}
		}
	}
	for _, rows := range [][][]string{messages, connections} {
		if len(rows) > 1 {
			b.WriteByte('\n')
			writeTable(b, rows)
		}
	}
	for _, n := range notes {
		fmt.Fprintf(b, "\n%s\n", n)
	}
}

func messageCells(res network.Result, side string) []string {
	micro := func(f func(network.Sample) time.Duration) string {
		return thousands(int(network.Median(res.Of(side, func(s network.Sample) float64 { return float64(f(s).Microseconds()) }))))
	}
	return []string{
		within(res.Of(side, network.Sample.Cost), decimals),
		decimals(network.Median(res.Of(side, network.Sample.UserCost))),
		decimals(network.Median(res.Of(side, network.Sample.SystemCost))),
		whole(network.Median(res.Of(side, network.Sample.Rate))),
		micro(func(s network.Sample) time.Duration { return s.P50 }),
		micro(func(s network.Sample) time.Duration { return s.P99 }),
		targets(res, side),
	}
}

func connectionCells(res network.Result, side string) []string {
	resident := func(s network.Sample) float64 { return s.Resident }
	return []string{
		within(res.Of(side, network.Sample.Cost), whole),
		within(res.Of(side, resident), whole),
		targets(res, side),
	}
}

// targets are those of a side, with the ratio that each is about.
func targets(res network.Result, side string) string {
	var list []string
	for _, t := range res.Row.Targets {
		if t.Side != side {
			continue
		}
		verdict := "met"
		if !res.Met(t) {
			verdict = "MISSED"
		}
		if t.Than == "" {
			list = append(list, fmt.Sprintf("≤ %s: %s", whole(t.Ratio), verdict))
			continue
		}
		list = append(list, fmt.Sprintf("%.2f of %s (≤ %.2f: %s)", res.Ratio(t.Side, t.Than), t.Than, t.Ratio, verdict))
	}
	return strings.Join(list, ", ")
}

// within is a median with the least and the greatest value.
func within(values []float64, write func(float64) string) string {
	return fmt.Sprintf("%s (%s–%s)", write(network.Median(values)), write(slices.Min(values)), write(slices.Max(values)))
}

func decimals(v float64) string { return fmt.Sprintf("%.2f", v) }

func whole(v float64) string { return thousands(int(v + 0.5)) }
