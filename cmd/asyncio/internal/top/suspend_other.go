//go:build !unix

package top

import "github.com/gdamore/tcell/v3"

// suspend does nothing: there is no shell that could wait.
func suspend(tcell.Screen) error { return nil }
