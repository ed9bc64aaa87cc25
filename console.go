//go:build !asyncio_noconsole

package asyncio

import (
	"sync"

	"github.com/goasyncio/asyncio/console"
)

// A program gets a console, or a flight recorder, at its first Run, where its environment
// says so. This is all that the core knows of package console; the build
// tag asyncio_noconsole leaves it out, and with it net/http.
func init() { startConsole = sync.OnceFunc(func() { console.StartFromEnvironment() }) }
