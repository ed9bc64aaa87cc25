package console

import "time"

// SetWriteTime sets how long a client may take to read, until the function it returns is
// called. There must be no console meanwhile.
func SetWriteTime(d time.Duration) (restore func()) {
	before := writeTime
	writeTime = d
	return func() { writeTime = before }
}
