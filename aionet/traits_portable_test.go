//go:build asyncio_portable || !(linux || darwin || freebsd || openbsd || netbsd || dragonfly)

package aionet_test

import "github.com/goasyncio/asyncio/asynciotest"

// unixTraits is what is special about Unix sockets on this driver. What resets one is
// data in the system that was not read, and the driver reads ahead.
const unixTraits = asynciotest.NoReset

// portable tells which driver is under test.
const portable = true
