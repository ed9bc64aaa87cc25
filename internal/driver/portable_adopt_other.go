//go:build !(linux || darwin || freebsd || openbsd || netbsd || dragonfly || plan9)

package driver

import (
	"errors"
	"io"
)

// netOf has no package net to ask: on these systems it takes no descriptors.
func netOf(uintptr) (io.Closer, Kind, error) { return nil, Kind{}, errNoPoller }

// Pair implements System.
func (portableNet) Pair(Type) (a, b int, err error) { return -1, -1, errors.ErrUnsupported }
