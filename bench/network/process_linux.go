package network

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// serverEnv and profileEnv tell a process that it is a server, which one, and where its
// CPU profile goes.
const (
	serverEnv  = "ASYNCIO_BENCH_SERVER"
	profileEnv = "ASYNCIO_BENCH_PROFILE"
)

// A server is a process that serves. It says its address on a line, answers
// questions, and ends when there are no more.
type server struct {
	name    string
	address string
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// Questions, a line each. The answer is a usage in JSON.
const (
	askTime   = "time"
	askMemory = "memory" // with a collection of garbage before
)

// startServer starts this program again, on the server's core.
func startServer(name, profile string, c cores) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding the program to start again: %w", err)
	}
	s := &server{name: name, cmd: exec.Command(self)}
	s.cmd.Env = append(os.Environ(), serverEnv+"="+name, profileEnv+"="+profile, "GOMAXPROCS=1",
		"GNET_LOGGING_LEVEL=2") // errors only: it writes to standard output
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.out = bufio.NewReader(out)
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := startingOn(c.server, c.client, s.cmd.Start); err != nil {
		return nil, fmt.Errorf("starting the server %s: %w", name, err)
	}
	line, err := s.out.ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the server %s did not say its address: %w", name, err), s.stop())
	}
	s.address = strings.TrimSpace(line)
	return s, nil
}

func (s *server) ask(question string) (u usage, err error) {
	if _, err = io.WriteString(s.in, question+"\n"); err != nil {
		return u, fmt.Errorf("asking the server %s: %w", s.name, err)
	}
	line, err := s.out.ReadBytes('\n')
	if err != nil {
		return u, fmt.Errorf("the server %s did not answer: %w", s.name, err)
	}
	return u, json.Unmarshal(line, &u)
}

func (s *server) stop() error {
	s.in.Close()
	if err := s.cmd.Wait(); err != nil {
		return fmt.Errorf("the server %s: %w", s.name, err)
	}
	return nil
}

// profile is the file for a server's profile: that of the last round stays.
func (p Plan) profile(r Row, name string) string {
	if p.Profile == "" {
		return ""
	}
	return filepath.Join(p.Profile, r.Name+"-"+strings.ReplaceAll(name, "/", "-")+".pprof")
}
