package console

import (
	"errors"
	"fmt"
	"io"
	"os"
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
)

// StartFromEnvironment turns a console on where ASYNCIO_CONSOLE says so, and says on the
// standard error where it is. Whatever goes wrong is told there too, and the program
// goes on. It returns nil where there is no console. Package asyncio calls it at the
// first Run of a process.
func StartFromEnvironment() *Server { return startFrom(os.Getenv, os.Stderr) }

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
