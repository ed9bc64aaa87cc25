package main

import (
	"fmt"
	"slices"
	"strings"
)

// A bug is a change of one place.
type bug struct {
	name         string
	file         string
	right, wrong string // the text, which must occur once, and what stands there instead
	tests        []tests
}

// tests are those of a package.
type tests struct {
	dir   string
	flags []string
}

// apply returns text with the bug in it.
func (b bug) apply(text string) (string, error) {
	if n := strings.Count(text, b.right); n != 1 {
		return "", fmt.Errorf("%s: the place of the bug is %d times in %s, not once: adapt it to what stands there now", b.name, n, b.file)
	}
	return strings.Replace(text, b.right, b.wrong, 1), nil
}

// bugs are all bugs.
func bugs() []bug {
	return slices.Concat(bugsOfTheLoop, bugsOfTasks, bugsOfLocks, bugsOfQueues, bugsOfStreams, bugsOfWorlds,
		bugsOfTheRecorder, bugsOfTapes, bugsOfTheConsole, bugsOfReaders)
}

// The tests of the core, and what stands on it.
var (
	core    = tests{dir: "."}
	order   = tests{dir: "./conformance"}
	streams = tests{dir: "./aionet"}
	raced   = tests{dir: ".", flags: []string{"-race"}}
	worlds  = tests{dir: "./sim"}
	network = tests{dir: "./sim/internal/netsim"}
	disks   = tests{dir: "./sim/internal/disksim"}
	search  = tests{dir: "./sim/internal/explore"}
	seam    = tests{dir: "./sim/internal/simenv"}
	drivers = tests{dir: "./internal/driver"}

	seams    = tests{dir: "./internal/monitor"}
	coros    = tests{dir: "./internal/coro"}
	tapes    = tests{dir: "./console/internal/tape"}
	consoles = tests{dir: "./console"}
	finders  = tests{dir: "./console/internal/discovery"}
	clients  = tests{dir: "./console/client"}
	metrics  = tests{dir: "./console/prometheus"}
)
