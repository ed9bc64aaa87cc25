package asyncio_test

import (
	"runtime"
	"time"
)

// collectGarbage runs the collector often enough for whatever hangs on a finalizer.
func collectGarbage() {
	for range 3 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
}

// goexit ends the goroutine, as t.FailNow does.
func goexit() error {
	runtime.Goexit()
	return nil
}
