package fast

import (
	"log/slog"

	"github.com/goasyncio/asyncio"
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
