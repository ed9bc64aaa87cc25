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

// StartFlightFrom is the same for the flight recorder.
func StartFlightFrom(getenv func(string) string, out io.Writer) *FlightRecorder {
	return startFlightFrom(getenv, out)
}

// SetImpatience divides the times after which there are warnings, until the function it
// returns is called. There must be no console meanwhile.
func SetImpatience(factor time.Duration) (restore func()) {
	a, b, c, d := lookEvery, longWait, hogTime, growthTime
	lookEvery, longWait, hogTime, growthTime = a/factor, b/factor, c/factor, d/factor
	return func() { lookEvery, longWait, hogTime, growthTime = a, b, c, d }
}
