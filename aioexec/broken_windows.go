package aioexec

import (
	"errors"
	"syscall"
)

// What the system says where a pipe has no reader: ERROR_BROKEN_PIPE, ERROR_NO_DATA.
const (
	errBroken = syscall.Errno(109)
	errNoData = syscall.Errno(232)
)

// brokenPipe tells that nobody reads what is written.
func brokenPipe(err error) bool {
	return errors.Is(err, errBroken) || errors.Is(err, errNoData)
}
