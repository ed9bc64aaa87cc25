//go:build unix

package console

import (
	"os"
	"syscall"
)

// flightSignals are those that save a recording where a program does not say which.
var flightSignals = []os.Signal{syscall.SIGUSR1}
