package attach_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/attach"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/cli"
	"github.com/goasyncio/asyncio/cmd/asyncio/internal/fake"
	"github.com/goasyncio/asyncio/console/client"
)

// open runs a command that opens the program and one loop of it.
func open(t *testing.T, args ...string) error {
	t.Helper()
	var f attach.Flags
	c := &cobra.Command{Use: "test", RunE: func(c *cobra.Command, args []string) error {
		p, err := f.Open(c.Context(), args)
		if err != nil {
			return err
		}
		defer p.Close()
		_, err = p.Loop()
		return err
	}}
	f.Add(c)
	_, _, err := fake.Run(t.Context(), c, args...)
	return err
}

func TestEachErrorSaysWhatToDo(t *testing.T) {
	c := fake.Start(t)
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead.Close()
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	anything := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"status":"ok"}`))
	}))
	defer anything.Close()
	pid := strconv.Itoa(os.Getpid())
	for _, test := range []struct {
		name string
		args []string
		says []string
	}{
		{"no program", nil, []string{"no program of yours", "ASYNCIO_CONSOLE=", "console.Serve"}},
		{"a process without a console", []string{"--pid", pid}, []string{"process " + pid, "no console on", "ASYNCIO_CONSOLE="}},
		{"no such process", []string{"--pid", "1073741824"}, []string{"process 1073741824", "no such process"}},
		{"a wrong token", []string{c.Address(), "--token", "wrong"}, []string{c.Address(), "wants its token", "--token", client.TokenVariable}},
		{"nobody there", []string{dead.Addr().String()}, []string{"nobody answers at " + dead.Addr().String(), "refused", "ASYNCIO_CONSOLE="}},
		{"another server, or another version", []string{other.Listener.Addr().String()}, []string{"no console of asyncio", "another version", "this command is version"}},
		{"a server that has an answer to everything", []string{anything.Listener.Addr().String()}, []string{"no console of asyncio"}},
		{"an address that is empty, as that of a variable that is not set", []string{""}, []string{"HOST:PORT"}},
		{"no process", []string{"--pid", "0"}, []string{"--pid 0"}},
		{"no such loop", []string{c.Address(), "--loop", "9"}, []string{"chat, process 4711 has no loop 9"}},
		{"what is no address", []string{"nonsense here"}, []string{"HOST:PORT"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := open(t, test.args...)
			if err == nil {
				t.Fatal("it works")
			}
			for _, part := range test.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			if strings.Contains(err.Error(), "/api/v1") {
				t.Errorf("%q tells what is of no use to people", err)
			}
		})
	}
}

func TestALoopThatHasEndedSaysHow(t *testing.T) {
	c := fake.Start(t)
	c.Program.Loops[0].State, c.Program.Loops[0].Error = client.Ended, "deadlock:\x1b[31m A waits for B"
	err := open(t, c.Address())
	if err == nil || !strings.Contains(err.Error(), `loop 1 of chat, process 4711 has ended: deadlock:\x1b[31m A waits for B`) {
		t.Errorf("%v", err)
	}
	t.Run("in as many lines as it has", func(t *testing.T) {
		c.Program.Loops[0].Error = "deadlock:\n  cycle"
		if err := open(t, c.Address()); err == nil || !strings.HasSuffix(err.Error(), "has ended: deadlock:\n  cycle") {
			t.Errorf("%v", err)
		}
	})
	t.Run("and the last of several does", func(t *testing.T) { // which is told first
		c.Program.Loops = append([]client.Loop{{Number: 2, State: client.Ended}}, c.Program.Loops...)
		if err := open(t, c.Address()); err == nil || !strings.Contains(err.Error(), "loop 2 of") {
			t.Errorf("%v", err)
		}
	})
	c.Program.Loops = nil
	if err := open(t, c.Address()); err == nil || !strings.Contains(err.Error(), "runs no loop now") {
		t.Errorf("without a loop: %v", err)
	}
}

func TestOneOfSeveralMustBeChosen(t *testing.T) {
	c := fake.Start(t)
	c.Program.Loops = append(c.Program.Loops, client.Loop{Number: 2, Name: "second\a"})
	err := open(t, c.Address())
	status := cli.StatusFailed
	if s, ok := err.(*cli.Status); ok {
		status = s.Code
	}
	if err == nil || status != cli.StatusUsage || !strings.Contains(err.Error(), `--loop: 1 (loop), 2 (second\x07)`) {
		t.Errorf("two loops: %v, status %d", err, status)
	}
	if err := open(t, c.Address(), "--loop", "2"); err != nil {
		t.Errorf("the one that was chosen: %v", err)
	}

	left(t, client.Process{PID: os.Getpid(), Address: c.Address(), Token: fake.Token, Program: "one"})
	if err := open(t); err == nil || strings.Contains(err.Error(), "programs have") {
		t.Errorf("the only program is not taken: %v", err)
	}
	second, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	left(t, client.Process{PID: os.Getppid(), Address: second.Addr().String(), Program: "two\x1b"})
	err = open(t)
	if err == nil || !strings.Contains(err.Error(), "2 programs have their console on; give the address of one, or its --pid:\n") ||
		!strings.Contains(err.Error(), c.Address()) || !strings.Contains(err.Error(), `two\x1b`) {
		t.Errorf("two programs: %v", err)
	}
	second.Close()
	if err := open(t); err == nil || strings.Contains(err.Error(), "programs have") {
		t.Errorf("two, one of which was killed, and its number given to another: %v", err)
	}
}

func TestOnlyTheCommandLineIsAMistakeOfUse(t *testing.T) {
	c := fake.Start(t)
	dir := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "asyncio-console")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		mode os.FileMode
		args []string
		want int
	}{
		{"a folder that others can read", 0o755, nil, cli.StatusFailed},
		{"what is no address", 0o700, []string{"nonsense here"}, cli.StatusUsage},
		{"what is no URL of a console", 0o700, []string{"ftp://" + c.Address()}, cli.StatusUsage},
		{"no process", 0o700, []string{"--pid", "-1"}, cli.StatusUsage},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := os.Chmod(dir, test.mode); err != nil {
				t.Fatal(err)
			}
			err, status := open(t, test.args...), cli.StatusFailed
			if s := new(cli.Status); errors.As(err, &s) {
				status = s.Code
			}
			if err == nil || status != test.want {
				t.Errorf("exit status %d, want %d: %v", status, test.want, err)
			}
		})
	}
}

// left leaves what a console leaves for those who look.
func left(t *testing.T, p client.Process) {
	t.Helper()
	if _, err := p.Write(); err != nil {
		t.Skip(err)
	}
}
