package vet

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// The rules. A finding ends with the name of its rule, in brackets.
const (
	ruleMapOrder  = "maporder"
	ruleSelect    = "select"
	ruleGoroutine = "goroutine"
	ruleBlocks    = "blocks"
	ruleClock     = "clock"
	ruleRandom    = "random"
	ruleProcess   = "process"
	ruleNetwork   = "network"
	ruleFiles     = "files"
	rulePool      = "pool"
	rulePointer   = "pointer"
	ruleDirective = "directive"
)

// A Rule is one thing that the analyzer looks for.
type Rule struct{ Name, Summary string }

// Rules are all of them.
var Rules = []Rule{
	{ruleMapOrder, "the order of a map decides who runs, or what is in a slice"},
	{ruleSelect, "a select that picks among several cases at random"},
	{ruleGoroutine, "a goroutine that the loop does not schedule"},
	{ruleBlocks, "a channel, a lock across a wait, a sleep: the loop stands still"},
	{ruleClock, "the real clock"},
	{ruleRandom, "randomness without a seed of the program's own"},
	{ruleProcess, "what differs between processes and machines"},
	{ruleNetwork, "sockets of the operating system"},
	{ruleFiles, "files of the operating system"},
	{rulePool, "sync.Pool, which the garbage collector empties"},
	{rulePointer, "addresses in texts: %p"},
	{ruleDirective, "an //asyncio:ok without a reason, or with nothing to silence"},
}

func summary() string {
	var b strings.Builder
	for _, r := range Rules {
		fmt.Fprintf(&b, "%-10s %s\n", r.Name, r.Summary)
	}
	return b.String()
}

// ruleList is the value of a flag: names of rules.
type ruleList []string

// String is the list as it was given.
func (l *ruleList) String() string { return strings.Join(*l, ",") }

// Set takes names with commas between them.
func (l *ruleList) Set(s string) error {
	*l = nil
	for name := range strings.SplitSeq(s, ",") {
		if name == "" {
			continue
		}
		if !slices.ContainsFunc(Rules, func(r Rule) bool { return r.Name == name }) {
			return fmt.Errorf("there is no rule %q", name)
		}
		*l = append(*l, name)
	}
	return nil
}

// report reports a finding, unless a directive silences it. What is left out by flag
// counts for the directives all the same: they are not idle for that.
func (c *checker) report(rule string, at ast.Node, format string, args ...any) {
	if !c.ok.silence(c.Fset.Position(at.Pos())) {
		c.emit(rule, at, format, args...)
	}
}

func (c *checker) emit(rule string, at ast.Node, format string, args ...any) {
	if slices.Contains(settings.without, rule) {
		return
	}
	c.found = append(c.found, analysis.Diagnostic{
		Pos:      at.Pos(),
		Category: rule,
		Message:  fmt.Sprintf(format, args...) + " [" + rule + "]",
	})
}
