package console

import (
	"slices"
	"sync"
	"time"

	"github.com/goasyncio/asyncio/console/internal/wire"
	"github.com/goasyncio/asyncio/internal/monitor"
)

// maxReports is how many reports of a loop are kept, the last ones.
const maxReports = 100

// reports are what a loop has told people lately.
type reports struct {
	mu   sync.Mutex
	last []wire.Warning // the oldest first
}

// add keeps a report. It runs on the goroutine that reports.
func (r *reports) add(told monitor.Report) {
	w := wire.Warning{Kind: wire.WarnReport, Name: wire.Cut(told.Task, wire.MaxName), Text: wire.Cut(told.Message, wire.MaxText), Since: time.Now()}
	if told.Err != nil {
		w.Text = wire.Cut(told.Message+": "+told.Err.Error(), wire.MaxText)
	}
	w.Stack = wire.Cut(string(told.Stack), wire.MaxStack)
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.last) == maxReports {
		r.last = slices.Delete(r.last, 0, 1)
	}
	r.last = append(r.last, w)
}

func (r *reports) all() []wire.Warning {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.last)
}

// since are the reports that came after a time.
func (r *reports) since(at time.Time) (later []wire.Warning) {
	for _, w := range r.all() {
		if w.Since.After(at) {
			later = append(later, w)
		}
	}
	return later
}
