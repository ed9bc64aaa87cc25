//go:build !plan9 && !js && !wasip1

package acceptor

import "syscall"

// passingErrnos are the errors of accept(2) after which the listener goes on.
var passingErrnos = []error{
	syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, // until others give some back
	syscall.ECONNABORTED, syscall.ECONNRESET, syscall.EINTR, // this one is gone
}
