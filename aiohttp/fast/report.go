package fast

import (
	"log/slog"
	"time"

	"github.com/goasyncio/asyncio"
)

const (
	defaultReadTimeout = 0
	defaultIdleTimeout = 2 * time.Minute
)

func (s *Server) report(r asyncio.Report) {
	if s.OnError != nil {
		s.OnError(r)
		return
	}
	args := []any{}
	if r.Err != nil {
		args = append(args, "error", r.Err.Error())
	}
	if r.Stack != nil {
		args = append(args, "stack", string(r.Stack))
	}
	slog.Error("aiohttp/fast: "+r.Message, args...)
}
