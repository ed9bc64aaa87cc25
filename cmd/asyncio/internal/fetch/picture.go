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
func (p *picture) draw(s Summary) error {
	if p == nil {
		return nil
	}
	downloads := p.recorder.Recording().Only(func(l recording.Lane) bool {
		return l.Name != mainTask && l.Name != displayTask
	})
	return p.file.Commit(func(w io.Writer) error {
		return timeline.SVG(w, timeline.Of("asyncio fetch: "+s.String(), downloads))
	})
}

// discard removes the file if it was not drawn.
func (p *picture) discard() {
	if p != nil {
		p.file.Discard()
	}
}
