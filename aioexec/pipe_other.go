//go:build !unix

package aioexec

import (
	"context"
	"errors"
	"os"
)

// newPollEnd always fails: no loop of these systems can wait for a pipe.
func newPollEnd(context.Context, *os.File) (end, error) { return nil, errors.ErrUnsupported }
