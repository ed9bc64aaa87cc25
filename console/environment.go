package console

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"syscall"
)

// The variables of the environment that turn a console on.
const (
	// AddressVariable is where the console listens, such as 127.0.0.1:8765. Port 0 is
	// any that is free.
	AddressVariable = "ASYNCIO_CONSOLE"
	// TokenVariable is its token. Without it the console makes one.
	TokenVariable = "ASYNCIO_CONSOLE_TOKEN"
	// RemoteVariable set to 1 is [AllowRemote].
	RemoteVariable = "ASYNCIO_CONSOLE_REMOTE"
	// FlightVariable is the folder of a flight recorder, which is turned on where it is
	// set: see [StartFlight].
	FlightVariable = "ASYNCIO_FLIGHT"
	// FlightDetailVariable is its detail: coarse, exact or stacks.
	FlightDetailVariable = "ASYNCIO_FLIGHT_DETAIL"
	// FlightEventsVariable is how many events it keeps.
	FlightEventsVariable = "ASYNCIO_FLIGHT_EVENTS"
)

// StartFromEnvironment turns a console on where ASYNCIO_CONSOLE says so, and says on the
// standard error where it is. Whatever goes wrong is told there too, and the program
// goes on. It returns nil where there is no console. A flight recorder is turned on in
// the same way where ASYNCIO_FLIGHT names its folder. Package asyncio calls it at the
// first Run of a process.
func StartFromEnvironment() *Server {
	flightFromEnvironment()
	return startFrom(os.Getenv, os.Stderr)
}

// flightFromEnvironment is started once: two would save everything twice.
var flightFromEnvironment = sync.OnceFunc(func() { startFlightFrom(os.Getenv, os.Stderr) })

// startFlightFrom returns nil where there is no flight recorder.
func startFlightFrom(getenv func(string) string, out io.Writer) *FlightRecorder {
	dir := getenv(FlightVariable)
	if dir == "" {
		return nil
	}
	events := 0
	if n := getenv(FlightEventsVariable); n != "" {
		var err error
		if events, err = strconv.Atoi(n); err != nil || events <= 0 {
			fmt.Fprintf(out, "asyncio: no flight recorder (%s=%s): that is no number of events\n", FlightEventsVariable, n)
			return nil
		}
	}
	r, err := StartFlight(Flight{Dir: dir, Detail: getenv(FlightDetailVariable), Events: events, Saved: func(s SavedFlight) {
		if s.Err != nil {
			fmt.Fprintf(out, "asyncio: no recording of loop %d (%s): %v\n", s.Loop, s.Why, s.Err)
			return
		}
		fmt.Fprintf(out, "asyncio: recording of loop %d (%s) saved as %s\n", s.Loop, s.Why, s.File)
	}})
	if err != nil {
		fmt.Fprintf(out, "asyncio: no flight recorder (%s=%s): %v\n", FlightVariable, dir, err)
		return nil
	}
	return r
}

func startFrom(getenv func(string) string, out io.Writer) *Server {
	addr := getenv(AddressVariable)
	if addr == "" {
		return nil
	}
	var opts []Option
	if token := getenv(TokenVariable); token != "" {
		opts = append(opts, Token(token))
	}
	if getenv(RemoteVariable) == "1" {
		opts = append(opts, AllowRemote())
	}
	s, err := Serve(addr, opts...)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		fmt.Fprintf(out, "asyncio: no console: %s is in use, perhaps by another process with the same environment; with port 0 each finds its own\n", addr)
	case errors.Is(err, errRemote):
		fmt.Fprintf(out, "asyncio: no console (%s=%s): other machines reach that: listen on 127.0.0.1 and use a tunnel, or set %s=1\n", AddressVariable, addr, RemoteVariable)
	case err != nil:
		fmt.Fprintf(out, "asyncio: no console (%s=%s): %v\n", AddressVariable, addr, err)
	default:
		fmt.Fprintf(out, "asyncio: console at %s\n", s.URL())
	}
	if err != nil {
		return nil
	}
	return s
}
