//go:build !unix

package console

import "os"

// flightSignals: there is no signal for users.
var flightSignals []os.Signal
