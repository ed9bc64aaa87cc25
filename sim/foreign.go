package sim

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
)

// errForeign is why a world fails that something outside it has reached: what happens
// then follows the operating system, and not the seed.
var errForeign = errors.New("a goroutine that the world has not made")

// stranger tells of the calling goroutine, if it is one that the world has not made: how
// it was made, and where it is. It takes some microseconds.
func stranger() error {
	stack := make([]byte, 16<<10)
	stack = stack[:runtime.Stack(stack, false)]
	g := parseGoroutine(string(stack))
	if g.simulated || !g.foreign() {
		return nil
	}
	return fmt.Errorf("%w reaches the loop of a host, at %s; it was made at %s: use a task (asyncio.Go), or asyncio.ToThread for what blocks", errForeign, g.site, g.madeAt)
}

// goroutine is what a stack tells of one.
type goroutine struct {
	id        string
	simulated bool   // it belongs to a world
	site      string // its innermost place in a program of a user, as file:line
	madeBy    string // the function that has made it; nothing for the first one
	madeIn    string // the goroutine that has
	madeAt    string // file:line
}

// parseGoroutine reads a stack as runtime.Stack writes it.
func parseGoroutine(text string) (g goroutine) {
	lines := strings.Split(text, "\n")
	g.id, _, _ = strings.Cut(strings.TrimPrefix(lines[0], "goroutine "), " ")
	for i := 1; i+1 < len(lines); i += 2 {
		function, place := lines[i], strings.TrimPrefix(lines[i+1], "\t")
		place, _, _ = strings.Cut(place, " +0x")
		if made, ok := strings.CutPrefix(function, "created by "); ok {
			g.madeBy, g.madeIn, _ = strings.Cut(made, " in goroutine ")
			g.madeAt = baseOf(place)
			break
		}
		if strings.HasPrefix(function, module+"internal/coro.") || strings.HasPrefix(function, module+"sim.(*World).live") {
			g.simulated = true
		}
		if j := strings.LastIndexByte(function, '('); j > 0 {
			function = function[:j]
		}
		if g.site == "" && !ofRuntime(runtime.Frame{Function: function, File: cutLine(place)}) {
			g.site = baseOf(place)
		}
	}
	return g
}

// foreign tells that the goroutine is neither of this module's nor one of those that the
// standard library makes for its contexts and iterators.
func (g *goroutine) foreign() bool {
	for _, own := range []string{"github.com/goasyncio/asyncio.", module + "internal/", module + "sim.", "context.", "iter.", "runtime.", "testing.", "sync.(*WaitGroup).Go"} {
		if strings.HasPrefix(g.madeBy, own) {
			return false
		}
	}
	return g.madeBy != ""
}

// strangers are the goroutines of this process that tasks of a world have made.
func strangers() (found []goroutine) {
	stacks := make([]byte, 64<<10)
	for {
		n := runtime.Stack(stacks, true)
		if n < len(stacks) {
			stacks = stacks[:n]
			break
		}
		stacks = make([]byte, 2*len(stacks))
	}
	var all []goroutine
	worlds := map[string]bool{}
	for text := range strings.SplitSeq(string(stacks), "\n\n") {
		g := parseGoroutine(text)
		all = append(all, g)
		if g.simulated {
			worlds[g.id] = true
		}
	}
	for _, g := range all {
		if !g.simulated && worlds[g.madeIn] && g.foreign() {
			found = append(found, g)
		}
	}
	return found
}
