//go:build !asyncio_portable

package driver

// noSignal does nothing: OpenBSD has no such option of a socket, and the Go runtime
// ignores SIGPIPE.
func noSignal(int) {}
