//go:build !unix

package aioexec

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// terminate is os.Kill: there is no request to end.
var terminate = os.Kill

var errNoGroups = fmt.Errorf("aioexec: Group: this system has no process groups: %w", errors.ErrUnsupported)

func prepare(c *Cmd, _ *exec.Cmd) error {
	if c.Group {
		return errNoGroups
	}
	return nil
}

func signalGroup(*os.Process, os.Signal) error { return errNoGroups }
