package asyncio

import "github.com/goasyncio/asyncio/internal/monitor"

func (v *view) Flush() {}

type emptyTape struct{}

func (emptyTape) Read() ([]*monitor.Chunk, uint64) { return nil, 0 }
func (emptyTape) Close() error                     { return nil }

func (s *source) Record(monitor.Detail) monitor.Tape { return emptyTape{} }
