//go:build (darwin || freebsd || netbsd || dragonfly) && !asyncio_portable

package driver

import "golang.org/x/sys/unix"

// noSignal makes a write to a peer that is gone an error and no SIGPIPE. The Go
// runtime ignores that signal, but a C program around it need not. What has no such
// option is no socket.
func noSignal(fd int) { unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_NOSIGPIPE, 1) }
