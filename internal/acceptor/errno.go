//go:build !plan9 && !js && !wasip1

package acceptor

import "syscall"

// passingErrnos are the errors of accept(2) after which the listener goes on.
var passingErrnos = []error{
	syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, // until others give some back
	syscall.ECONNABORTED, syscall.ECONNRESET, syscall.EINTR, syscall.EPROTO, // this one is gone
	// Linux tells here of a trouble that a new connection has had already, and EPERM
	// where a filter forbids it: it is the connection that fails, not the listener.
	syscall.ENETDOWN, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.EHOSTUNREACH, syscall.EPERM,
}
