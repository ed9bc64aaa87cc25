package tutorial

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
)

// openBrowser shows an address in the user's browser, if there is one, and does not wait
// for it. The address stands on a command line for a moment, where other users of the
// machine may see it: it must lead to nothing that they may not know.
func openBrowser(address string) error {
	args := browser(runtime.GOOS, os.Getenv)
	if args == nil {
		return errors.New("there is no screen for a browser")
	}
	c := exec.Command(args[0], append(args[1:], address)...)
	if err := c.Start(); err != nil {
		return err
	}
	go c.Wait()
	return nil
}

// browser is the command that opens an address in the system's usual browser. Without a
// screen some systems would begin one in the terminal: there it is none.
func browser(system string, getenv func(string) string) []string {
	switch system {
	case "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler"}
	case "darwin":
		return []string{"open"}
	}
	if getenv("DISPLAY") == "" && getenv("WAYLAND_DISPLAY") == "" {
		return nil
	}
	return []string{"xdg-open"}
}
