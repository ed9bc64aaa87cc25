// Package serve is the command that serves the files of a folder over HTTP, on one loop:
// connections wait on the loop, and the calls of the disk run on threads beside it.
package serve

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/goasyncio/asyncio/cmd/asyncio/internal/cli"
)

const long = `Serve the files of a folder over HTTP, on one event loop.

Each request is told in a line: its method, its path, the status of the answer,
how many bytes of a file or page were sent, and how long that took. Downloads
can be resumed (ranges), and what the browser has already is not sent again.
Nothing outside of the folder is served, whatever symbolic links say; everything
in it is, hidden files too.

The first Ctrl-C ends the server gently: what is being sent gets ten seconds.
The exit status is then 130, and 143 after SIGTERM.`

const examples = `  asyncio serve .
  asyncio serve --address :8080 ~/public
  asyncio serve --address 127.0.0.1:0 --quiet build`

// flags is what the command line says.
type flags struct {
	dir     string
	address string
	quiet   bool
}

// New makes the command.
func New() *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use:     "serve [flags] DIR",
		Short:   "Serve the files of a folder",
		Long:    long,
		Example: examples,
		// No folder is the default: nobody should share one by accident.
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			f.dir = args[0]
			if f.address == "" {
				return cli.Usage(errors.New("--address is empty; give a host and a port, such as 127.0.0.1:8000"))
			}
			root, err := os.OpenRoot(f.dir)
			if err != nil {
				return err
			}
			defer root.Close()
			return newProgram(f, root, c.OutOrStdout()).run(c.Context())
		},
	}
	s := c.Flags()
	s.StringVarP(&f.address, "address", "a", "127.0.0.1:8000", "listen at `HOST:PORT`; port 0 is a free one, no host is every network")
	s.BoolVarP(&f.quiet, "quiet", "q", false, "tell no requests")
	return c
}
