package main

import (
	"testing"

	"github.com/goasyncio/asyncio/internal/monitor"
)

// onlooker is a console in which nobody looks at anything, but which may record.
type onlooker struct {
	records bool
	detail  monitor.Detail
}

func (o *onlooker) LoopBegins(s monitor.Source) {
	if o.records {
		s.Record(o.detail)
	}
}

func (*onlooker) LoopEnds(monitor.Source, error)          {}
func (*onlooker) Reported(monitor.Source, monitor.Report) {}

// BenchmarkWatched is what it costs a loop to be watched: by a console in which nobody
// looks at anything, and recorded.
//
//	go test -run '^$' -bench Watched -benchtime 10x -cpu 1 ./bench
func BenchmarkWatched(b *testing.B) {
	looks := []struct {
		by string
		*onlooker
	}{
		{"nobody", nil},
		{"console", &onlooker{}},
		{"coarse", &onlooker{true, monitor.Coarse}},
		{"exact", &onlooker{true, monitor.Exact}},
		{"stacks", &onlooker{true, monitor.Stacks}},
	}
	for _, w := range switches {
		for _, l := range looks {
			b.Run("of="+w.name+"/by="+l.by, func(b *testing.B) {
				if l.onlooker != nil {
					defer monitor.Watch(l.onlooker)()
				}
				benchmarkSwitch(b, w.run)
			})
		}
	}
}
