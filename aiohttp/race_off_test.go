//go:build !race

package aiohttp_test

const raceEnabled = false
