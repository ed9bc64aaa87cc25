//go:build unix

package top

import (
	"syscall"

	"github.com/gdamore/tcell/v3"
)

// suspend gives the terminal back and stops the process, as a shell's users expect of
// Ctrl-Z. It returns when the process goes on.
func suspend(s tcell.Screen) error {
	if err := s.Suspend(); err != nil {
		return err
	}
	if err := syscall.Kill(0, syscall.SIGTSTP); err != nil {
		return err
	}
	return s.Resume()
}
