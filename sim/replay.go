package sim

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/goasyncio/asyncio/sim/internal/explore"
	"github.com/goasyncio/asyncio/sim/internal/report"
)

// replay runs the schedule that was asked for: by its decisions, as a failure has
// printed them, or by a recording's labels. Where it passes its neighbours are run.
func (c *campaign) replay() {
	c.t.Helper()
	l := newLane(c.opts, c.body)
	defer l.close()
	b := &report.Block{}
	f := &finding{strategy: "replay"}
	recording, tape := c.asked()
	switch {
	case recording != nil:
		f.number = recording.Schedule
		l.chooser.ReplayLabels(recording, labels{l})
	case tape != nil:
		l.chooser.Replay(*tape)
	default:
		return // it is of another call of Check
	}
	l.stopAt = c.opts.at
	r := l.recordBegun()
	if l.stopAt = 0; c.opts.at > 0 && !debugged() {
		c.t.Logf("sim: %s", c.howToBreak(c.opts.at, r.log.Number(c.opts.at)))
	}
	if recording != nil {
		b.Notes = append(b.Notes, diverged(l.chooser.Divergence()))
	}
	if r.failure == nil {
		c.neighbours(l, r.tape, strings.Join(b.Notes, ""))
		return
	}
	f.tape, f.failure, f.hash = r.tape, r.failure, r.hash
	if c.opts.again {
		c.tell(f)
		return
	}
	c.print(l, b, f, r.tape)
}

// asked is the schedule that was asked for: a recording or a tape, or neither where it is
// of another call of Check in this test. Where it is of another test this one is skipped.
func (c *campaign) asked() (*explore.Recording, *explore.Tape) {
	c.t.Helper()
	path, named := strings.CutPrefix(c.opts.replay, "@")
	if _, err := os.Stat(path); named || err == nil {
		recording, err := load(path)
		switch {
		case err != nil:
			c.t.Fatalf("sim: %v", err)
		case recording.Program == c.program():
			c.opts.seed = recording.Seed
			return recording, nil
		case !strings.HasPrefix(recording.Program+" ", c.test()+" "):
			c.t.Skipf("sim: the recording is of %s", recording.Program)
		}
		return nil, nil
	}
	call, text := splitToken(c.opts.replay)
	if call != c.call {
		return nil, nil
	}
	tape, err := explore.Parse(text)
	if err != nil {
		c.t.Fatalf("sim: %v", err)
	}
	return nil, &tape
}

func load(path string) (*explore.Recording, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	defer f.Close()
	r, err := explore.Read(f)
	if err != nil {
		return nil, fmt.Errorf("recording %s: %w", path, err)
	}
	return r, nil
}

// diverged says where a replay by labels was another than its recording.
func diverged(d *explore.Divergence) string {
	if d == nil {
		return "the program has done all that is in the recording"
	}
	got := "nothing came"
	if d.Got != (explore.Label{}) {
		got = words(d.Got, d.Draw) + " came"
	}
	want := "nothing"
	if d.Want != nil {
		want = words(d.Want.Label, d.Want.Draw)
	}
	return fmt.Sprintf("the program is not the recorded one: after %d steps and draws, at t=%v, %s, where the recording has %s", d.Taken, d.At, got, want)
}

// words are a label for people.
func words(l explore.Label, draw string) string {
	var b strings.Builder
	switch {
	case draw != "":
		fmt.Fprintf(&b, "the draw %q of ", draw)
	case l.Host == "":
		return fmt.Sprintf("%q of the world", l.Wait)
	}
	fmt.Fprintf(&b, "task %q of host %q", l.Task, l.Host)
	if l.Site != "" {
		fmt.Fprintf(&b, " (%s)", l.Site)
	}
	return b.String()
}

// nearby is how many neighbours of a schedule are run when it passes.
const nearby = 200

// neighbours runs schedules that are near to one which has failed once: a change of the
// program may only have moved the failure.
func (c *campaign) neighbours(l *lane, tape explore.Tape, note string) {
	c.t.Helper()
	failed, total := 0, 0
	var first *finding
	for n := range explore.Neighbours(tape, nearby, c.opts.seed) {
		total++
		strategy := explore.NewWalk()
		if n.Open {
			l.chooser.Extend(n.Tape, strategy, c.opts.seed, total)
		} else {
			l.chooser.Replay(n.Tape)
		}
		got, _ := l.run(c.opts.seed, false)
		if got.failure == nil {
			continue
		}
		if failed++; first == nil {
			first = &finding{number: total, strategy: "neighbour", tape: slices.Clone(got.tape), failure: got.failure, hash: got.hash}
		}
	}
	says := strings.TrimSpace("sim: the schedule passes now. " + note)
	if first == nil {
		c.t.Logf("%s\nand so do %d neighbours", says, total)
		return
	}
	c.t.Logf("%s\nBut of %d neighbours %d fail, the first one so:", says, total, failed)
	c.tell(first)
}
