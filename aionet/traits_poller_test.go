//go:build (linux || darwin || freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package aionet_test

import "github.com/goasyncio/asyncio/asynciotest"

// unixTraits is what is special about Unix sockets on this driver: nothing.
const unixTraits asynciotest.Trait = 0

// portable tells which driver is under test.
const portable = false
