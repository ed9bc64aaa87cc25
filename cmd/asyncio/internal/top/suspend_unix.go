//go:build unix

package top

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gdamore/tcell/v3"
)

// stopTime is how long the system may take to stop us. It does not where there is no
// shell that could let us go on.
const stopTime = time.Second

// suspend gives the terminal back and stops the processes of the job, as a shell's users
// expect of Ctrl-Z. It returns when the job goes on, with the terminal taken again.
func suspend(s tcell.Screen) error {
	goesOn := make(chan os.Signal, 1)
	signal.Notify(goesOn, syscall.SIGCONT)
	defer signal.Stop(goesOn)
	if err := s.Suspend(); err != nil {
		return err
	}
	if err := syscall.Kill(0, syscall.SIGTSTP); err != nil {
		return err
	}
	select { // the signal stops us a moment after the call: the terminal is the shell's by then
	case <-goesOn:
	case <-time.After(stopTime):
	}
	return s.Resume()
}
