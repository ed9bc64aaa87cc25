package console

import (
	"io"
	"time"
)

// SetWriteTime sets how long a client may take to read, until the function it returns is
// called. There must be no console meanwhile.
func SetWriteTime(d time.Duration) (restore func()) {
	before := writeTime
	writeTime = d
	return func() { writeTime = before }
}

// StartFrom is StartFromEnvironment with another environment and another standard error.
func StartFrom(getenv func(string) string, out io.Writer) *Server { return startFrom(getenv, out) }
