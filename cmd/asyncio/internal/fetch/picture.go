package fetch

import (
	"io"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/save"
	"github.com/goasyncio/asyncio/internal/recording"
	"github.com/goasyncio/asyncio/internal/timeline"
)

// picture is what --timeline draws, from a recording of the loop. A nil picture draws
// nothing.
type picture struct {
	file     *save.File
	recorder *recording.Recorder
}

// picture makes the file first: one that cannot be written is to be known before the
// downloads, not after.
func (f *flags) picture() (*picture, error) {
	if f.timeline == "" {
		return nil, nil
	}
	file, err := save.Create(f.timeline)
	if err != nil {
		return nil, err
	}
	return &picture{file, recording.New()}, nil
}

// options makes the loop be recorded.
func (p *picture) options() []asyncio.Option {
	if p == nil {
		return nil
	}
	return []asyncio.Option{asyncio.Observe(p.recorder)}
}

// draw writes the picture: a lane for each download, none for the program's own tasks.
func (p *picture) draw(list []*Download, s Summary) error {
	if p == nil {
		return nil
	}
	r := p.recorder.Recording()
	r.Lanes = lanes(r, list)
	return p.file.Commit(func(w io.Writer) error {
		return timeline.SVG(w, timeline.Of("asyncio fetch: "+s.String(), r))
	})
}

// lanes makes the lanes of the downloads, in the order of the list.
func lanes(r recording.Recording, list []*Download) []recording.Lane {
	tasks := make(map[string]recording.Lane, len(r.Lanes))
	for _, l := range r.Lanes {
		tasks[l.Name] = l
	}
	var out []recording.Lane
	for _, d := range list {
		if l, ok := tasks[d.label()]; ok {
			out = append(out, story(l, d, r))
		}
	}
	return out
}

// grain is the part of the picture that the shortest step takes which is drawn.
const grain = 100

// story retells what the task of a download did in the words of downloads. A download
// waits thousands of times, for a few microseconds of work each, and drawn one by one
// these steps would hide the waits: what is too short to be seen at this scale counts to
// the wait around it. A step that held the loop for long stays, whatever it was.
func story(l recording.Lane, d *Download, r recording.Recording) recording.Lane {
	told := recording.Lane{Task: l.Task, Name: d.short(), Done: l.Done}
	for _, s := range l.Spans {
		if s.State == recording.Waiting {
			s.On = d.stateAt(r.Start.Add(s.Begin)).waitsFor()
		}
		var last *recording.Span
		if n := len(told.Spans); n > 0 && told.Spans[n-1].State == recording.Waiting {
			last = &told.Spans[n-1]
		}
		short := s.State != recording.Waiting && s.Length() < r.Length/grain && s.Length() < timeline.BlockedAfter
		if last != nil && (short || s.State == recording.Waiting && s.On == last.On) {
			last.End = s.End
			continue
		}
		told.Spans = append(told.Spans, s)
	}
	return told
}

// waitsFor says what a download in this state waits for.
func (s State) waitsFor() string {
	switch s {
	case Queued:
		return "its turn"
	case Connecting:
		return "an answer"
	case Pausing:
		return "the next attempt"
	}
	return "bytes from the server"
}

// short is the name of a download where there is little room.
func (d *Download) short() string {
	if d.Name != "" {
		return oneLine(d.Name)
	}
	return d.label()
}

// discard removes the file if it was not drawn.
func (p *picture) discard() {
	if p != nil {
		p.file.Discard()
	}
}
