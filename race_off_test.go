//go:build !race

package asyncio_test

// raceEnabled tells that the test binary has the race detector in it.
const raceEnabled = false
