//go:build (freebsd || openbsd || netbsd || dragonfly) && !asyncio_portable

package driver

// urgentFlag is none: there is no telling on these systems. A peer that sends urgent
// data may find that what is behind it is read when he sends more.
const urgentFlag = 0
