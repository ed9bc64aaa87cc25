package tutorial

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/save"
	"github.com/goasyncio/asyncio/internal/recording"
	"github.com/goasyncio/asyncio/internal/timeline"
)

// picture draws both runs on one scale. With a short pause also a shorter step
// counts as one that blocks, else the picture would not show the lesson.
func (o *options) picture(runs []result) timeline.Picture {
	p := timeline.Picture{BlockedAfter: min(timeline.BlockedAfter, o.step/2)}
	for i, r := range runs {
		p.Panels = append(p.Panels, timeline.Panel{
			Title:     fmt.Sprintf("%d. %s", i+1, r.sleeper.title),
			Note:      "total " + tenths(r.total),
			Recording: r.recording,
		})
	}
	return p
}

// files are what the lesson shall save. Each may be nil.
type files struct{ svg, json *save.File }

func (o *options) prepare() (files, error) {
	var f files
	var err error
	if o.svg != "" {
		f.svg, err = save.Create(o.svg)
	}
	if o.json != "" && err == nil {
		f.json, err = save.Create(o.json)
	}
	if err != nil {
		f.discard()
	}
	return f, err
}

// discard gives up what was not committed.
func (f files) discard() {
	f.svg.Discard()
	f.json.Discard()
}

// commit saves the runs and says where.
func (f files) commit(o *options, runs []result, s *screen) error {
	if f.svg != nil {
		draw := func(w io.Writer) error { return timeline.SVG(w, o.picture(runs)) }
		if err := f.svg.Commit(draw); err != nil {
			return err
		}
		s.printf("The picture is saved as %s\n", o.svg)
	}
	if f.json != nil {
		if err := f.json.Commit(func(w io.Writer) error { return writeJSON(w, runs) }); err != nil {
			return err
		}
		s.printf("The recordings are saved as %s\n", o.json)
	}
	return s.err
}

// jsonRun is a run as programs read it.
type jsonRun struct {
	Run       string              `json:"run"` // "blocking" or "waiting"
	Total     time.Duration       `json:"total_ns"`
	Recording recording.Recording `json:"recording"`
}

func writeJSON(w io.Writer, runs []result) error {
	var all []jsonRun
	for _, r := range runs {
		all = append(all, jsonRun{Run: r.sleeper.key, Total: r.total, Recording: r.recording})
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(all)
}
