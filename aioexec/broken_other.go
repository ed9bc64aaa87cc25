//go:build !windows && !plan9

package aioexec

import (
	"errors"
	"syscall"
)

// brokenPipe tells that nobody reads what is written.
func brokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }
