package disksim_test

import (
	"context"
	"os"
	"testing"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/asynciotest"

	"github.com/goasyncio/asyncio/sim/internal/disksim"
	"github.com/goasyncio/asyncio/sim/internal/simenv"
)

// Each host of each world gets a disk, whether it uses it or not.
func BenchmarkNew(b *testing.B) {
	env := simenv.NewFake(1)
	b.ReportAllocs()
	for b.Loop() {
		disksim.New(env, "host").Mount()
	}
}

// A record of a log is written and synced.
func BenchmarkAppendAndSync(b *testing.B) {
	asynciotest.Run(b, func(ctx context.Context) {
		start := asyncio.Now(ctx)
		w := &world{Fake: simenv.NewFake(1), ctx: ctx, start: start}
		w.disk = disksim.New(w, "host")
		f, err := w.disk.Mount().OpenFile(ctx, "log", os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
		if err != nil {
			b.Fatal(err)
		}
		record := make([]byte, 100)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := f.Write(ctx, record); err != nil {
				b.Fatal(err)
			}
			if err := f.Sync(ctx); err != nil {
				b.Fatal(err)
			}
			w.Events = w.Events[:0]
		}
	})
}
