//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// startTop starts the command in a terminal, on a program.
func startTop(t *testing.T, width, height int, p *program, args ...string) *terminal {
	t.Helper()
	return openTerminal(t, width, height, command(append([]string{"top", p.address, "--interval", "100ms"}, args...)...))
}

// rows are the lines of the list, without its titles.
func rows(lines []string) (rows []string) {
	for i, l := range lines {
		if strings.Contains(l, "NAME") && strings.Contains(l, "ID") {
			for _, l := range lines[i+1 : len(lines)-1] {
				if l != "" {
					rows = append(rows, l)
				}
			}
		}
	}
	return rows
}

var tasksTold = regexp.MustCompile(`tasks (\d+)`)

// told is how many tasks the screen says that there are.
func told(lines []string) int {
	m := tasksTold.FindStringSubmatch(strings.Join(lines, "\n"))
	if m == nil {
		return -1
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

func TestTopInATerminal(t *testing.T) {
	p := startProgram(t)
	e := startTop(t, 100, 24, p)
	t.Run("shows the program's own counts", func(t *testing.T) {
		e.t = t
		want, err := strconv.Atoi(p.say("count"))
		if err != nil {
			t.Fatal(err)
		}
		lines := e.until("the number of tasks", func(lines []string) bool { return told(lines) == want })
		if got := len(rows(lines)); got == 0 || got > want {
			t.Errorf("%d rows of %d tasks", got, want)
		}
		p.say("more")
		e.until("ten more", func(lines []string) bool { return told(lines) == want+10 })
		if got := p.say("count"); got != strconv.Itoa(want+10) {
			t.Errorf("the program has %s", got)
		}
	})
	t.Run("makes hostile names visible", func(t *testing.T) {
		e.t = t
		e.press("/evil")
		e.untilText(`evil\x1b[2J\x1b]0;owned\x07`)
		if e.screen.GetTitle() == "owned" {
			t.Error("the name has set the title of the window")
		}
		e.press("\x15\r")
		e.untilText("worker-00")
	})
	t.Run("filters as one types", func(t *testing.T) {
		e.t = t
		e.press("/worker-1")
		e.until("ten workers and nobody else", func(lines []string) bool {
			r := rows(lines)
			return len(r) == 10 && !slices.ContainsFunc(r, func(row string) bool { return !strings.Contains(row, "worker-1") })
		})
		e.press("\r")
		e.untilText(`filter "worker-1"`)
	})
	t.Run("sorts", func(t *testing.T) {
		e.t = t
		e.press("s") // from the ID to the name
		e.until("the order", func(lines []string) bool {
			return len(rows(lines)) == 10 && strings.Contains(strings.Join(lines, "\n"), "NAME▲")
		})
		e.press("r")
		e.until("the order turned round", func(lines []string) bool {
			r := rows(lines)
			return len(r) == 10 && strings.Contains(r[0], "worker-19") && strings.Contains(r[9], "worker-10")
		})
	})
	t.Run("moves the selection", func(t *testing.T) {
		e.t = t
		e.press("\x1b[B\x1b[B") // down twice
		e.until("the third selected", func(lines []string) bool {
			r := rows(lines)
			return len(r) == 10 && strings.HasPrefix(r[2], ">") && strings.Contains(r[2], "worker-17")
		})
	})
	t.Run("looks at a task", func(t *testing.T) {
		e.t = t
		e.press("\r")
		e.untilText("worker-17", "Stack, the innermost call first", "asyncio.worker", "Queue[...]).Get", "Started by", "main (1)")
		e.press("u")
		e.untilText("Task 1  main")
		e.press("\x1b")
		e.until("the list again", func(lines []string) bool { return len(rows(lines)) == 10 })
		e.press("\x1b")
		e.until("all tasks again", func(lines []string) bool { return len(rows(lines)) > 10 })
	})
	t.Run("explains its keys", func(t *testing.T) {
		e.t = t
		e.press("?")
		e.untilText("Keys", "Ctrl-C", "look at a task more closely")
		e.press("?")
		e.until("the list again", func(lines []string) bool { return len(rows(lines)) > 10 })
	})
	t.Run("fits whatever size the terminal gets", func(t *testing.T) {
		e.t = t
		for _, size := range []struct{ width, height int }{{60, 12}, {30, 6}, {10, 3}, {160, 50}, {80, 24}} {
			e.resize(size.width, size.height)
			e.until(fmt.Sprint("something at ", size), func(lines []string) bool {
				switch {
				case size.width < 20:
					return lines[0] == "too small"
				case size.height < 10:
					return len(rows(lines)) > 0
				}
				return len(rows(lines)) > 5 && strings.HasPrefix(lines[size.height-1], "q quit")
			})
		}
	})
	t.Run("gives the terminal back", func(t *testing.T) {
		e.t = t
		e.press("q")
		if status := e.end(); status != 0 {
			t.Errorf("exit status %d", status)
		}
	})
}

func TestTopTellsABlockedLoopAndWhatBlocksIt(t *testing.T) {
	p := startProgram(t)
	e := startTop(t, 120, 40, p)
	e.untilText("commander")
	if got := p.say("block"); got != "blocking" {
		t.Fatal(got)
	}
	e.untilText("Loop 1 is blocked for at least", "blockTheLoop")
	if got := p.say("go on"); got != "done" {
		t.Fatal(got)
	}
	e.until("the loop free again", func(lines []string) bool {
		return !strings.Contains(strings.Join(lines, "\n"), "is blocked for at least") && len(rows(lines)) > 10
	})
	e.press("\x03") // Ctrl-C
	if status := e.end(); status != 0 {
		t.Errorf("exit status %d", status)
	}
}

func TestTopKeepsTheLastPictureOfAProgramThatIsKilled(t *testing.T) {
	p := startProgram(t)
	e := startTop(t, 100, 24, p)
	e.untilText("worker-00")
	p.kill()
	lines := e.untilText("The program, or its console, has ended.", "The last picture: ", "worker-00")
	if n := told(lines); n < 30 {
		t.Errorf("it tells of %d tasks", n)
	}
	e.press("j") // it can still be looked at
	e.until("the selection", func(lines []string) bool { r := rows(lines); return len(r) > 1 && strings.HasPrefix(r[1], ">") })
	e.press("q")
	if status := e.end(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if !strings.Contains(e.written()[strings.LastIndex(e.written(), "\x1b[?1049l"):], "has ended") {
		t.Error("it does not say so on the screen that stays")
	}
}

func TestTopGivesTheTerminalBackWhenItIsTerminated(t *testing.T) {
	p := startProgram(t)
	for sent, want := range map[syscall.Signal]int{syscall.SIGTERM: 143, syscall.SIGHUP: 129} {
		if signal.Ignored(sent) {
			continue // under nohup a terminal that goes ends nothing
		}
		e := startTop(t, 100, 24, p)
		e.untilText("worker-00")
		if err := e.cmd.Process.Signal(sent); err != nil {
			t.Fatal(err)
		}
		if status := e.end(); status != want {
			t.Errorf("%v: exit status %d, want %d", sent, status, want)
		}
	}
}

func TestTopHasNoColoursUnderNoColor(t *testing.T) {
	p := startProgram(t)
	coloured := regexp.MustCompile(`\x1b\[(?:[0-9]*;)*(?:3[0-7]|4[0-7]|38|48|9[0-7])[;:m]`)
	for _, env := range []string{"NO_COLOR=1", "NO_COLOR="} {
		e := openTerminal(t, 100, 24, command("top", p.address, "--interval", "100ms"), env)
		e.untilText("worker-00")
		if p.say("block") != "blocking" {
			t.Fatal("it does not block")
		}
		e.untilText("Loop 1 is blocked for at least")
		p.say("go on")
		e.press("q")
		e.end()
		if got := coloured.MatchString(e.written()); got != (env == "NO_COLOR=") {
			t.Errorf("with %s colours are used: %v", env, got)
		}
	}
}

func TestTopWantsATerminal(t *testing.T) {
	out, err := command("top", "127.0.0.1:1").CombinedOutput()
	if status(err) != 1 || !strings.Contains(string(out), "no terminal; 'asyncio ps' prints a list") {
		t.Errorf("exit status %d, %q", status(err), out)
	}
	t.Run("that shows more than a dumb one", func(t *testing.T) {
		c := command("top", "127.0.0.1:1")
		e := openTerminal(t, 80, 24, c, "TERM=dumb")
		e.untilText("a dumb terminal")
	})
}

func TestTopLeavesForTheShellAndComesBack(t *testing.T) {
	p := startProgram(t)
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	top := command("top", p.address, "--interval", "100ms")
	back := filepath.Join(t.TempDir(), "back")
	const script = `set -m; "$0" "$@"; echo "in the shell"; until [ -e "$BACK" ]; do sleep 0.01; done; fg >/dev/null; echo "back for good"`
	c := exec.Command(sh, append([]string{"-c", script}, top.Args...)...)
	c.Env = append(top.Env, "BACK="+back)
	e := openTerminal(t, 100, 24, c)
	e.untilText("worker-00")
	e.press("\x1a") // Ctrl-Z
	e.until("the shell", func([]string) bool { return strings.Contains(e.written(), "in the shell") })
	if now := e.state(); !reflect.DeepEqual(now, e.before) {
		t.Errorf("the shell gets the terminal in another state: %+v, was %+v", now, e.before)
	}
	leaves := strings.Count(e.written(), "\x1b[?1049l")
	if err := os.WriteFile(back, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	e.until("the list again", func(lines []string) bool {
		return strings.LastIndex(e.written(), "\x1b[?1049h") > strings.LastIndex(e.written(), "in the shell") && len(rows(lines)) > 5
	})
	e.press("q")
	if status := e.end(); status != 0 || leaves == 0 {
		t.Errorf("exit status %d, and it had left the screen %d times", status, leaves)
	}
	e.until("the end of the script", func([]string) bool { return strings.Contains(e.written(), "back for good") })
}
