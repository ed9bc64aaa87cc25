//go:build !unix

package servers

import "syscall"

// unprivileged has nothing to do: other systems know no root.
func unprivileged(string) (*syscall.SysProcAttr, error) { return nil, nil }
