package servers

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/goasyncio/asyncio/aioexec"
)

// User is whom the databases know.
const User = "asyncio"

// Postgres starts a PostgreSQL with a new database, which trusts whoever reaches its
// socket. The caller must call Stop.
func Postgres(ctx context.Context) (*Server, error) {
	path, err := Find("postgres", "postgresql", "/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin")
	if err != nil {
		return nil, err
	}
	// A link to it need not have its companions beside it.
	//asyncio:ok the server is a process of the system, and so is its program
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return nil, err
	}
	s, err := newServer("postgres")
	if err != nil {
		return nil, err
	}
	if err := s.startPostgres(ctx, path); err != nil {
		s.Stop(ctx)
		return nil, err
	}
	return s, nil
}

func (s *Server) startPostgres(ctx context.Context, path string) error {
	// PostgreSQL refuses to run as root.
	as, err := unprivileged(s.Dir)
	if err != nil {
		return err
	}
	data := filepath.Join(s.Dir, "data")
	initdb := aioexec.Command(filepath.Join(filepath.Dir(path), "initdb"),
		"-D", data, "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	// A process must be able to enter its working folder.
	initdb.Dir, initdb.SysProcAttr = s.Dir, as
	if out, err := initdb.CombinedOutput(ctx); err != nil {
		return fmt.Errorf("%s: %w\n%s", initdb, err, out)
	}
	s.Socket = filepath.Join(s.Dir, ".s.PGSQL.5432")
	cmd := aioexec.Command(path, "-D", data, "-k", s.Dir, "-c", "listen_addresses=",
		"-c", "fsync=off", "-c", "shared_buffers=1MB", "-c", "max_connections=20")
	cmd.Dir, cmd.SysProcAttr = s.Dir, as
	cmd.Cancel = func() error { return cmd.Signal(interrupt) }
	return s.start(ctx, cmd, func(ctx context.Context) error {
		return aioexec.Command(filepath.Join(filepath.Dir(path), "pg_isready"), "-h", s.Dir).Run(ctx)
	})
}

// interrupt makes a PostgreSQL end its sessions and itself; at a SIGTERM it would wait for
// the former. Others take it as they take any request to end.
var interrupt = os.Interrupt
