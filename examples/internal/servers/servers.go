// Package servers starts real servers for the examples: as processes of their own, on
// Unix sockets in temporary folders, with nothing that outlives the program.
package servers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aioexec"
)

// startup is how long a server may take to be there.
const startup = time.Minute

// A Server is a process with a socket.
type Server struct {
	Dir    string // what it keeps, and its socket
	Socket string // the path of the socket

	cmd *aioexec.Cmd
}

// Find is the path of a server's program, in the PATH or in one of the places of the
// patterns, of which the last one is taken. The error wraps [exec.ErrNotFound] and says
// how to install it.
func Find(name, pkg string, patterns ...string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	for _, pattern := range patterns {
		if found, _ := filepath.Glob(filepath.Join(pattern, name)); len(found) > 0 {
			return found[len(found)-1], nil
		}
	}
	return "", fmt.Errorf("%s is not installed (on Debian: apt-get install %s): %w", name, pkg, exec.ErrNotFound)
}

// Missing tells whether a program needs a server that is not installed, in which case
// there is nothing to show.
func Missing(err error) bool { return errors.Is(err, exec.ErrNotFound) }

// newServer makes the folder.
//
//asyncio:ok the server is a process of the system, and so are its files
func newServer(name string) (*Server, error) {
	dir, err := os.MkdirTemp("", "asyncio-"+name+"-")
	return &Server{Dir: dir}, err
}

// start starts the process and waits until it is ready, which is when the function says
// so by returning nil. Where that fails what the process has said is in the error.
//
//asyncio:ok the server is a process of the system, and so are its files
func (s *Server) start(ctx context.Context, cmd *aioexec.Cmd, ready func(ctx context.Context) error) error {
	said, err := os.Create(filepath.Join(s.Dir, "log"))
	if err != nil {
		return err
	}
	defer said.Close() // the child has its own
	cmd.Stdout, cmd.Stderr = said, said
	s.cmd = cmd
	if err := cmd.Start(ctx); err != nil {
		return err
	}
	limit, timeout := asyncio.WithTimeout(ctx, startup)
	defer timeout.Cancel()
	for err = ready(limit); err != nil && limit.Err() == nil && cmd.ProcessState == nil; err = ready(limit) {
		asyncio.Sleep(limit, 20*time.Millisecond)
	}
	if err != nil {
		text, _ := os.ReadFile(said.Name())
		return fmt.Errorf("%s is not ready: %w\n%s", cmd, err, text)
	}
	return nil
}

// Stop ends the process and removes its folder. It is a wait that a cancellation does
// not cut short.
func (s *Server) Stop(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	if s.cmd != nil && s.cmd.Process != nil {
		if err := s.cmd.Signal(interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
		s.cmd.Wait(ctx) // a server that was told to end may say so in its status
	}
	return remove(s.Dir)
}

func remove(dir string) error {
	err := os.RemoveAll(dir) //asyncio:ok a folder of a process of the system
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
