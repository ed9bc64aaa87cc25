//go:build race

package aiohttp_test

// raceEnabled tells that the test binary has the race detector in it.
const raceEnabled = true
