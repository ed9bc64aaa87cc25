package sim

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goasyncio/asyncio/sim/internal/explore"
	"github.com/goasyncio/asyncio/sim/internal/report"
)

// recorded is a schedule that was run once more, for people.
type recorded struct {
	outcome
	log      *report.Log
	schedule *explore.Recording
	strange  []string // goroutines that the world has not made, in words
}

// record runs the schedule of a tape and writes down what happens.
func (l *lane) record(tape explore.Tape) recorded {
	l.chooser.Replay(tape)
	return l.recordBegun()
}

// recordBegun does it for a schedule that the chooser has begun.
func (l *lane) recordBegun() recorded {
	l.chooser.Record(labels{l})
	got, log := l.run(l.opts.seed, true)
	got.tape = slices.Clone(got.tape)
	r := recorded{outcome: got, log: log, strange: l.world.trace.strange}
	r.schedule = &explore.Recording{Seed: l.opts.seed, Entries: l.chooser.Entries()}
	if got.failure != nil {
		r.schedule.Failure = got.failure.Error()
	}
	return r
}

// labels implements explore.Source for the world of a lane.
type labels struct{ *lane }

// Now implements explore.Source.
func (l labels) Now() time.Duration { return l.world.Now() }

// Describe implements explore.Source.
func (l labels) Describe(_ []explore.Alt, i int) explore.Label {
	call, h, entry := l.world.option(i)
	if call != nil {
		return explore.Label{Wait: call.Label}
	}
	k := l.world.trace.of(h, h.offered[entry].Task)
	return explore.Label{Host: h.name, Task: k.name, Site: k.stays.site, Wait: k.stays.on}
}

// Here implements explore.Source.
func (l labels) Here() explore.Label {
	h := l.world.running
	return explore.Label{Host: h.name, Task: l.world.trace.of(h, h.current).name}
}

// keep writes a recording into the directory for recordings and returns its path. A
// schedule that is found again has the same.
func keep(r *explore.Recording, hash uint64) (path string, err error) {
	dir := os.Getenv("SIM_DIR")
	if dir == "" {
		dir = filepath.Join(os.TempDir(), "asyncio-sim")
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, ".recording")
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name()) // it is not there any more where all went well
	err = r.Write(f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, fmt.Sprintf("%.80s-%016x.json", fileName(r.Program), hash))
	return path, os.Rename(f.Name(), path)
}

// fileName is a test's name without what file systems do not take.
func fileName(test string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || strings.ContainsRune(`/\:*?"<>|' `, c) {
			return '-'
		}
		return c
	}, test)
}
