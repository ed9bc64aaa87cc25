//go:build !linux

package aioexec

import (
	"context"
	"os"
)

// newPollExit is nil: these systems have no descriptor for a process.
func newPollExit(context.Context, *os.Process) exit { return nil }
