//go:build unix

package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/gdamore/tcell/v3/vt"
	"golang.org/x/term"
)

// A terminal is a pseudo-terminal with a command in it, and an emulator that knows what
// is on its screen.
type terminal struct {
	t      *testing.T
	screen vt.MockTerm
	master *os.File
	tty    *os.File
	before *term.State
	cmd    *exec.Cmd
	ended  chan error
	mu     sync.Mutex
	raw    strings.Builder // everything that the command has written
}

// openTerminal starts a command in a terminal of that size.
func openTerminal(t *testing.T, width, height int, cmd *exec.Cmd, env ...string) *terminal {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Skip("no pseudo-terminals here:", err)
	}
	// Shells hand on terminals that block, and Go opens files that do not.
	if err := syscall.SetNonblock(int(tty.Fd()), false); err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, master: master, tty: tty, cmd: cmd, ended: make(chan error, 1)}
	term.screen = vt.NewMockTerm(vt.MockOptSize{X: vt.Col(width), Y: vt.Row(height)})
	if err := term.screen.Start(); err != nil {
		t.Fatal(err)
	}
	term.resize(width, height)
	term.before = term.state()
	cmd.Env = append(append(cmd.Environ(), "TERM=xterm-256color", "LANG=C.UTF-8"), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go term.display()
	go io.Copy(master, term.screen) // what the terminal answers to questions
	go func() { term.ended <- cmd.Wait() }()
	t.Cleanup(func() {
		cmd.Process.Kill()
		term.screen.Stop()
		tty.Close()
		master.Close()
	})
	return term
}

// display brings what the command writes to the screen.
func (e *terminal) display() {
	buf := make([]byte, 32<<10)
	for {
		n, err := e.master.Read(buf)
		if err != nil {
			return
		}
		e.mu.Lock()
		e.raw.Write(buf[:n])
		e.mu.Unlock()
		e.screen.Write(buf[:n])
	}
}

// state is how the terminal treats what is typed.
func (e *terminal) state() *term.State {
	e.t.Helper()
	s, err := term.GetState(int(e.tty.Fd()))
	if err != nil {
		e.t.Fatal(err)
	}
	return s
}

func (e *terminal) resize(width, height int) {
	e.t.Helper()
	e.screen.SetSize(vt.Coord{X: vt.Col(width), Y: vt.Row(height)})
	if err := pty.Setsize(e.master, &pty.Winsize{Cols: uint16(width), Rows: uint16(height)}); err != nil {
		e.t.Fatal(err)
	}
}

// press types keys as a terminal sends them.
func (e *terminal) press(keys string) {
	e.t.Helper()
	if _, err := e.master.WriteString(keys); err != nil {
		e.t.Fatal(err)
	}
}

// lines is what one sees.
func (e *terminal) lines() []string {
	size, _ := e.screen.WindowSize()
	lines := make([]string, size.Height)
	for y := range lines {
		var b strings.Builder
		for x := 0; x < size.Width; {
			cell := e.screen.GetCell(vt.Coord{X: vt.Col(x), Y: vt.Row(y)})
			if cell.C == "" {
				cell.C = " "
			}
			b.WriteString(cell.C)
			x += max(int(cell.W), 1)
		}
		lines[y] = strings.TrimRight(b.String(), " ")
	}
	return lines
}

// patience is how long a machine may take for what takes milliseconds.
const patience = 30 * time.Second

// until waits until the screen shows what is asked for, and returns it.
func (e *terminal) until(what string, shows func(lines []string) bool) []string {
	e.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		lines := e.lines()
		if shows(lines) {
			return lines
		}
		if time.Now().After(deadline) {
			e.t.Fatalf("the screen never shows %s; it is\n%s", what, strings.Join(lines, "\n"))
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// untilText waits until each text is somewhere on the screen.
func (e *terminal) untilText(texts ...string) []string {
	e.t.Helper()
	return e.until(strings.Join(texts, " and "), func(lines []string) bool {
		all := strings.Join(lines, "\n")
		for _, text := range texts {
			if !strings.Contains(all, text) {
				return false
			}
		}
		return true
	})
}

// end waits for the end of the command and checks that the terminal is as before.
func (e *terminal) end() (status int) {
	e.t.Helper()
	select {
	case err := <-e.ended:
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			status = exit.ExitCode()
		}
	case <-time.After(patience):
		e.t.Fatalf("it does not end; the screen is\n%s", strings.Join(e.lines(), "\n"))
	}
	if now := e.state(); !reflect.DeepEqual(now, e.before) {
		e.t.Errorf("the terminal is left in another state: %+v, was %+v", now, e.before)
	}
	e.until("the screen and the cursor given back", func([]string) bool {
		w := e.written()
		screen := strings.LastIndex(w, "\x1b[?1049l") > strings.LastIndex(w, "\x1b[?1049h")
		return screen && strings.LastIndex(w, "\x1b[?25h") > strings.LastIndex(w, "\x1b[?25l")
	})
	return status
}

// written is what the command has written.
func (e *terminal) written() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.raw.String()
}
